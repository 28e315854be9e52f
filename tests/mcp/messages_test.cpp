#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "mcp/json_rpc.hpp"
#include "mcp/line_reader.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(JsonRpcMessage, IsARequestWhenItHasMethodAndId) {
  const auto read = parse_message(R"({"jsonrpc":"2.0","id":"a","method":"ping","params":{"x":1}})");

  ASSERT_TRUE(read);
  EXPECT_EQ(read.value().kind, Message::Kind::Request);
  EXPECT_EQ(read.value().id, "a");
  EXPECT_EQ(read.value().params.at("x"), 1);
}

TEST(JsonRpcMessage, IsANotificationWithoutAnId) {
  const auto read = parse_message(R"({"jsonrpc":"2.0","method":"notifications/progress"})");

  EXPECT_EQ(read.value().kind, Message::Kind::Notification);
}

TEST(JsonRpcMessage, IsAResponseWithAResultOrAnError) {
  const auto result = parse_message(R"({"jsonrpc":"2.0","id":7,"result":{"ok":true}})");
  const auto error =
      parse_message(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no","data":[1]}})");

  EXPECT_EQ(std::get<boost::json::object>(result.value().reply).at("ok"), true);
  EXPECT_EQ(std::get<RpcError>(error.value().reply).code, -32000);
  EXPECT_TRUE(error.value().id.is_null());
}

TEST(JsonRpcMessage, IsRefusedWithTheReason) {
  const auto why = [](std::string_view text) { return parse_message(text).error().message; };

  EXPECT_THAT(why("{"), HasSubstr("JSON"));
  EXPECT_THAT(why("[]"), HasSubstr("batches"));
  EXPECT_THAT(why("7"), HasSubstr("no object"));
  EXPECT_THAT(why(R"({"id":1,"result":{}})"), HasSubstr("jsonrpc"));
  EXPECT_THAT(why(R"({"jsonrpc":"2.0","id":1})"), HasSubstr("neither method nor result nor error"));
  EXPECT_THAT(why(R"({"jsonrpc":"2.0","id":{},"method":"x"})"), HasSubstr("id"));
  EXPECT_THAT(why(R"({"jsonrpc":"2.0","id":1,"method":"x","params":[]})"), HasSubstr("params"));
  EXPECT_THAT(why(R"({"jsonrpc":"2.0","id":1,"result":[]})"), HasSubstr("result"));
  EXPECT_THAT(why(R"({"jsonrpc":"2.0","id":1,"error":{"message":"x"}})"), HasSubstr("code"));
}

TEST(JsonRpcMessage, IsReadBackAsItWasWritten) {
  const auto request = parse_message(request_text(3, "tools/call", {{"name", "a\nb"}}));
  const auto refused = parse_message(response_text("x", RpcError{-32601, "no", nullptr}));

  EXPECT_EQ(request.value().params.at("name"), "a\nb");
  EXPECT_EQ(std::get<RpcError>(refused.value().reply).message, "no");
  EXPECT_EQ(request_text(3, "tools/call", {{"name", "a\nb"}}).find('\n'), std::string::npos);
}

std::vector<std::string> lines_of(LineReader& reader) {
  std::vector<std::string> lines;
  while (auto line = reader.next()) lines.push_back(*line);
  return lines;
}

TEST(LineReader, PutsLinesTogetherFromPieces) {
  LineReader reader{100};
  std::vector<std::string> lines;
  for (const char c : std::string("one\r\n\ntwo\nthr")) {
    reader.feed({&c, 1});
    for (auto& line : lines_of(reader)) lines.push_back(line);
  }

  EXPECT_THAT(lines, ElementsAre("one", "two"));
}

TEST(LineReader, GivesUpAtALineThatIsTooLong) {
  LineReader reader{4};
  reader.feed("four\nfives\nsix\n");

  EXPECT_THAT(lines_of(reader), ElementsAre("four"));
  EXPECT_TRUE(reader.is_stopped());
  reader.feed("more\n");
  EXPECT_THAT(lines_of(reader), ElementsAre());
}

TEST(LineReader, DoesNotWaitForTheEndOfALineThatIsTooLong) {
  LineReader reader{4};
  reader.feed("fives");

  EXPECT_THAT(lines_of(reader), ElementsAre());
  EXPECT_TRUE(reader.is_stopped());
}

TEST(LineReader, CutsLinesThatAreTooLongWhenItMay) {
  for (const std::size_t piece : {1, 3, 100}) {
    LineReader reader{4, LineReader::TooLong::IsCut};
    std::vector<std::string> lines;
    const std::string text = "four\nfivesandmore\r\nsix\nsevenseven";
    for (std::size_t at = 0; at < text.size(); at += piece) {
      reader.feed(std::string_view(text).substr(at, piece));
      for (auto& line : lines_of(reader)) lines.push_back(line);
    }
    EXPECT_THAT(lines, ElementsAre("four", "five", "six", "seve")) << piece;
  }
}

}  // namespace
}  // namespace ebagent::mcp
