#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "support/fixed_random.hpp"

namespace ebagent::core {
namespace {

TEST(UuidV7, HasTheVersionAndVariantOfRfc9562) {
  testing::FixedRandom random;

  const std::string id = uuid_v7(TimePoint{Duration{1'700'000'000'000}}, random);

  EXPECT_TRUE(
      std::regex_match(id, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
      << id;
}

TEST(UuidV7, SortsByTime) {
  testing::FixedRandom random;

  EXPECT_LT(uuid_v7(TimePoint{Duration{1'000}}, random), uuid_v7(TimePoint{Duration{1'001}}, random));
}

TEST(UuidFromName, IsAFunctionOfTheNameAlone) {
  EXPECT_EQ(uuid_from_name("run/1"), uuid_from_name("run/1"));
  EXPECT_NE(uuid_from_name("run/1"), uuid_from_name("run/2"));
}

TEST(Sha256Hex, AgreesWithTheStandardsExample) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ebagent::core
