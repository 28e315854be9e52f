#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "pattern/cases.hpp"

namespace ebagent::pattern {
namespace {

// Runs a file of cases; everything printed, so that a failing assertion shows the disagreements.
std::string run_file(const std::string& name) {
  std::ifstream in(std::string(EBAGENT_TEST_DATA) + "/vectors/" + name);
  std::ostringstream out;
  run_cases(in, out);
  return out.str();
}

TEST(Conformance, AgreesWithEveryGeneratedCase) {
  EXPECT_EQ(run_file("open.jsonl"), "3035 agree, 0 disagree\n");
}

TEST(Conformance, AgreesWithEveryCaseOfTheReferenceSuite) {
  EXPECT_EQ(run_file("reference-suite.jsonl"), "739 agree, 0 disagree\n");
}

TEST(Conformance, AgreesWithEveryAnswerRecordedFromAws) {
  EXPECT_EQ(run_file("aws-recorded.jsonl"), "168 agree, 0 disagree\n");
}

TEST(Conformance, PrintsDisagreementsAndCountsThem) {
  std::istringstream in(
      "{\"id\":\"one\",\"patterns\":[{\"name\":\"r\",\"pattern\":\"{\\\"a\\\":[1]}\"}],\"event\":\"{"
      "\\\"a\\\":1}\",\"matched\":[]}\n"
      "no case\n");
  std::ostringstream out;

  EXPECT_EQ(run_cases(in, out), 2u);
  EXPECT_NE(out.str().find("one: matches [r], should match []"), std::string::npos);
  EXPECT_NE(out.str().find("0 agree, 2 disagree"), std::string::npos);
}

}  // namespace
}  // namespace ebagent::pattern
