#include "pattern/number.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "support/fixed_random.hpp"

namespace ebagent::pattern {
namespace {

TEST(ComparableNumber, IsTheShortestDecimalOfItsDouble) {
  for (const char* text :
       {"0.1", "-17e-1", "0.000E5", "1000000000000000000000", "1.7976931348623157e308", "4.9e-324"}) {
    EXPECT_TRUE(comparable_number(text)) << text;
  }
}

TEST(ComparableNumber, IsNoneWhereADoubleWouldChangeTheValue) {
  for (const char* text : {"0.10000000000000000001", "9007199254740993", "1e400", "1e-400", "5e-324",
                           "1e99999999999999999999999"}) {
    EXPECT_FALSE(comparable_number(text)) << text;
  }
}

TEST(ComparableNumber, IgnoresZerosThatDoNotCount) {
  EXPECT_EQ(comparable_number("1" + std::string(300, '0') + "e-300"), number_of("1"));
  EXPECT_EQ(comparable_number("0." + std::string(300, '0') + "1e301"), number_of("1"));
  EXPECT_EQ(comparable_number("1.5" + std::string(1000, '0')), number_of("1.5"));
}

TEST(ComparableNumber, IsEveryShortestFormAndNoOther) {
  testing::FixedRandom random(12);
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::bit_cast<double>(random.next());
    if (!std::isnormal(value)) continue;
    std::array<char, 40> buffer{};
    const auto written = [&](auto... format) {
      return std::string(buffer.data(),
                         std::to_chars(buffer.data(), buffer.data() + 40, value, format...).ptr);
    };
    const std::string shortest = written(std::chars_format::scientific);
    const std::string longer = written(std::chars_format::scientific, 16);

    ASSERT_TRUE(comparable_number(shortest)) << shortest;
    ASSERT_EQ(comparable_number(longer).has_value(), number_of(longer) == number_of(shortest)) << longer;
  }
}

TEST(Number, IsTheSameInEverySpelling) {
  const std::vector<std::vector<const char*>> spellings = {
      {"0", "-0", "0.0", "0e5", "0.000000000000000000000000", "0.0000000000000000"},
      {"100", "1e2", "100.0", "1.00E+2", "0.1e3", "1000e-1", "100.000000000000000"},
      {"-122.42916360922355", "-1.2242916360922355e2", "-12242916360922355e-14", "-122.429163609223550"},
      {"0.001", "1e-3", "0.0010000000000000"},
      {"0.1234567890123456", "1234567890123456e-16"},
  };

  for (const auto& same : spellings) {
    for (const char* text : same) EXPECT_EQ(number_of(text), number_of(same.front())) << text;
  }
}

TEST(Number, IsOrderedAsDoublesAre) {
  testing::FixedRandom random(11);
  const auto draw = [&random] {
    std::string text = random.next() % 2 == 0 ? "-" : "";
    text += std::to_string(random.next() % (random.next() % 2 == 0 ? 3 : 2'000'000));
    if (random.next() % 2 == 0) text += "." + std::to_string(random.next() % 1'000'000'000);
    if (random.next() % 3 == 0) text += "e" + std::to_string(int(random.next() % 9) - 4);
    return text;
  };
  const auto double_of = [](const std::string& text) {
    double out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
  };
  for (int i = 0; i < 100'000; ++i) {
    const std::string a = draw();
    const std::string b = draw();
    const Number left = number_of(a).value();
    const Number right = number_of(b).value();

    ASSERT_EQ(left < right, double_of(a) < double_of(b)) << a << " " << b;
    ASSERT_EQ(left == right, double_of(a) == double_of(b)) << a << " " << b;
    if (left < right) {
      ASSERT_LE(left.coarse(), right.coarse()) << a << " " << b;
    }
  }
}

TEST(Number, StandsBetweenTheLowestAndTheHighest) {
  for (const char* text :
       {"1.7976931348623157e308", "-1.7976931348623157e308", "1e999999", "-1e999999", "4.9e-324", "0"}) {
    EXPECT_GT(number_of(text), kLowestNumber) << text;
    EXPECT_LT(number_of(text), kHighestNumber) << text;
  }
}

}  // namespace
}  // namespace ebagent::pattern
