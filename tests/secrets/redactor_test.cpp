#include "secrets/redactor.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <thread>

namespace ebagent::secrets {
namespace {

namespace json = boost::json;

TEST(RedactorTest, WithoutSecretsNothingChanges) {
  const Redactor redactor;
  EXPECT_TRUE(redactor.is_empty());
  EXPECT_EQ(redactor.redact(std::string("token-12345")), "token-12345");
}

TEST(RedactorTest, ReplacesEveryOccurrenceByTheName) {
  Redactor redactor;
  ASSERT_TRUE(redactor.add("TOKEN", "token-12345"));
  EXPECT_EQ(redactor.redact(std::string("a token-12345 b token-12345")), "a [secret TOKEN] b [secret TOKEN]");
}

TEST(RedactorTest, FindsTheFormsThatOtherTextsWriteItIn) {
  Redactor redactor;
  ASSERT_TRUE(redactor.add("P", "p\"ss word/1"));
  EXPECT_EQ(redactor.redact(std::string(R"({"k":"p\"ss word/1"})")), R"({"k":"[secret P]"})");
  EXPECT_EQ(redactor.redact(std::string("?k=p%22ss%20word%2F1")), "?k=[secret P]");
}

TEST(RedactorTest, FindsItInTheBase64OfAPasswordHeaderWhereverItBegins) {
  Redactor redactor;
  ASSERT_TRUE(redactor.add("P", "correct-horse"));
  // base64 of user:, ab:, abc: followed by the secret
  for (const char* text :
       {"dXNlcjpjb3JyZWN0LWhvcnNl", "YWI6Y29ycmVjdC1ob3JzZQ==", "YWJjOmNvcnJlY3QtaG9yc2U="}) {
    EXPECT_NE(redactor.redact(std::string(text)).find("[secret P]"), std::string::npos) << text;
  }
}

TEST(RedactorTest, LooksIntoEveryTextOfAValueKeysIncluded) {
  Redactor redactor;
  ASSERT_TRUE(redactor.add("T", "token-12345"));
  EXPECT_EQ(redactor.redact(json::parse(R"({"a":["x token-12345",1],"token-12345":{"b":"token-12345"}})")),
            json::parse(R"({"a":["x [secret T]",1],"[secret T]":{"b":"[secret T]"}})"));
}

TEST(RedactorTest, RedactsResultsAndErrors) {
  Redactor redactor;
  ASSERT_TRUE(redactor.add("T", "token-12345"));
  const Result<json::value> failed = fail(ErrorCode::Io, "said token-12345");
  EXPECT_EQ(redactor.redact(failed).error().message, "said [secret T]");
  EXPECT_EQ(redactor.redact(Result<json::value>(json::value("token-12345"))).value(),
            json::value("[secret T]"));
}

TEST(RedactorTest, ARotatedSecretStaysKnownAndOldOnesAreForgottenInTheEnd) {
  Redactor redactor;
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(redactor.add("T", "token-000" + std::to_string(i)));
  EXPECT_EQ(redactor.redact(std::string("token-0008 token-0001")), "[secret T] [secret T]");
  EXPECT_EQ(redactor.redact(std::string("token-0000")), "token-0000");
}

TEST(RedactorTest, AddsAndRedactsFromSeveralThreads) {
  Redactor redactor;
  std::thread adding([&] {
    for (int i = 0; i < 100; ++i)
      ASSERT_TRUE(redactor.add("S" + std::to_string(i), "secret-" + std::to_string(i) + "!"));
  });
  for (int i = 0; i < 100; ++i) static_cast<void>(redactor.redact(std::string("secret-7!")));
  adding.join();
  EXPECT_EQ(redactor.redact(std::string("secret-7!")), "[secret S7]");
}

}  // namespace
}  // namespace ebagent::secrets
