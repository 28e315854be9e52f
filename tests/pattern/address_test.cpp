#include "pattern/address.hpp"

#include <gtest/gtest.h>

namespace ebagent::pattern {
namespace {

TEST(Address, ReadsBothFamilies) {
  EXPECT_EQ(parse_address("1.2.3.4"), (Address{true, 0, 0x01020304}));
  EXPECT_EQ(parse_address("2001:db8::1"), (Address{false, 0x20010db800000000, 1}));
  EXPECT_EQ(parse_address("::"), (Address{false, 0, 0}));
  EXPECT_EQ(parse_address("1:2:3:4:5:6:7::"), (Address{false, 0x0001000200030004, 0x0005000600070000}));
  EXPECT_EQ(parse_address("::ffff:102:304"), (Address{true, 0, 0x01020304}));
}

TEST(Address, RefusesWhatIsNoLiteral) {
  for (const char* text : {"", ":", ":::", "1.2.3", "1.2.3.256", "1.2.3.4.", "1:2", "12345::", "1::2::3",
                           "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4", "localhost", "0000000001.2.3.4"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(AddressBlock, HoldsTheAddressesThatShareItsFirstBits) {
  const AddressBlock block = parse_address_block("10.1.2.3/9").value();

  EXPECT_TRUE(block.contains(*parse_address("10.127.255.255")));
  EXPECT_FALSE(block.contains(*parse_address("10.128.0.0")));
  EXPECT_TRUE(parse_address_block("::/0").value().contains(*parse_address("ffff::")));
  EXPECT_TRUE(parse_address_block("2001:db8::/65").value().contains(*parse_address("2001:db8::7fff:0:0:1")));
  EXPECT_FALSE(parse_address_block("2001:db8::/65").value().contains(*parse_address("2001:db8::8000:0:0:1")));
}

TEST(AddressBlock, RefusesBlocksOfOneAddress) {
  EXPECT_FALSE(parse_address_block("10.0.0.0/32"));
  EXPECT_FALSE(parse_address_block("::1/128"));
  EXPECT_FALSE(parse_address_block("10.0.0.0/-1"));
  EXPECT_FALSE(parse_address_block("10.0.0.0/99999999999"));
}

}  // namespace
}  // namespace ebagent::pattern
