#include "pattern/number.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ebagent::pattern {
namespace {

TEST(ComparableNumber, IsTheShortestDecimalOfItsDouble) {
  EXPECT_EQ(comparable_number("0.1"), 0.1);
  EXPECT_EQ(comparable_number("-17e-1"), -1.7);
  EXPECT_EQ(comparable_number("0.000E5"), 0.0);
  EXPECT_EQ(comparable_number("1000000000000000000000"), 1e21);
  EXPECT_EQ(comparable_number("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(comparable_number("4.9e-324"), 4.9e-324);
}

TEST(ComparableNumber, IsNoneWhereADoubleWouldChangeTheValue) {
  EXPECT_FALSE(comparable_number("0.10000000000000000001"));
  EXPECT_FALSE(comparable_number("9007199254740993"));
  EXPECT_FALSE(comparable_number("1e400"));
  EXPECT_FALSE(comparable_number("1e-400"));
  EXPECT_FALSE(comparable_number("5e-324"));
  EXPECT_FALSE(comparable_number("1e99999999999999999999999"));
}

TEST(ComparableNumber, IgnoresZerosThatDoNotCount) {
  EXPECT_EQ(comparable_number("1" + std::string(300, '0') + "e-300"), 1.0);
  EXPECT_EQ(comparable_number("0." + std::string(300, '0') + "1e301"), 1.0);
  EXPECT_EQ(comparable_number("1.5" + std::string(1000, '0')), 1.5);
}

}  // namespace
}  // namespace ebagent::pattern
