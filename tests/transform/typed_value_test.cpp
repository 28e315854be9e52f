#include "transform/typed_value.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace ebagent::transform {
namespace {

const boost::json::value& document() {
  static const boost::json::value value =
      core::parse_json(
          R"({"text":"a","flag":true,"whole":80.0,"part":99.99,"big":18446744073709551615,"low":-3,
                           "huge":1e300,"edge":9223372036854775808.0,"list":[{"n":1},{"n":2}]})")
          .value();
  return value;
}

Path path(std::string_view text) {
  return Path::parse(text).value();
}

TEST(TypedValue, ReadsEachKindAsItsOwnType) {
  EXPECT_EQ(value_of<std::string>(document(), path("$.text")), "a");
  EXPECT_EQ(value_of<bool>(document(), path("$.flag")), true);
  EXPECT_EQ(value_of<int>(document(), path("$.low")), -3);
  EXPECT_EQ(value_of<double>(document(), path("$.part")), 99.99);
  EXPECT_EQ(value_of<double>(document(), path("$.low")), -3.0);
  EXPECT_EQ(value_of<boost::json::value>(document(), path("$.list[0].n")), boost::json::value(1));
}

TEST(TypedValue, ReadsAWholeNumberWrittenWithAFraction) {
  EXPECT_EQ(value_of<int>(document(), path("$.whole")), 80);
}

TEST(TypedValue, ReadsNoPartAsAWholeNumber) {
  EXPECT_EQ(value_of<int>(document(), path("$.part")), std::nullopt);
}

TEST(TypedValue, ReadsNoNumberOutOfTheRangeOfItsType) {
  EXPECT_EQ(value_of<unsigned>(document(), path("$.low")), std::nullopt);
  EXPECT_EQ(value_of<std::int64_t>(document(), path("$.big")), std::nullopt);
  EXPECT_EQ(value_of<std::uint64_t>(document(), path("$.big")), 18446744073709551615ULL);
  EXPECT_EQ(value_of<std::int64_t>(document(), path("$.huge")), std::nullopt);
  EXPECT_EQ(value_of<std::int64_t>(document(), path("$.edge")), std::nullopt);
  EXPECT_EQ(value_of<std::uint64_t>(document(), path("$.edge")), 9223372036854775808ULL);
}

TEST(TypedValue, ConvertsNothingBetweenKinds) {
  EXPECT_EQ(value_of<std::string>(document(), path("$.low")), std::nullopt);
  EXPECT_EQ(value_of<int>(document(), path("$.text")), std::nullopt);
  EXPECT_EQ(value_of<int>(document(), path("$.flag")), std::nullopt);
  EXPECT_EQ(value_of<bool>(document(), path("$.low")), std::nullopt);
}

TEST(TypedValue, FallsBackWhenThePathIsMissingOrOfAnotherKind) {
  EXPECT_EQ(value_or<int>(document(), path("$.missing"), 7), 7);
  EXPECT_EQ(value_or<std::string>(document(), path("$.low"), "none"), "none");
  EXPECT_EQ(value_or<int>(document(), path("$.low"), 7), -3);
}

TEST(TypedValue, ReadsTheListOfAWildcard) {
  EXPECT_EQ(value_of<boost::json::value>(document(), path("$.list[*].n")), boost::json::value({1, 2}));
}

}  // namespace
}  // namespace ebagent::transform
