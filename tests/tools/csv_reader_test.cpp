#include "tools/csv_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ebagent::tools {
namespace {

// What came out of a text: rows as "line: a|b|c", problems as "line! reason", in the order of their coming.
struct Reading {
  std::vector<std::string> lines;
  Result<void> outcome = success();
};

Reading read(std::string_view text, std::size_t piece, CsvLimits limits = {}) {
  Reading reading;
  CsvReader reader{',', limits,
                   [&](CsvRow&& row) -> Result<void> {
                     std::string shown = std::to_string(row.line) + ":";
                     for (std::size_t i = 0; i < row.fields.size(); ++i)
                       shown += (i == 0 ? " " : "|") + row.fields[i];
                     reading.lines.push_back(shown);
                     return success();
                   },
                   [&](CsvProblem&& problem) {
                     reading.lines.push_back(std::to_string(problem.line) + "! " + problem.reason);
                   }};
  for (std::size_t at = 0; at < text.size() && reading.outcome; at += piece) {
    reading.outcome = reader.feed(text.substr(at, piece));
  }
  if (reading.outcome) reading.outcome = reader.finish();
  return reading;
}

struct Case {
  std::string name;
  std::string text;
  std::vector<std::string> expected;
};

class CsvReaderCases : public ::testing::TestWithParam<Case> {};

TEST_P(CsvReaderCases, ReadsTheSameHoweverTheFileIsCut) {
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{1'000'000}}) {
    const Reading reading = read(GetParam().text, piece);

    ASSERT_TRUE(reading.outcome) << reading.outcome.error().message;
    EXPECT_EQ(reading.lines, GetParam().expected) << "in pieces of " << piece;
  }
}

const std::string kNotClosed = "a quote is opened and never closed";
const std::string kAfterQuote = "text follows the closing quote of a field";
const std::string kInside = "a quote stands inside a field that does not begin with one";

INSTANTIATE_TEST_SUITE_P(
    NastyFiles, CsvReaderCases,
    ::testing::Values(
        Case{"Empty", "", {}}, Case{"OneLineBreak", "\n", {}}, Case{"OnlyAMark", "\xEF\xBB\xBF", {}},
        Case{"Plain", "a,b\n1,2\n", {"1: a|b", "2: 1|2"}},
        Case{"NoBreakAtTheEnd", "a,b\n1,2", {"1: a|b", "2: 1|2"}},
        Case{"Mark",
             "\xEF\xBB\xBF"
             "a,b\n",
             {"1: a|b"}},
        Case{"WindowsBreaks", "a,b\r\n1,2\r\n", {"1: a|b", "2: 1|2"}},
        Case{"OldMacBreaks", "a,b\r1,2\r", {"1: a|b", "2: 1|2"}},
        Case{"MixedBreaks", "a\r\nb\nc\rd", {"1: a", "2: b", "3: c", "4: d"}},
        Case{"EmptyLines", "a\n\n\r\n\nb\n", {"1: a", "5: b"}},
        Case{"EmptyFields", ",\n,,\n", {"1: |", "2: ||"}}, Case{"Quoted", "\"a\",\"b,c\"\n", {"1: a|b,c"}},
        Case{"DoubledQuotes", "\"a \"\"b\"\" c\",\"\"\"\"\n", {"1: a \"b\" c|\""}},
        Case{"BreakInQuotes", "a,\"x\ny\",b\nnext\n", {"1: a|x\ny|b", "3: next"}},
        Case{"WindowsBreakInQuotes", "\"x\r\ny\"\r\nnext\r\n", {"1: x\r\ny", "3: next"}},
        Case{"SpacesAreKept", " a , \tb \n", {"1:  a | \tb "}},
        Case{"QuoteInside", "ab\"c,d\nnext\n", {"1! " + kInside, "2: next"}},
        Case{"TextAfterQuote", "\"a\"b,c\nnext\n", {"1! " + kAfterQuote, "2: next"}},
        Case{"NeverClosed", "\"a,b\nnext,1\nlast,2\n", {"1! " + kNotClosed, "2: next|1", "3: last|2"}},
        Case{"NeverClosedThenQuoted",
             "1,\"open\n2,\"fine\"\n3,x\n",
             {"1! " + kAfterQuote, "2: 2|fine", "3: 3|x"}},
        Case{"OnlyAQuote", "\"", {"1! " + kNotClosed}}, Case{"OnlyQuotes", "\"\"\"", {"1! " + kNotClosed}},
        Case{"Nul", std::string("a\0b\nc\n", 6), {"1! a field has a NUL byte", "2: c"}},
        Case{"NotUtf8", "a\xFF\nb\n", {"1! a field is not valid UTF-8", "2: b"}},
        Case{"Unicode", "ü,€,😀\n", {"1: ü|€|😀"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(CsvReader, GivesUpARowThatIsTooLongAndGoesOnBehindIt) {
  const CsvLimits limits{.max_field_bytes = 10, .max_row_bytes = 20, .max_fields = 4};
  const std::string text = "a,b\n" + std::string(5'000, 'x') +
                           "\nc,d\n1,2,3,4,5\naaaaaaaa,bbbbbbbb,cccccccc\n\"" + std::string(50, 'y') +
                           "\"\nlast\n";
  for (const std::size_t piece : {std::size_t{3}, std::size_t{64}, std::size_t{100'000}}) {
    const Reading reading = read(text, piece, limits);

    ASSERT_TRUE(reading.outcome);
    EXPECT_EQ(reading.lines.front(), "1: a|b");
    EXPECT_EQ(reading.lines.back(), "7: last");
    EXPECT_EQ(reading.lines.size(), 7U);
    EXPECT_EQ(reading.lines[1], "2! a field has more than 10 bytes");
    EXPECT_EQ(reading.lines[3], "4! the row has more than 4 fields");
  }
}

TEST(CsvReader, RefusesUtf16WithAHint) {
  const Reading reading = read(std::string("\xFF\xFE"
                                           "a\0,\0b\0",
                                           8),
                               4);

  ASSERT_FALSE(reading.outcome);
  EXPECT_EQ(reading.outcome.error().message, "The file is UTF-16; save it as CSV in UTF-8.");
}

TEST(CsvReader, ReadsManyUnclosedQuotesInLinearTime) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "\"open\n\"\"closed\n";

  const Reading reading = read(text, 64 * 1024);

  EXPECT_TRUE(reading.outcome);
  EXPECT_FALSE(reading.lines.empty());
}

}  // namespace
}  // namespace ebagent::tools
