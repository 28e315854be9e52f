#include "schedule/time_zone.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include "core/time_format.hpp"
#include "schedule/posix_zone.hpp"

namespace ebagent::schedule {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::filesystem::path kZones = "/usr/share/zoneinfo";

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

TimeZone zone(const std::string& name) {
  auto zone = TimeZone::parse(bytes_of(kZones / name));
  if (!zone) throw std::runtime_error(name + ": " + zone.error().message);
  return std::move(zone).value();
}

TimePoint utc(const std::string& text) {
  return core::parse_rfc3339(text).value();
}

LocalTime local(const std::string& text) {
  return LocalTime{core::parse_rfc3339(text + "Z").value().time_since_epoch()};
}

std::string first_instant(const TimeZone& of, const std::string& shown) {
  const auto instant = of.first_instant_of(local(shown));
  return instant ? core::format_utc_seconds(*instant) : "skipped";
}

TEST(TimeZone, IsUtcByDefault) {
  EXPECT_EQ(TimeZone{}.offset_at(utc("2026-07-01T00:00:00Z")), seconds{0});
  EXPECT_EQ(first_instant(TimeZone{}, "2026-07-01T12:30:00"), "2026-07-01T12:30:00Z");
}

TEST(TimeZone, KnowsSummerAndWinter) {
  const TimeZone berlin = zone("Europe/Berlin");

  EXPECT_EQ(berlin.offset_at(utc("2026-01-15T12:00:00Z")), hours{1});
  EXPECT_EQ(berlin.offset_at(utc("2026-07-15T12:00:00Z")), hours{2});
  EXPECT_EQ(berlin.offset_at(utc("2026-03-29T00:59:59Z")), hours{1});
  EXPECT_EQ(berlin.offset_at(utc("2026-03-29T01:00:00Z")), hours{2});
}

TEST(TimeZone, KnowsTheYearsBehindItsTransitions) {
  EXPECT_EQ(zone("Europe/Berlin").offset_at(utc("2150-07-15T12:00:00Z")), hours{2});
  EXPECT_EQ(zone("America/New_York").offset_at(utc("2190-12-15T12:00:00Z")), -hours{5});
  EXPECT_EQ(zone("Australia/Lord_Howe").offset_at(utc("2100-01-15T12:00:00Z")), hours{11});
}

TEST(TimeZone, SkipsALocalTimeInSpring) {
  const TimeZone berlin = zone("Europe/Berlin");

  EXPECT_EQ(first_instant(berlin, "2026-03-29T01:59:59"), "2026-03-29T00:59:59Z");
  EXPECT_EQ(first_instant(berlin, "2026-03-29T02:00:00"), "skipped");
  EXPECT_EQ(first_instant(berlin, "2026-03-29T02:59:59"), "skipped");
  EXPECT_EQ(first_instant(berlin, "2026-03-29T03:00:00"), "2026-03-29T01:00:00Z");
}

TEST(TimeZone, TakesTheFirstOfTwoInAutumn) {
  const TimeZone berlin = zone("Europe/Berlin");

  EXPECT_EQ(first_instant(berlin, "2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(first_instant(berlin, "2026-10-25T03:00:00"), "2026-10-25T02:00:00Z");
}

TEST(TimeZone, KnowsAHalfHourAndWinterAsTheException) {
  EXPECT_EQ(first_instant(zone("Australia/Lord_Howe"), "2026-10-04T02:15:00"), "skipped");
  EXPECT_EQ(first_instant(zone("Australia/Lord_Howe"), "2026-04-05T01:45:00"), "2026-04-04T14:45:00Z");
  EXPECT_EQ(zone("Europe/Dublin").offset_at(utc("2060-01-15T12:00:00Z")), hours{0});
  EXPECT_EQ(zone("Europe/Dublin").offset_at(utc("2060-07-15T12:00:00Z")), hours{1});
}

TEST(TimeZone, RefusesBytesThatAreNoZoneFile) {
  const std::string good = bytes_of(kZones / "Europe/Berlin");
  ASSERT_FALSE(good.empty());

  EXPECT_FALSE(TimeZone::parse(""));
  EXPECT_FALSE(TimeZone::parse("TZif2"));
  EXPECT_FALSE(TimeZone::parse(std::string(200, '\0')));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(TimeZone::parse(std::string_view{good}.substr(0, size))) << size;
  }
}

TEST(TimeZone, BearsAnyByteInItsFileBeingWrong) {
  const std::string good = bytes_of(kZones / "Europe/Berlin");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char bits : {'\x01', '\x7F', '\xFF'}) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ bits);
      const auto parsed = TimeZone::parse(damaged);
      if (parsed) static_cast<void>(parsed.value().first_instant_of(local("2026-03-29T02:00:00")));
    }
  }
}

TEST(PosixZone, RefusesWhatIsNoRule) {
  for (const char* text :
       {"", "C", "CET", "CET-", "CET-168", "CET-1:60", "CET-1CEST", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300", "CET-1CEST,J1,J366", "CET-1CEST,M3.5.0,M10.5.0/3x", "<+03-3"}) {
    EXPECT_FALSE(parse_posix_zone(text)) << text;
  }
}

TEST(PosixZone, CountsDaysOfTheYear) {
  const auto julian = parse_posix_zone("AAA0BBB,J60/0,J300/0").value();
  const auto zero_based = parse_posix_zone("AAA0BBB,59/0,300/0").value();
  const auto at = [](const std::string& text) { return utc(text).time_since_epoch() / seconds{1}; };

  // In a leap year J60 is still the first of March; the 59th day from 0 is the 29th of February.
  EXPECT_EQ(julian.offset_at(at("2028-02-29T23:59:59Z")), hours{0});
  EXPECT_EQ(julian.offset_at(at("2028-03-01T00:00:00Z")), hours{1});
  EXPECT_EQ(zero_based.offset_at(at("2028-02-29T00:00:00Z")), hours{1});
  EXPECT_EQ(zero_based.offset_at(at("2027-02-28T23:59:59Z")), hours{0});
}

TEST(PosixZone, ReadsTimesBeforeMidnightAndBeyondTheDay) {
  // Nuuk changes on the Saturday evening before the last Sunday; Gaza on a Saturday 50 hours after Thursday.
  const auto nuuk = parse_posix_zone("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").value();
  const auto gaza = parse_posix_zone("EET-2EEST,M3.4.4/50,M10.4.4/50").value();
  const auto at = [](const std::string& text) { return utc(text).time_since_epoch() / seconds{1}; };

  EXPECT_EQ(nuuk.offset_at(at("2030-03-31T00:59:59Z")), -hours{2});
  EXPECT_EQ(nuuk.offset_at(at("2030-03-31T01:00:00Z")), -hours{1});
  EXPECT_EQ(gaza.offset_at(at("2030-03-29T23:59:59Z")), hours{2});
  EXPECT_EQ(gaza.offset_at(at("2030-03-30T00:00:00Z")), hours{3});
}

// Lines "ZONE utc INSTANT OFFSET" and "ZONE local TIME INSTANT|skipped", made by make_zone_oracle.py with
// Python's zoneinfo. Returns how many were right.
int check_against(std::istream& lines) {
  int checked = 0;
  std::string name;
  std::string loaded;
  TimeZone of;
  std::string kind;
  std::string asked;
  std::string answer;
  while (lines >> name >> kind >> asked >> answer) {
    if (name != loaded) of = zone(loaded = name);
    if (kind == "utc") {
      EXPECT_EQ(std::to_string(of.offset_at(utc(asked)).count()), answer) << name << " " << asked;
    } else {
      EXPECT_EQ(first_instant(of, asked), answer) << name << " " << asked;
    }
    if (::testing::Test::HasFailure()) return checked;
    ++checked;
  }
  return checked;
}

TEST(TimeZoneOracle, AgreesWithTheTableOnEveryZone) {
  std::ifstream table{std::filesystem::path{EBAGENT_TEST_DATA} / "zone_oracle.txt"};
  ASSERT_TRUE(table);

  EXPECT_GT(check_against(table), 3'000);
}

// All zones of this machine, around each of their changes from 1970 to 2200, by this machine's Python.
TEST(TimeZoneOracle, AgreesWithPythonOnThisMachine) {
  const std::string script = std::string{EBAGENT_TEST_DATA} + "/make_zone_oracle.py";
  const std::string command = "/usr/bin/python3 " + script + " all 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  std::array<char, 65'536> buffer{};
  for (std::size_t read = 0; (read = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), read);
  }
  const int status = ::pclose(pipe);
  if (status != 0 || text.empty()) GTEST_SKIP() << "no python3 with zoneinfo here";
  std::istringstream lines{text};

  EXPECT_GT(check_against(lines), 100'000);
}

}  // namespace
}  // namespace ebagent::schedule
