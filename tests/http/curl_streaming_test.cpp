#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http/curl_client.hpp"
#include "http/loopback_server.hpp"

namespace ebagent::http {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// The head of an answer of 1,000 bytes and the first three of them; the rest never comes.
std::string begun(const std::string&) {
  return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
}

TEST(CurlStreaming, HandsOnTheBodyOfASuccessfulAnswerInPiecesAndKeepsNothingOfIt) {
  const std::string body(300'000, 'x');
  LoopbackServer server{[&](const std::string&) { return ok(body); }};
  CurlClient client;
  std::string got;
  int pieces = 0;

  const auto answer = client.send({.url = server.url(), .on_body = [&](std::string_view piece) {
                                     got.append(piece);
                                     ++pieces;
                                     return true;
                                   }});

  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().header("content-length"), "300000");
  EXPECT_EQ(answer.value().body, "");
  EXPECT_EQ(got, body);
  EXPECT_GT(pieces, 1);
}

TEST(CurlStreaming, PutsAnAnswerThatIsNoSuccessTogether) {
  LoopbackServer server{[](const std::string&) {
    return "HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nwait";
  }};
  CurlClient client;
  bool is_called = false;

  const auto answer =
      client.send({.url = server.url(), .on_body = [&](std::string_view) { return is_called = true; }});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value().status, 429);
  EXPECT_EQ(answer.value().body, "wait");
  EXPECT_FALSE(is_called);
}

TEST(CurlStreaming, EndsWhenNoMoreIsWanted) {
  LoopbackServer server{begun};
  CurlClient client;
  std::string got;

  const auto answer = client.send({.url = server.url(), .on_body = [&](std::string_view piece) {
                                     got.append(piece);
                                     return false;
                                   }});

  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(got, "abc");
}

TEST(CurlStreaming, BoundsWhatIsHandedOn) {
  LoopbackServer server{[](const std::string&) { return ok(std::string(1'000, 'x')); }};
  CurlClient client;
  const auto take_all = [](std::string_view) { return true; };

  EXPECT_TRUE(client.send({.url = server.url(), .max_response_bytes = 1'000, .on_body = take_all}));
  const auto answer = client.send({.url = server.url(), .max_response_bytes = 999, .on_body = take_all});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::TooLarge);
}

TEST(CurlStreaming, DoesNotWaitForAServerThatHasFallenSilent) {
  LoopbackServer server{begun};
  CurlClient client;

  const auto answer = client.send({.url = server.url(), .timeout = 60s, .max_silence = 50ms});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::TimedOut);
  EXPECT_THAT(answer.error().text, HasSubstr("No byte came from 127.0.0.1:"));
}

TEST(CurlStreaming, EndsWhenItsCallerCancels) {
  LoopbackServer server{begun};
  CurlClient client;
  bool has_begun = false;

  const auto answer = client.send({.url = server.url(),
                                   .timeout = 60s,
                                   .on_body = [&](std::string_view) { return has_begun = true; },
                                   .is_cancelled = [&] { return has_begun; }});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Cancelled);
}

TEST(CurlStreaming, SaysWhenAStreamBreaksOff) {
  LoopbackServer server{begun};
  CurlClient client;
  std::string got;

  const auto answer = client.send(
      {.url = server.url(), .body = "first", .timeout = 60s, .on_body = [&](std::string_view piece) {
         got.append(piece);
         server.close_all();
         return true;
       }});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Protocol);
  EXPECT_EQ(got, "abc");
}

TEST(CurlStreaming, LetsExceptionsOfItsCallerThroughAndForgetsTheCallerAfterwards) {
  LoopbackServer server{[](const std::string&) { return ok("x"); }};
  CurlClient client;

  EXPECT_THROW(static_cast<void>(client.send(
                   {.url = server.url(),
                    .on_body = [](std::string_view) -> bool { throw std::runtime_error("no"); }})),
               std::runtime_error);
  EXPECT_THROW(static_cast<void>(client.send(
                   {.url = server.url(), .is_cancelled = []() -> bool { throw std::runtime_error("no"); }})),
               std::runtime_error);
  ASSERT_TRUE(client.send({.url = server.url(), .is_cancelled = [] { return false; }}));
  const auto answer = client.send({.url = server.url()});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value().body, "x");
}

}  // namespace
}  // namespace ebagent::http
