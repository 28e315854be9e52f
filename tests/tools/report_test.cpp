#include "tools/report.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "support/temporary_folder.hpp"

namespace ebagent::tools {
namespace {

using std::chrono::hours;

const TimePoint kFour = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} + hours{16};

std::string text_of_pdf(const std::string& pdf) {
  const testing::TemporaryFolder folder;
  folder.write("report.pdf", pdf);
  const std::string command = "pdftotext -layout '" + (folder.path() / "report.pdf").string() + "' - 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string text;
  char chunk[4096];
  std::size_t count = 0;
  while ((count = std::fread(chunk, 1, sizeof chunk, pipe)) > 0) text.append(chunk, count);
  ::pclose(pipe);
  return text;
}

bool has_pdftotext() {
  return std::system("command -v pdftotext >/dev/null 2>&1") == 0;
}

TEST(Report, NamesTheReportAfterItsHour) {
  EXPECT_EQ(hourly_report_key(hour_of(kFour + std::chrono::minutes{59})), "hourly/2026-01-26-16.pdf");
}

TEST(Report, IsAPdfThatDependsOnItsArgumentsAlone) {
  const std::vector<EventCount> counts{{"aws.s3", "Object Created", kFour, 3}};

  const auto first = hourly_report(kFour, counts);
  const auto second = hourly_report(kFour, counts);

  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first.value().starts_with("%PDF-1."));
  EXPECT_NE(first.value().find("%%EOF"), std::string::npos);
  EXPECT_EQ(first.value(), second.value());
}

TEST(Report, ShowsTitleTableAndChart) {
  if (!has_pdftotext()) GTEST_SKIP() << "pdftotext is not installed";
  const auto pdf = hourly_report(kFour, {{"aws.s3", "Object Created", kFour, 3},
                                         {"aws.s3", "Object Created", kFour - hours{2}, 39},
                                         {"myapp.orders", "Order Placed", kFour, 1},
                                         {"out.of.range", "Old", kFour - hours{24}, 77},
                                         {"out.of.range", "Future", kFour + hours{1}, 77}});
  ASSERT_TRUE(pdf);

  const std::string text = text_of_pdf(pdf.value());

  for (const char* expected : {"Hourly report, 2026-01-26 16:00 to 17:00 UTC", "Object Created",
                               "myapp.orders", "42", "Total", "43", "39", "Events by hour (UTC)"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
  EXPECT_EQ(text.find("out.of.range"), std::string::npos);
}

TEST(Report, SumsUpTheKindsThatDoNotFit) {
  if (!has_pdftotext()) GTEST_SKIP() << "pdftotext is not installed";
  std::vector<EventCount> counts;
  for (int i = 0; i < 100; ++i) counts.push_back({"source." + std::to_string(i), "Thing Happened", kFour, 1});

  const auto pdf = hourly_report(kFour, counts);

  ASSERT_TRUE(pdf);
  const std::string text = text_of_pdf(pdf.value());
  EXPECT_NE(text.find("and 77 more kinds"), std::string::npos) << text;
  EXPECT_NE(text.find("100"), std::string::npos) << text;
}

TEST(Report, SurvivesNamesThatNoFontCanShow) {
  const auto pdf = hourly_report(kFour, {{"日本語 ü € 😀", std::string(5'000, 'W') + "\n\x01(", kFour, 1}});

  ASSERT_TRUE(pdf) << pdf.error().message;
}

TEST(Report, IsMadeOfNoEventsToo) {
  const auto pdf = hourly_report(kFour, {});

  ASSERT_TRUE(pdf) << pdf.error().message;
}

}  // namespace
}  // namespace ebagent::tools
