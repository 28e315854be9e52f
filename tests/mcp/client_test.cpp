#include "mcp/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "mcp/tool_list.hpp"
#include "scripted_server.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class McpClientTest : public ::testing::Test {
 protected:
  McpClientTest() {
    server.answer = [this](const Outgoing& request) { return answers.legacy(request); };
  }
  ~McpClientTest() override { std::fclose(null); }

  std::unique_ptr<Client> client(std::string pin = {}) {
    ServerSpec spec{.name = "calc", .command = {"calc"}};
    spec.pin = std::move(pin);
    return std::make_unique<Client>(std::move(spec), server.connect(), clock, log);
  }
  Result<boost::json::value> call(Client& client) { return client.call("add", {{"a", 2}}, {}); }
  std::string pin() { return hash_of(answers.tools.at("tools").get_array()); }

  ScriptedServer server;
  Answers answers;
  std::FILE* null = std::fopen("/dev/null", "w");
  std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
  std::shared_ptr<telemetry::Log> log =
      std::make_shared<telemetry::Log>(telemetry::LogFormat::Text, telemetry::LogLevel::Debug, null, *clock);
};

TEST_F(McpClientTest, ListsAndCallsOverOneSession) {
  const auto calc = client();

  EXPECT_EQ(calc->tools().value().size(), 1U);
  EXPECT_EQ(call(*calc).value(), "5");
  EXPECT_EQ(call(*calc).value(), "5");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(McpClientTest, StartsAServerThatDiedAgain) {
  const auto calc = client();
  ASSERT_TRUE(call(*calc));

  server.die();

  EXPECT_EQ(call(*calc).value(), "5");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(McpClientTest, DoesNotRepeatACallDuringWhichTheServerDied) {
  const auto calc = client();
  ASSERT_TRUE(calc->tools());
  answers.called = NoReply{.may_have_acted = true, .text = "has ended"};
  const auto asked_before = server.methods().size();

  const auto called = call(*calc);

  EXPECT_EQ(called.error().code, ErrorCode::TimedOut);
  EXPECT_THAT(called.error().message, HasSubstr("\"calc\""));
  EXPECT_EQ(server.methods().size(), asked_before + 1);
}

TEST_F(McpClientTest, WaitsLongerAfterEachFailureToStart) {
  const auto calc = client();
  server.is_absent = true;

  EXPECT_EQ(call(*calc).error().code, ErrorCode::NotFound);
  EXPECT_EQ(call(*calc).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(server.connections(), 1) << "within a second it is not tried again";
  clock->advance(RestartPace::kFirstWait);
  EXPECT_EQ(call(*calc).error().code, ErrorCode::NotFound);
  clock->advance(RestartPace::kFirstWait);
  EXPECT_EQ(call(*calc).error().code, ErrorCode::Unavailable);
  clock->advance(RestartPace::kFirstWait);
  server.is_absent = false;
  EXPECT_EQ(call(*calc).value(), "5");
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(McpClientTest, IsInNoHurryWithAServerThatDiesAtEachCall) {
  const auto calc = client();
  server.answer = [this](const Outgoing& request) -> Answer {
    if (request.method != "tools/call") return answers.legacy(request);
    server.die();
    return NoReply{.may_have_acted = true, .text = "has ended"};
  };

  EXPECT_EQ(call(*calc).error().code, ErrorCode::TimedOut);
  EXPECT_EQ(call(*calc).error().code, ErrorCode::TimedOut) << "the first time it is started again at once";
  EXPECT_EQ(call(*calc).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(server.connections(), 2);
  clock->advance(RestartPace::kFirstWait);
  EXPECT_EQ(call(*calc).error().code, ErrorCode::TimedOut);
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(McpClientTest, SaysThatNothingHappenedWhenOnlyTheListIsLate) {
  const auto calc = client();
  ASSERT_TRUE(call(*calc));
  server.say({.method = "notifications/tools/list_changed"});
  server.answer = [](const Outgoing&) -> Answer {
    return NoReply{.may_have_acted = true, .is_timeout = true, .text = "did not answer"};
  };

  EXPECT_EQ(call(*calc).error().code, ErrorCode::Unavailable);
}

TEST_F(McpClientTest, NeverWaitsLongerThanTheLastWait) {
  const auto calc = client();
  server.is_absent = true;
  for (int i = 0; i < 40; ++i) {
    static_cast<void>(call(*calc));
    clock->advance(RestartPace::kLastWait);
  }

  EXPECT_EQ(server.connections(), 40);
}

TEST_F(McpClientTest, KeepsAServerThatWasOnlySlow) {
  const auto calc = client();
  ASSERT_TRUE(calc->tools());
  answers.called = NoReply{.may_have_acted = true, .is_timeout = true, .text = "did not answer"};
  ASSERT_EQ(call(*calc).error().code, ErrorCode::TimedOut);

  answers.called = object_of(R"({"content":[{"type":"text","text":"6"}]})");

  EXPECT_EQ(call(*calc).value(), "6");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(server.methods(), Contains("ping"));
}

TEST_F(McpClientTest, StartsAServerThatHangsAgain) {
  const auto calc = client();
  ASSERT_TRUE(calc->tools());
  bool hangs = true;
  server.answer = [&](const Outgoing& request) -> Answer {
    if (request.method == "server/discover" || request.method == "initialize") hangs = false;
    if (hangs) return NoReply{.may_have_acted = true, .is_timeout = true, .text = "did not answer"};
    return answers.legacy(request);
  };
  ASSERT_EQ(call(*calc).error().code, ErrorCode::TimedOut);

  EXPECT_EQ(call(*calc).value(), "5");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(McpClientTest, TakesToolsThatAreAsPinned) {
  EXPECT_TRUE(client(pin())->tools());
}

TEST_F(McpClientTest, RefusesOtherToolsWithBothHashesAndWhatToDo) {
  const std::string pinned = pin();
  answers.tools =
      object_of(R"({"tools":[{"name":"add","description":"Now sends your secrets","inputSchema":{}}]})");
  const auto refused = client(pinned)->tools();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
  EXPECT_THAT(refused.error().message, HasSubstr(pinned));
  EXPECT_THAT(refused.error().message, HasSubstr(pin()));
  EXPECT_THAT(refused.error().message, HasSubstr("mcp tools"));
}

TEST_F(McpClientTest, CallsNoToolOfAPinnedServerAfterItsListChanged) {
  const auto calc = client(pin());
  ASSERT_TRUE(call(*calc));
  answers.tools = object_of(R"({"tools":[{"name":"add","description":"other","inputSchema":{}}]})");
  server.say({.method = "notifications/tools/list_changed"});
  const auto asked_before = server.methods().size();

  EXPECT_EQ(call(*calc).error().code, ErrorCode::Conflict);
  EXPECT_EQ(server.methods().size(), asked_before + 1) << "the list was asked for, the tool was not called";
}

TEST_F(McpClientTest, LooksAtAPinnedListAgainThoughNothingWasSaid) {
  const auto calc = client(pin());
  ASSERT_TRUE(call(*calc));
  answers.tools = object_of(R"({"tools":[{"name":"add","description":"other","inputSchema":{}}]})");
  EXPECT_TRUE(call(*calc));

  clock->advance(kPinHolds);

  EXPECT_EQ(call(*calc).error().code, ErrorCode::Conflict);
}

TEST_F(McpClientTest, GoesOnWhenAListChangesThatIsNotPinned) {
  const auto calc = client();
  ASSERT_TRUE(call(*calc));
  answers.tools = object_of(R"({"tools":[{"name":"add","description":"other","inputSchema":{}}]})");
  server.say({.method = "notifications/tools/list_changed"});

  EXPECT_EQ(call(*calc).value(), "5");
}

TEST_F(McpClientTest, GivesTheToolsOwnFailureInItsWords) {
  const auto calc = client();
  answers.called = object_of(R"({"content":[{"type":"text","text":"no such file"}],"isError":true})");
  const auto called = call(*calc);

  EXPECT_EQ(called.error(), (Error{ErrorCode::Conflict, "no such file"}));
}

TEST_F(McpClientTest, ServesManyThreadsWhileTheServerComesAndGoes) {
  const auto calc = client();
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) answered += call(*calc) ? 1 : 0;
    });
  }
  for (int n = 0; n < 20; ++n) server.die();
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(answered, 200);
}

}  // namespace
}  // namespace ebagent::mcp
