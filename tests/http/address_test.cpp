#include "http/address.hpp"

#include <gtest/gtest.h>

namespace ebagent::http {
namespace {

TEST(AddressTest, AddressesOfThePublicInternetAreTold) {
  for (const char* text : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1",
                           "100.63.255.255", "100.128.0.1", "169.253.0.1", "223.255.255.255",
                           "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(Address::parse(text)->is_public()) << text;
  }
}

TEST(AddressTest, SpecialPurposeAddressesAreTold) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "169.254.170.2",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::2",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:0:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2002:808:808::1",
                           "3fff::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1"}) {
    EXPECT_FALSE(Address::parse(text)->is_public()) << text;
  }
}

TEST(AddressTest, OnlyPlainSpellingsAreAddresses) {
  for (const char* text : {"", "1", "127.1", "0x7f.0.0.1", "127.0.0.01", "1.2.3.4.5", "256.1.1.1", "::1%lo",
                           "[::1]", " 1.1.1.1", "1.1.1.1 ", "localhost"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
}

TEST(AddressTest, BothSpellingsOfAnIpv4AddressAreOne) {
  EXPECT_EQ(Address::parse("::ffff:10.0.0.1"), Address::parse("10.0.0.1"));
  EXPECT_EQ(Address::parse("::ffff:10.0.0.1")->text(), "10.0.0.1");
  EXPECT_EQ(Address::parse("2001:DB8:0::1")->text(), "2001:db8::1");
}

TEST(NetworkTest, HoldsTheAddressesThatBeginAlike) {
  const Network network = *Network::parse("10.1.0.0/20");
  EXPECT_TRUE(network.contains(*Address::parse("10.1.15.255")));
  EXPECT_FALSE(network.contains(*Address::parse("10.1.16.0")));
  EXPECT_TRUE(Network::parse("fd00::/8")->contains(*Address::parse("fd12::1")));
  EXPECT_FALSE(Network::parse("fd00::/8")->contains(*Address::parse("fe80::1")));
  EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains(*Address::parse("8.8.8.8")));
  EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains(*Address::parse("::1")));
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "x", "::/129", "10.0.0.0/8x"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace ebagent::http
