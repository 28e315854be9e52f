#include "core/percent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ebagent::core {
namespace {

TEST(Percent, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/c:d+é"), "a%20b%2Fc%3Ad%2B%C3%A9");
  EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c");
}

TEST(Percent, DecodesWhatItEncodes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);

  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%2f%2F+"), "//+");
}

TEST(Percent, LeavesAStrayPercentSignAsItIs) {
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

}  // namespace
}  // namespace ebagent::core
