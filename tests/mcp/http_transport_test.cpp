#include "mcp/http_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "scripted_server.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::milliseconds kTime{1'000};

class FakeHttp final : public http::Client {
 public:
  std::vector<http::Request> requests;
  std::size_t read = 0;  // bytes of answers
  std::function<http::Answer(const http::Request&)> answer;
  http::Answer send(const http::Request& request) override {
    requests.push_back(request);
    auto given = answer(request);
    if (!given || !request.on_body || !given.value().is_success()) return given;
    // A small one a byte at a time, as long as more is wanted.
    const std::string body = std::exchange(given.value().body, {});
    const std::size_t piece = body.size() > 10'000 ? 10'000 : 1;
    for (std::size_t at = 0; at < body.size(); at += piece) {
      read += piece;
      if (!request.on_body(std::string_view(body).substr(at, piece))) break;
    }
    return given;
  }
};

std::string header_of(const http::Request& request, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : request.headers) {
    if (key == name) all += value;
  }
  return all;
}

http::Response json_reply(std::string body, int status = 200) {
  return {.status = status,
          .headers = {{"content-type", "application/json; charset=utf-8"}},
          .body = std::move(body)};
}

class HttpTransportTest : public ::testing::Test {
 protected:
  HttpTransportTest() { reply(json_reply(R"({"jsonrpc":"2.0","id":1,"result":{"ok":true}})")); }

  void reply(http::Response response) {
    http->answer = [response](const http::Request&) -> http::Answer { return response; };
  }
  Answer ask(Outgoing outgoing = {.method = "tools/list"}) { return transport->exchange(outgoing, kTime); }
  NoReply no_reply() { return std::get<NoReply>(ask()); }

  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  std::vector<std::string> notified;
  std::unique_ptr<HttpTransport> transport = std::make_unique<HttpTransport>(
      http, "https://tools.example.com/mcp", http::Headers{{"Authorization", "Bearer s3cret"}},
      FromServer{.on_notification = [this](const Message& message) { notified.push_back(message.method); }});
};

TEST_F(HttpTransportTest, SaysWhatIntermediariesOfTheModernEraWantToKnow) {
  ask({.method = "tools/call",
       .protocol_version = "2026-07-28",
       .is_modern = true,
       .name = "grüß",
       .headers = {{"Mcp-Param-Region", "eu"}}});

  const http::Request& sent = http->requests.front();
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(header_of(sent, "Accept"), "application/json, text/event-stream");
  EXPECT_EQ(header_of(sent, "MCP-Protocol-Version"), "2026-07-28");
  EXPECT_EQ(header_of(sent, "Mcp-Method"), "tools/call");
  EXPECT_EQ(header_of(sent, "Mcp-Name"), "=?base64?Z3LDvMOf?=");
  EXPECT_EQ(header_of(sent, "Mcp-Param-Region"), "eu");
  EXPECT_EQ(header_of(sent, "Authorization"), "Bearer s3cret");
  EXPECT_EQ(sent.timeout, kTime);
}

TEST_F(HttpTransportTest, EncodesHeaderValuesAsTheSpecificationShows) {
  EXPECT_EQ(header_value("us-west1"), "us-west1");
  EXPECT_EQ(header_value("Hello, 世界"), "=?base64?SGVsbG8sIOS4lueVjA==?=");
  EXPECT_EQ(header_value(" padded "), "=?base64?IHBhZGRlZCA=?=");
  EXPECT_EQ(header_value("line1\nline2"), "=?base64?bGluZTEKbGluZTI=?=");
  EXPECT_EQ(header_value("=?base64?literal?="), "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
}

TEST_F(HttpTransportTest, KeepsTheSessionThatTheServerGaveAndEndsIt) {
  auto begun = json_reply(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  begun.headers.emplace_back("mcp-session-id", "abc");
  reply(begun);
  ask({.method = "initialize"});
  ask({.method = "tools/list", .protocol_version = "2025-11-25"});
  transport.reset();

  ASSERT_EQ(http->requests.size(), 3U);
  EXPECT_EQ(header_of(http->requests[0], "Mcp-Session-Id"), "");
  EXPECT_EQ(header_of(http->requests[1], "Mcp-Session-Id"), "abc");
  EXPECT_EQ(http->requests[2].method, "DELETE");
  EXPECT_EQ(header_of(http->requests[2], "Mcp-Session-Id"), "abc");
}

TEST_F(HttpTransportTest, IsOverWhenTheServerHasForgottenTheSession) {
  auto begun = json_reply(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  begun.headers.emplace_back("Mcp-Session-Id", "abc");
  reply(begun);
  ask({.method = "initialize"});
  reply({.status = 404});

  EXPECT_FALSE(no_reply().may_have_acted);
  EXPECT_FALSE(transport->is_open());
}

TEST_F(HttpTransportTest, FindsTheReplyInAnEventStreamAndTellsTheRest) {
  reply({.status = 200,
         .headers = {{"Content-Type", "text/event-stream"}},
         .body = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n"
                 "data: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}\n\n"
                 "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"ok\":true}}\n\n"});

  EXPECT_EQ(std::get<boost::json::object>(ask()).at("ok"), true);
  EXPECT_EQ(notified, std::vector<std::string>{"notifications/progress"});
}

TEST_F(HttpTransportTest, ReadsNoFurtherThanTheReply) {
  const std::string needed = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
  reply({.status = 200,
         .headers = {{"Content-Type", "text/event-stream"}},
         .body = needed + ": and so on for ever\n"});
  ask();

  EXPECT_EQ(http->read, needed.size());
}

TEST_F(HttpTransportTest, AnswersWhatAServerOfTheEraOfSessionsAsksOnItsStream) {
  http->answer = [](const http::Request& request) -> http::Answer {
    if (request.body.find("\"method\"") == std::string::npos) return http::Response{.status = 202};
    return http::Response{
        .status = 200,
        .headers = {{"Content-Type", "text/event-stream"}},
        .body =
            "data: {\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"sampling/createMessage\"}\n\n"
            "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"};
  };
  ask({.method = "tools/call", .protocol_version = "2025-11-25"});

  ASSERT_EQ(http->requests.size(), 2U);
  EXPECT_THAT(http->requests[1].body, HasSubstr("-32601"));
  EXPECT_THAT(http->requests[1].body, HasSubstr("\"q\""));
  EXPECT_EQ(header_of(http->requests[1], "MCP-Protocol-Version"), "2025-11-25");
}

TEST_F(HttpTransportTest, RefusesAnAnswerThatIsTooLarge) {
  reply({.status = 200, .headers = {}, .body = "{" + std::string(kMaxMessageBytes + 1, 'x')});
  EXPECT_THAT(no_reply().text, HasSubstr("too large"));
  reply({.status = 200, .headers = {}, .body = "data: " + std::string(2 * kMaxMessageBytes + 1, 'x')});
  EXPECT_THAT(no_reply().text, HasSubstr("too large"));
}

TEST_F(HttpTransportTest, DoesNotKnowWhatHappenedWhenAStreamEndsWithoutAReply) {
  reply({.status = 200, .headers = {{"Content-Type", "text/event-stream"}}, .body = "data: {\"jsonr"});

  EXPECT_TRUE(no_reply().may_have_acted);
}

TEST_F(HttpTransportTest, TakesTheJsonRpcErrorOfARefusal) {
  reply(json_reply(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":"no"}})", 400));

  EXPECT_EQ(std::get<RpcError>(ask()).code, kUnsupportedVersion);
}

TEST_F(HttpTransportTest, KnowsThatARefusedRequestDidNothing) {
  reply({.status = 401, .headers = {}, .body = "who are you?"});
  const NoReply refused = no_reply();

  EXPECT_TRUE(refused.is_refusal);
  EXPECT_FALSE(refused.may_have_acted);
  EXPECT_THAT(refused.text, HasSubstr("401"));
}

TEST_F(HttpTransportTest, DoesNotKnowWhatHappenedBehindABrokenGateway) {
  reply({.status = 502});
  EXPECT_TRUE(no_reply().may_have_acted);
  reply({.status = 503});
  EXPECT_FALSE(no_reply().may_have_acted);
}

TEST_F(HttpTransportTest, TellsARefusedConnectionFromALateAnswer) {
  const auto failing = [this](http::Failure failure) {
    http->answer = [failure](const http::Request&) -> http::Answer {
      return boost::outcome_v2::failure(http::TransportError{failure, "No answer."});
    };
    return no_reply();
  };

  EXPECT_FALSE(failing(http::Failure::Connect).may_have_acted);
  EXPECT_FALSE(failing(http::Failure::Tls).may_have_acted);
  EXPECT_TRUE(failing(http::Failure::TimedOut).is_timeout);
  EXPECT_TRUE(failing(http::Failure::Protocol).may_have_acted);
}

}  // namespace
}  // namespace ebagent::mcp
