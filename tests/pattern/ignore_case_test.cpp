#include "pattern/ignore_case.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pattern/code_points.hpp"

namespace ebagent::pattern {
namespace {

std::string utf8_of(const std::string& units) {
  std::istringstream in(units);
  std::string out;
  for (std::uint32_t unit = 0; in >> std::hex >> unit;) append_code_point(out, unit);
  return out;
}

TEST(CaselessText, EqualsTheLowerAndUpperFormOfEveryUnitOfTheTable) {
  std::ifstream table(std::string(EBAGENT_TEST_DATA) + "/vectors/ignore-case-table.tsv");
  std::size_t lines = 0;
  for (std::string line; std::getline(table, line); ++lines) {
    std::istringstream columns(line);
    std::string unit;
    std::string lower;
    std::string upper;
    std::getline(columns, unit, '\t');
    std::getline(columns, lower, '\t');
    std::getline(columns, upper, '\t');
    const CaselessText text("\xC3\x97" +
                            utf8_of(unit));  // a sign without case before it keeps the text beyond ASCII

    EXPECT_TRUE(text.equals("\xC3\x97" + utf8_of(lower))) << line;
    EXPECT_TRUE(text.equals("\xC3\x97" + utf8_of(upper))) << line;
    EXPECT_TRUE(text.is_suffix_of("x\xC3\x97" + utf8_of(upper))) << line;
    EXPECT_FALSE(text.equals("\xC3\x97" + utf8_of(lower) + "x")) << line;
  }
  EXPECT_GT(lines, 2000u);
}

TEST(CaselessText, ComparesAsciiInBothDirections) {
  const CaselessText text("AbC");

  EXPECT_TRUE(text.equals("aBc"));
  EXPECT_TRUE(text.is_prefix_of("ABCd"));
  EXPECT_TRUE(text.is_suffix_of("dabc"));
  EXPECT_FALSE(text.equals("ab"));
}

TEST(CaselessText, KelvinSignIsNoLetterK) {
  EXPECT_FALSE(CaselessText("k").equals("\xE2\x84\xAA"));
  EXPECT_TRUE(CaselessText("\xE2\x84\xAA").equals("k"));
}

TEST(CaselessText, SharpSStandsForTwoCapitals) {
  EXPECT_TRUE(CaselessText("stra\xC3\x9F"
                           "e")
                  .equals("STRASSE"));
  EXPECT_FALSE(CaselessText("stra\xC3\x9F"
                            "e")
                   .equals("strasse"));
}

TEST(CaselessText, CharactersAboveTheBasicPlaneEqualThemselves) {
  EXPECT_TRUE(CaselessText("\xF0\x90\x90\x80x").equals("\xF0\x90\x90\x80X"));
  EXPECT_FALSE(CaselessText("\xF0\x90\x90\x80").equals("\xF0\x90\x90\xA8"));
}

}  // namespace
}  // namespace ebagent::pattern
