#include "http/curl_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "http/loopback_server.hpp"

namespace ebagent::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string echo(const std::string& request) {
  return ok(request);
}

// A port that nobody listens on: it was ours a moment ago.
std::string dead_url() {
  const LoopbackServer gone{echo};
  return gone.url();
}

TEST(CurlClient, SendsTheRequestAsItIsAndNothingElse) {
  LoopbackServer server{echo};
  CurlClient client;

  const auto answer = client.send({.method = "PUT",
                                   .url = server.url("/a%2Fb?x=1&y="),
                                   .headers = {{"X-One", "1"}, {"X-Empty", ""}},
                                   .body = std::string{"a\0b", 3}});

  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer.value().status, 200);
  const std::string& sent = answer.value().body;
  EXPECT_THAT(sent, StartsWith("PUT /a%2Fb?x=1&y= HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-One: 1\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(sent, HasSubstr("User-Agent: eventbridge-agent\r\n"));
  EXPECT_THAT(sent, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(sent, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(sent, Not(HasSubstr("Expect")));
  EXPECT_TRUE(sent.ends_with(std::string("\r\n\r\na\0b", 7)));
}

TEST(CurlClient, AHandleThatIsUsedAgainRemembersNothingOfTheLastRequest) {
  LoopbackServer server{[](const std::string& request) {
    return request.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" : ok(request);
  }};
  CurlClient client;
  ASSERT_TRUE(client.send({.url = server.url(), .headers = {{"X-Secret", "s"}}, .body = "body"}));

  const auto get = client.send({.method = "GET", .url = server.url("/g")});
  const auto head = client.send({.method = "HEAD", .url = server.url("/h")});
  const auto post = client.send({.method = "POST", .url = server.url("/p"), .body = "x"});
  const auto empty = client.send({.method = "POST", .url = server.url("/e")});

  EXPECT_THAT(get.value().body, StartsWith("GET /g HTTP/1.1\r\n"));
  EXPECT_THAT(get.value().body, Not(HasSubstr("X-Secret")));
  EXPECT_THAT(get.value().body, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(head.value().header("content-length"), "99");
  EXPECT_THAT(post.value().body, HasSubstr("Content-Length: 1\r\n"));
  EXPECT_THAT(empty.value().body, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlClient, AnyStatusIsAnAnswer) {
  LoopbackServer server{[](const std::string&) {
    return "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nwait";
  }};
  CurlClient client;

  const auto answer = client.send({.url = server.url()});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value().status, 503);
  EXPECT_FALSE(answer.value().is_success());
  EXPECT_EQ(answer.value().header("RETRY-AFTER"), "7");
  EXPECT_EQ(answer.value().header("absent"), "");
  EXPECT_EQ(answer.value().body, "wait");
}

TEST(CurlClient, FollowsARedirectOnlyWhenAskedTo) {
  LoopbackServer server{[](const std::string& request) {
    return request.find(" /there ") != std::string::npos
               ? ok("there")
               : "HTTP/1.1 302 Found\r\nLocation: /there\r\nX-First: 1\r\nContent-Length: 0\r\n\r\n";
  }};
  CurlClient client;

  const auto kept = client.send({.method = "GET", .url = server.url()});
  const auto followed = client.send({.method = "GET", .url = server.url(), .max_redirects = 2});

  EXPECT_EQ(kept.value().status, 302);
  EXPECT_EQ(followed.value().status, 200);
  EXPECT_EQ(followed.value().body, "there");
  EXPECT_EQ(followed.value().header("X-First"), "");
}

TEST(CurlClient, SaysWhenNobodyListens) {
  CurlClient client;

  const auto answer =
      client.send({.url = dead_url() + "?token=secret", .headers = {{"Authorization", "secret"}}});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Connect);
  EXPECT_THAT(answer.error().text, HasSubstr("127.0.0.1:"));
  EXPECT_THAT(answer.error().text, Not(HasSubstr("secret")));
}

TEST(CurlClient, SaysWhenAHostHasNoAddress) {
  CurlClient client;

  const auto answer = client.send({.url = "http://no-such-host.invalid/"});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Connect);
}

TEST(CurlClient, WaitsNoLongerThanItsTimeOut) {
  std::promise<void> release;
  auto released = release.get_future().share();
  LoopbackServer server{[released](const std::string&) {
    released.wait();
    return std::string{};
  }};
  CurlClient client;

  const auto answer = client.send({.url = server.url(), .timeout = 50ms});
  release.set_value();

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::TimedOut);
}

TEST(CurlClient, RefusesAnAnswerThatIsTooLarge) {
  LoopbackServer server{[](const std::string&) { return ok(std::string(1'000, 'x')); }};
  CurlClient client;

  EXPECT_TRUE(client.send({.url = server.url(), .max_response_bytes = 1'000}));
  const auto answer = client.send({.url = server.url(), .max_response_bytes = 999});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::TooLarge);
  EXPECT_THAT(answer.error().text, HasSubstr("larger than 999 bytes"));
}

TEST(CurlClient, CutsAnAnswerThatIsTooLargeWhereItIsAskedTo) {
  LoopbackServer server{[](const std::string&) { return ok(std::string(1'000, 'x')); }};
  CurlClient client;

  const auto answer =
      client.send({.url = server.url(), .max_response_bytes = 10, .oversize = Request::Oversize::Cut});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().body, std::string(10, 'x'));
  EXPECT_TRUE(client.send({.url = server.url()}));
}

TEST(CurlClient, RefusesHeadersWithoutEnd) {
  LoopbackServer server{[](const std::string&) {
    std::string reply = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 3'000; ++i) reply += "X-Padding: " + std::string(60, 'x') + "\r\n";
    return reply + "Content-Length: 0\r\n\r\n";
  }};
  CurlClient client;

  const auto answer = client.send({.url = server.url()});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::TooLarge);
}

TEST(CurlClient, SaysWhenAnAnswerBreaksOffOrIsNoHttp) {
  LoopbackServer closes{[](const std::string&) { return std::string{}; }};
  LoopbackServer babbles{[](const std::string&) { return std::string{"hello\r\n\r\n"}; }};
  CurlClient client;

  EXPECT_EQ(client.send({.url = closes.url()}).error().failure, Failure::Protocol);
  EXPECT_EQ(client.send({.url = babbles.url()}).error().failure, Failure::Protocol);
}

TEST(CurlClient, SaysWhenTheOtherSideDoesNotSpeakTls) {
  LoopbackServer server{[](const std::string&) { return "HTTP/1.1 400 Bad Request\r\n\r\n"; }};
  CurlClient client;
  std::string url = server.url();
  url.replace(0, 4, "https");

  const auto answer = client.send({.url = url});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Tls);
}

TEST(CurlClient, RefusesWhatCannotBeSent) {
  CurlClient client;
  const std::string url = dead_url();

  for (const Request& request :
       {Request{.url = "ftp://127.0.0.1/"}, Request{.url = "127.0.0.1/x"}, Request{.url = ""},
        Request{.url = "http://u:p@127.0.0.1/"}, Request{.url = url, .headers = {{"X", "a\r\nY: b"}}},
        Request{.url = url, .headers = {{"X\nY", "a"}}}, Request{.url = url, .headers = {{"", "a"}}},
        Request{.url = url, .headers = {{"X: Y", "a"}}}}) {
    const auto answer = client.send(request);
    ASSERT_FALSE(answer) << request.url;
    EXPECT_EQ(answer.error().failure, Failure::InvalidRequest) << request.url;
  }
}

TEST(CurlClient, AConnectionThatTheServerHasClosedIsReplaced) {
  std::atomic<int> served{0};
  LoopbackServer server{[&](const std::string&) { return ++served == 2 ? std::string{} : ok("x"); }};
  CurlClient client;

  EXPECT_TRUE(client.send({.url = server.url()}));
  EXPECT_TRUE(client.send({.url = server.url()}));

  EXPECT_EQ(server.connections(), 2);
}

TEST(CurlClient, ThreadsShareConnectionsAndNeverAnswers) {
  constexpr int kThreads = 8;
  constexpr int kRequests = 200;
  LoopbackServer server{[](const std::string& request) { return ok(request.substr(request.size() - 8)); }};
  CurlClient client;

  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRequests; ++i) {
        const std::string body = std::to_string(10'000'000 + thread * kRequests + i);
        const auto answer = client.send({.url = server.url(), .body = body});
        if (!answer || answer.value().body != body) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
  EXPECT_LE(server.connections(), kThreads);
}

TEST(CurlClient, KeepsNoMoreIdleConnectionsThanItMay) {
  LoopbackServer one{echo};
  LoopbackServer two{echo};
  CurlClient client{{.max_idle_connections = 1}};

  EXPECT_TRUE(client.send({.url = one.url()}));
  EXPECT_TRUE(client.send({.url = two.url()}));
  EXPECT_TRUE(client.send({.url = one.url()}));

  EXPECT_EQ(one.connections(), 2);
}

}  // namespace
}  // namespace ebagent::http
