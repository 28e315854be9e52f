#include "mcp/stdio_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "core/json.hpp"
#include "mcp/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::milliseconds kLong{20'000};  // only a test that fails waits so long
constexpr std::chrono::milliseconds kShort{50};

// Servers are shell scripts here: what they say is in the test.
class StdioTransportTest : public ::testing::Test {
 protected:
  StdioTransport& start(const std::string& script, std::map<std::string, std::string> environment = {}) {
    environment.merge(minimal_environment());
    auto started =
        StdioTransport::start({.arguments = {"/bin/sh", "-c", script},
                               .environment = std::move(environment),
                               .time_to_end = kShort},
                              {.on_notification = [this](const Message& message) { note(message.method); },
                               .on_request = [](const Message& message) -> Reply {
                                 return boost::json::object{{"asked", message.method}};
                               }},
                              [this](std::string_view line) { note("error: " + std::string(line)); });
    transport = std::move(started).value();
    return *transport;
  }
  void note(std::string text) {
    const std::scoped_lock lock{mutex};
    noted.push_back(std::move(text));
  }
  std::vector<std::string> all_noted() {
    const std::scoped_lock lock{mutex};
    return noted;
  }
  static std::string result_of(const Answer& answer) {
    if (const auto* object = std::get_if<boost::json::object>(&answer)) return core::write_json(*object);
    if (const auto* none = std::get_if<NoReply>(&answer)) return "no reply: " + none->text;
    return "error: " + std::get<RpcError>(answer).message;
  }

  std::unique_ptr<StdioTransport> transport;
  std::mutex mutex;
  std::vector<std::string> noted;
};

TEST_F(StdioTransportTest, BringsARequestThereAndItsReplyBack) {
  auto& server = start(R"(read line; echo '{"jsonrpc":"2.0","id":1,"result":{"ok":true}}'; cat >/dev/null)");

  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), R"({"ok":true})");
}

TEST_F(StdioTransportTest, GivesEachOfManyRequestsItsOwnReply) {
  // Answers in the opposite order, once all are there.
  auto& server = start(R"(read a; read b; read c
    for n in 3 2 1; do echo "{\"jsonrpc\":\"2.0\",\"id\":$n,\"result\":{\"n\":$n}}"; done; cat >/dev/null)");
  std::vector<std::thread> threads;
  std::mutex together;
  std::multiset<std::string> results;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const std::string result = result_of(server.exchange({.method = "tools/call"}, kLong));
      const std::scoped_lock lock{together};
      results.insert(result);
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(results, (std::multiset<std::string>{R"({"n":1})", R"({"n":2})", R"({"n":3})"}));
}

TEST_F(StdioTransportTest, TellsEveryWaitingRequestThatTheServerEndedAndItsLastWords) {
  auto& server = start("read line; echo 'out of cheese' >&2; exit 3");
  const Answer answer = server.exchange({.method = "tools/call"}, kLong);

  EXPECT_THAT(result_of(answer), HasSubstr("has ended"));
  EXPECT_THAT(result_of(answer), HasSubstr("out of cheese"));
  EXPECT_TRUE(std::get<NoReply>(answer).may_have_acted);
  EXPECT_FALSE(server.is_open());
}

TEST_F(StdioTransportTest, KnowsThatNothingHappenedWhenTheServerWasGoneBefore) {
  auto& server = start("read line; exit 0");
  static_cast<void>(server.exchange({.method = "tools/call"}, kLong));
  const Answer answer = server.exchange({.method = "tools/call"}, kLong);

  EXPECT_FALSE(std::get<NoReply>(answer).may_have_acted);
}

TEST_F(StdioTransportTest, StopsWaitingAndTellsTheServer) {
  testing::TemporaryFolder folder;
  const std::string heard = (folder.path() / "heard").string();
  auto& server = start("read line; read cancelled; echo \"$cancelled\" > " + heard +
                       "; read again; echo '{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}'; cat >/dev/null");
  const Answer answer = server.exchange({.method = "tools/call"}, kShort);

  EXPECT_TRUE(std::get<NoReply>(answer).is_timeout);
  EXPECT_TRUE(std::get<NoReply>(answer).may_have_acted);
  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), "{}");
  std::string line;
  std::getline(std::ifstream(heard) >> std::ws, line);
  EXPECT_THAT(line, HasSubstr(R"("method":"notifications/cancelled","params":{"requestId":1)"));
}

TEST_F(StdioTransportTest, PassesOverWhatIsNoMessageAndReportsIt) {
  auto& server = start(R"(read line; echo 'Server ready!'; echo '{"jsonrpc":"2.0","id":77,"result":{}}'
    echo '{"jsonrpc":"2.0","method":"notifications/message"}'
    echo '{"jsonrpc":"2.0","id":1,"result":{"ok":true}}'; cat >/dev/null)");

  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), R"({"ok":true})");
  EXPECT_THAT(all_noted(), Contains(HasSubstr("(on standard output)")));
  EXPECT_THAT(all_noted(), Contains("notifications/message"));
}

TEST_F(StdioTransportTest, ReadsStandardErrorWhateverComesThere) {
  auto& server = start(
      "read line; head -c 1000000 /dev/zero | tr '\\0' x >&2; echo "
      "'{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; cat >/dev/null");

  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), "{}");
}

TEST_F(StdioTransportTest, EndsTheConnectionAtALineThatIsTooLong) {
  auto& server = start("read line; head -c 9000000 /dev/zero | tr '\\0' x; cat >/dev/null");
  const Answer answer = server.exchange({.method = "tools/call"}, kLong);

  EXPECT_THAT(result_of(answer), HasSubstr("a line of more than 8388608 bytes"));
  EXPECT_FALSE(server.is_open());
}

TEST_F(StdioTransportTest, AnswersWhatTheServerAsks) {
  auto& server = start(R"(read line; echo '{"jsonrpc":"2.0","id":"q","method":"roots/list"}'
    read answer; printf '{"jsonrpc":"2.0","id":1,"result":{"got":%s}}\n' "$answer"; cat >/dev/null)");

  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)),
            R"({"got":{"jsonrpc":"2.0","id":"q","result":{"asked":"roots/list"}}})");
}

TEST_F(StdioTransportTest, GivesTheServerNoVariablesButThoseDeclared) {
  setenv("EBAGENT_TEST_SECRET", "s3cret", 1);
  auto& server = start(
      R"(read line; printf '{"jsonrpc":"2.0","id":1,"result":{"declared":"%s","secret":"%s"}}\n' "$DECLARED" "$EBAGENT_TEST_SECRET"; cat >/dev/null)",
      {{"DECLARED", "yes"}});

  EXPECT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), R"({"declared":"yes","secret":""})");
}

TEST_F(StdioTransportTest, GivesUpOnAServerThatDoesNotRead) {
  auto& server = start("exec sleep 100");
  const std::string large(4'000'000, 'x');
  const Answer answer = server.exchange({.method = "tools/call", .params = {{"x", large}}}, kShort);

  EXPECT_TRUE(std::get<NoReply>(answer).is_timeout);
  EXPECT_FALSE(server.is_open()) << "half a message is on its way; nothing can follow it";
}

TEST_F(StdioTransportTest, TakesTheWholeFamilyOfProcessesAlong) {
  testing::TemporaryFolder folder;
  const std::string pid_file = (folder.path() / "pid").string();
  auto& server = start("trap '' TERM; sleep 100 & echo $! > " + pid_file +
                       "; read line; echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; wait");
  ASSERT_EQ(result_of(server.exchange({.method = "ping"}, kLong)), "{}");
  pid_t child = 0;
  std::ifstream(pid_file) >> child;
  ASSERT_GT(child, 0);

  const int handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  ASSERT_GE(handle, 0);

  transport.reset();

  pollfd ended{handle, POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, static_cast<int>(kLong.count())), 1) << "the server's child lives on";
  close(handle);
}

TEST(ChildProcess, SaysThatThereIsNoSuchProgram) {
  const auto started = ChildProcess::start({.arguments = {"no-such-program-here"}, .environment = {}});

  EXPECT_EQ(started.error().code, ErrorCode::NotFound);
  EXPECT_THAT(started.error().message, HasSubstr("no-such-program-here"));
}

}  // namespace
}  // namespace ebagent::mcp
