#include "mcp/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_server.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SessionTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Session>> open(SessionSettings settings = {}, Era era = Era::Unknown) {
    return Session::open(server.connect(), std::move(settings), era, [this] { ++changes; });
  }
  std::unique_ptr<Session> modern(SessionSettings settings = {}) {
    server.answer = [this](const Outgoing& request) { return answers.modern(request); };
    return std::move(open(std::move(settings))).value();
  }
  std::unique_ptr<Session> legacy(SessionSettings settings = {}) {
    server.answer = [this](const Outgoing& request) { return answers.legacy(request); };
    return std::move(open(std::move(settings))).value();
  }
  std::string call_error(Session& session) {
    const auto called = session.call_tool("add", {}, {});
    return called ? "no error" : called.error().message;
  }

  ScriptedServer server;
  Answers answers;
  int changes = 0;
};

TEST_F(SessionTest, StaysModernWithAServerThatAnswersTheProbe) {
  const auto session = modern();

  EXPECT_EQ(session->era(), Era::Modern);
  EXPECT_EQ(session->version(), "2026-07-28");
  EXPECT_EQ(session->server_name(), "new");
  EXPECT_THAT(server.methods(), ElementsAre("server/discover"));
}

TEST_F(SessionTest, SaysVersionAndCapabilitiesWithEveryModernRequest) {
  const auto session = modern({.roots = {"file:///srv"}});
  ASSERT_TRUE(session->call_tool("add", {{"a", 1}}, {.idempotency_key = "key-1"}));

  const Outgoing call = server.last();
  const auto& meta = call.params.at("_meta").get_object();
  EXPECT_EQ(meta.at(kVersionKey), "2026-07-28");
  EXPECT_EQ(meta.at(kCapabilitiesKey), (boost::json::object{{"roots", boost::json::object{}}}));
  EXPECT_EQ(meta.at("eventbridge-agent/idempotencyKey"), "key-1");
  EXPECT_TRUE(call.is_modern);
  EXPECT_EQ(call.name, "add");
  EXPECT_EQ(call.protocol_version, "2026-07-28");
}

TEST_F(SessionTest, FallsBackToInitializeWhenTheProbeIsNotUnderstood) {
  const auto session = legacy();

  EXPECT_EQ(session->era(), Era::Legacy);
  EXPECT_EQ(session->version(), "2025-11-25");
  EXPECT_THAT(server.methods(), ElementsAre("server/discover", "initialize", "notifications/initialized"));
}

TEST_F(SessionTest, FallsBackToInitializeWhenTheProbeIsNotAnswered) {
  server.answer = [this](const Outgoing& request) -> Answer {
    if (request.method == "server/discover")
      return NoReply{.may_have_acted = true, .is_timeout = true, .text = "late"};
    return answers.legacy(request);
  };

  EXPECT_EQ(open().value()->era(), Era::Legacy);
}

TEST_F(SessionTest, ProbesAgainWhenASlowServerRefusesToInitialize) {
  int probes = 0;
  server.answer = [&](const Outgoing& request) -> Answer {
    if (request.method == "server/discover" && ++probes == 1)
      return NoReply{.is_timeout = true, .text = "late"};
    return answers.modern(request);
  };

  EXPECT_EQ(open().value()->era(), Era::Modern);
}

TEST_F(SessionTest, ConnectsAgainToAServerThatEndsAtTheProbe) {
  server.answer = [this](const Outgoing& request) -> Answer {
    if (request.method != "server/discover") return answers.legacy(request);
    server.die();
    return NoReply{.may_have_acted = true, .text = "has ended"};
  };

  EXPECT_EQ(open().value()->era(), Era::Legacy);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(SessionTest, InitializesAServerThatNamesAnOlderVersion) {
  server.answer = [this](const Outgoing& request) -> Answer {
    if (request.method != "server/discover") return answers.legacy(request);
    return RpcError{kUnsupportedVersion, "no",
                    object_of(R"({"supported":["2025-06-18"],"requested":"2026-07-28"})")};
  };

  EXPECT_EQ(open().value()->era(), Era::Legacy);
}

TEST_F(SessionTest, RefusesAServerOfOtherVersionsAndNamesThem) {
  server.answer = [](const Outgoing&) -> Answer {
    return RpcError{kUnsupportedVersion, "no",
                    object_of(R"({"supported":["2031-01-01"],"requested":"2026-07-28"})")};
  };
  const auto session = open();

  EXPECT_EQ(session.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(session.error().message, HasSubstr("2031-01-01"));
  EXPECT_THAT(server.methods(), ElementsAre("server/discover"));
}

TEST_F(SessionTest, RefusesAnInitializeAnswerOfAnUnknownVersion) {
  server.answer = [](const Outgoing& request) -> Answer {
    if (request.method == "initialize") return object_of(R"({"protocolVersion":"1.0"})");
    return unknown_method();
  };

  EXPECT_THAT(open().error().message, HasSubstr("1.0"));
}

TEST_F(SessionTest, DoesNotFallBackWhenNobodyIsThere) {
  server.answer = [](const Outgoing&) -> Answer {
    return NoReply{.text = "gave no answer: connection refused"};
  };
  const auto session = open();

  EXPECT_EQ(session.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(server.methods(), ElementsAre("server/discover"));
}

TEST_F(SessionTest, AsksNoMoreForAnEraThatIsKnown) {
  server.answer = [this](const Outgoing& request) { return answers.legacy(request); };

  ASSERT_TRUE(open({}, Era::Legacy));
  EXPECT_THAT(server.methods(), ElementsAre("initialize", "notifications/initialized"));
}

TEST_F(SessionTest, ListsAllPages) {
  const auto session = legacy();
  server.answer = [](const Outgoing& request) -> Answer {
    const auto* cursor = request.params.if_contains("cursor");
    if (cursor == nullptr) return object_of(R"({"tools":[{"name":"a"}],"nextCursor":""})");
    return object_of(R"({"tools":[{"name":"b"}]})");
  };

  EXPECT_EQ(session->list_tools(std::chrono::seconds{1}).value().size(), 2U);
}

TEST_F(SessionTest, EndsAListThatDoesNotEnd) {
  const auto session = legacy();
  server.answer = [](const Outgoing&) -> Answer { return object_of(R"({"tools":[],"nextCursor":"more"})"); };

  EXPECT_EQ(session->list_tools(std::chrono::seconds{1}).error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(server.methods().size(), 3U + kMaxListPages);
}

TEST_F(SessionTest, RefusesAListThatIsNone) {
  const auto session = legacy();
  for (const char* list : {"{}", R"({"tools":{}})", R"({"tools":[{}]})", R"({"tools":["x"]})"}) {
    server.answer = [list](const Outgoing&) -> Answer { return object_of(list); };
    EXPECT_EQ(session->list_tools(std::chrono::seconds{1}).error().code, ErrorCode::Malformed) << list;
  }
}

TEST_F(SessionTest, TellsWhatMayHaveHappenedFromWhatDidNot) {
  const auto session = legacy();

  server.answer = [](const Outgoing&) -> Answer {
    return NoReply{.may_have_acted = true, .text = "has ended"};
  };
  EXPECT_EQ(session->call_tool("add", {}, {}).error().code, ErrorCode::TimedOut);
  server.answer = [](const Outgoing&) -> Answer { return NoReply{.text = "has ended"}; };
  EXPECT_EQ(session->call_tool("add", {}, {}).error().code, ErrorCode::Unavailable);
  server.answer = [](const Outgoing&) -> Answer { return RpcError{kInvalidParams, "Unknown tool", nullptr}; };
  EXPECT_EQ(session->call_tool("add", {}, {}).error().code, ErrorCode::InvalidArgument);
}

TEST_F(SessionTest, AnswersARequestForRootsAndGoesOn) {
  const auto session = modern({.roots = {"file:///srv"}});
  server.answer = [](const Outgoing& request) -> Answer {
    if (!request.params.contains("inputResponses")) {
      return object_of(
          R"({"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}},"requestState":"abc"})");
    }
    return object_of(R"({"resultType":"complete","content":[]})");
  };

  ASSERT_EQ(call_error(*session), "no error");
  const Outgoing again = server.last();
  EXPECT_EQ(again.params.at("requestState"), "abc");
  EXPECT_EQ(again.params.at("inputResponses"), object_of(R"({"r":{"roots":[{"uri":"file:///srv"}]}})"));
}

TEST_F(SessionTest, RefusesToAnswerForAPerson) {
  const auto session = modern();
  answers.called =
      object_of(R"({"resultType":"input_required","inputRequests":{"n":{"method":"elicitation/create"}}})");

  EXPECT_THAT(call_error(*session), HasSubstr("elicitation/create"));
}

TEST_F(SessionTest, EndsAServerThatAlwaysWantsMore) {
  const auto session = modern();
  answers.called = object_of(R"({"resultType":"input_required","requestState":"x"})");

  EXPECT_THAT(call_error(*session), HasSubstr("4 times"));
}

TEST_F(SessionTest, TakesAnUnknownTypeOfResultForNone) {
  const auto session = modern();
  answers.called = object_of(R"({"resultType":"task"})");

  EXPECT_EQ(session->call_tool("add", {}, {}).error().code, ErrorCode::TimedOut);
}

TEST_F(SessionTest, AnswersPingAndDeclaredRootsAndNothingElse) {
  const auto session = legacy({.roots = {"file:///srv"}});
  const auto ask = [this](const char* method) {
    return server.ask({.kind = Message::Kind::Request, .method = method});
  };

  EXPECT_TRUE(std::holds_alternative<boost::json::object>(ask("ping")));
  EXPECT_EQ(std::get<boost::json::object>(ask("roots/list")),
            object_of(R"({"roots":[{"uri":"file:///srv"}]})"));
  EXPECT_EQ(std::get<RpcError>(ask("sampling/createMessage")).code, kMethodNotFound);
  EXPECT_EQ(std::get<RpcError>(ask("elicitation/create")).code, kMethodNotFound);
}

TEST_F(SessionTest, ReportsThatTheToolsChanged) {
  const auto session = legacy();

  server.say({.method = "notifications/message"});
  EXPECT_EQ(changes, 0);
  server.say({.method = "notifications/tools/list_changed"});
  EXPECT_EQ(changes, 1);
}

TEST_F(SessionTest, LooksForASignOfLifeInTheWordsOfTheEra) {
  EXPECT_TRUE(legacy()->is_alive(std::chrono::seconds{1}));
  EXPECT_EQ(server.last().method, "ping");
  const auto session = modern();
  EXPECT_TRUE(session->is_alive(std::chrono::seconds{1}));
  EXPECT_EQ(server.last().method, "server/discover");
  server.answer = [](const Outgoing&) -> Answer { return NoReply{.is_timeout = true, .text = "late"}; };
  EXPECT_FALSE(session->is_alive(std::chrono::seconds{1}));
}

}  // namespace
}  // namespace ebagent::mcp
