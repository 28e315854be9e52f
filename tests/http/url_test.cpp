#include "http/url.hpp"

#include <gtest/gtest.h>

namespace ebagent::http {
namespace {

TEST(Url, IsReadIntoItsParts) {
  const auto url = parse_url("HTTPS://Example.com:8443/a%2Fb/?x=1&y#part");

  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url.value().scheme, "https");
  EXPECT_EQ(url.value().authority, "example.com:8443");
  EXPECT_EQ(url.value().host, "example.com");
  EXPECT_EQ(url.value().path, "/a%2Fb/");
  EXPECT_EQ(url.value().query, "x=1&y");
  EXPECT_EQ(url.value().fragment, "part");
  EXPECT_EQ(url.value().origin(), "https://example.com:8443");
}

TEST(Url, TheSchemesOwnPortIsNotPartOfTheAuthority) {
  EXPECT_EQ(parse_url("https://h:443").value().authority, "h");
  EXPECT_EQ(parse_url("http://h:443").value().authority, "h:443");
  EXPECT_EQ(parse_url("http://h").value().path, "/");
}

TEST(Url, KnowsThisMachine) {
  for (const char* text : {"http://localhost:1", "http://127.0.0.1/", "http://127.9.9.9", "http://[::1]:80/",
                           "http://queue.localhost/"}) {
    EXPECT_TRUE(parse_url(text).value().is_loopback()) << text;
  }
  for (const char* text :
       {"http://example.com", "http://10.0.0.1", "http://[::2]/", "http://localhost.example.com"}) {
    EXPECT_FALSE(parse_url(text).value().is_loopback()) << text;
  }
}

TEST(Url, AnythingElseIsRefusedWithTheReason) {
  EXPECT_NE(parse_url("ftp://h/").error().message.find("must begin with http"), std::string::npos);
  EXPECT_NE(parse_url("http://user:secret@h/").error().message.find("user or password"), std::string::npos);
  EXPECT_EQ(parse_url("http://user:secret@h/").error().message.find("secret"), std::string::npos);
  for (const char* text :
       {"", "h", "http://", "http:///path", "http://h:99999/", "http://a b/", "arn:aws:sqs:::q"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

}  // namespace
}  // namespace ebagent::http
