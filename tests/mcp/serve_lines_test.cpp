#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <future>
#include <latch>
#include <thread>

#include "mcp/line_reader.hpp"
#include "mcp/server.hpp"
#include "scripted_server.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::HasSubstr;

// A client at the other end of two pipes.
class ServeLinesTest : public ::testing::Test {
 protected:
  ServeLinesTest() {
    if (pipe(to_.data()) != 0 || pipe(from_.data()) != 0) throw std::runtime_error("no pipes");
    std::vector<OfferedTool> tools;
    tools.push_back({"Wait", Tool::from("wait", "Waits until the test lets it go", [this] {
                       begun.count_down();
                       go.wait();
                       return "done";
                     })});
    tools.push_back({"Quick", Tool::from("quick", "Answers at once", [] { return "quick"; })});
    server_ = std::make_unique<Server>(std::move(tools), "", clock_);
    thread_ = std::thread([this] { serve_lines(*server_, to_[0], from_[1]); });
    say(R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{}})");
    static_cast<void>(hear());
  }
  ~ServeLinesTest() override {
    if (!is_over_) end();
    for (const int file : {to_[0], from_[0], from_[1]}) close(file);
  }

  void say(const std::string& line) {
    const std::string text = line + "\n";
    ASSERT_EQ(write(to_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Message hear() {
    while (true) {
      if (const auto line = reader_.next()) return parse_message(*line).value();
      std::array<char, 4096> buffer;
      const auto got = read(from_[0], buffer.data(), buffer.size());
      if (got <= 0) throw std::runtime_error("the server said no more");
      reader_.feed({buffer.data(), static_cast<std::size_t>(got)});
    }
  }
  void end() {
    close(to_[1]);
    thread_.join();
    is_over_ = true;
  }
  static std::string call(int id, const std::string& tool) {
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"tools/call","params":{"name":")" +
           tool + R"("}})";
  }

  std::latch begun{1};
  std::latch go{1};

 private:
  testing::ManualClock clock_;
  std::array<int, 2> to_{};
  std::array<int, 2> from_{};
  LineReader reader_{kMaxMessageBytes};
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool is_over_ = false;
};

TEST_F(ServeLinesTest, AnswersOthersWhileACallTakesItsTime) {
  say(call(1, "wait"));
  say(call(2, "quick"));
  say(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");

  EXPECT_NE(hear().id, 1);
  EXPECT_NE(hear().id, 1);
  go.count_down();
  EXPECT_EQ(hear().id, 1);
}

TEST_F(ServeLinesTest, DoesNotAnswerACallThatWasCancelled) {
  say(call(1, "wait"));
  begun.wait();
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  say(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
  ASSERT_EQ(hear().id, 3);
  go.count_down();
  say(call(4, "quick"));

  EXPECT_EQ(hear().id, 4);
}

TEST_F(ServeLinesTest, SaysWhatItCannotReadAndGoesOn) {
  go.count_down();
  say("hello?");
  EXPECT_EQ(std::get<RpcError>(hear().reply).code, kParseError);
  say(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
  EXPECT_EQ(hear().id, 3);
}

TEST_F(ServeLinesTest, RefusesMoreCallsThanItKeeps) {
  for (std::size_t i = 0; i <= kMaxCalls; ++i) say(call(static_cast<int>(i), "wait"));

  const Message refused = hear();
  EXPECT_EQ(refused.id, static_cast<int>(kMaxCalls));
  EXPECT_THAT(std::get<RpcError>(refused.reply).message, HasSubstr("Too many"));
  go.count_down();
  for (std::size_t i = 0; i < kMaxCalls; ++i) static_cast<void>(hear());
}

TEST_F(ServeLinesTest, FinishesWhatIsUnderWayWhenTheClientSaysNoMore) {
  say(call(1, "wait"));
  begun.wait();
  std::thread ending([this] { end(); });
  go.count_down();
  ending.join();

  EXPECT_EQ(hear().id, 1);
}

}  // namespace
}  // namespace ebagent::mcp
