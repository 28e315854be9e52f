#include "models/sse_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace ebagent::models {
namespace {

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
  SseReader reader;
  std::vector<std::string> all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    auto events = reader.feed(bytes.substr(at, piece));
    if (!events) {
      ADD_FAILURE() << events.error().message;
      break;
    }
    for (const ServerSentEvent& event : events.value()) all.push_back(event.name + "|" + event.data);
  }
  return all;
}

TEST(SseReader, ReadsEventsAlikeWhateverThePiecesInWhichTheyCome) {
  const std::string bytes =
      "\xEF\xBB\xBF: a comment\n\nevent: start\ndata: {\"a\":1}\n\ndata:one\ndata: two\nid: 7\nretry: 1\n\n"
      "event: empty\n\ndata\n\ndata: \xC3\xBC\n\n";
  const std::vector<std::string> expected{"start|{\"a\":1}", "|one\ntwo", "|", "|\xC3\xBC"};

  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(read(bytes, piece), expected) << piece;
}

TEST(SseReader, TakesEachKindOfLineEnd) {
  const std::vector<std::string> expected{"|a\nb", "|c"};

  for (const std::string end : {"\n", "\r", "\r\n"}) {
    std::string bytes;
    for (const std::string line : {"data: a", "data: b", "", "data: c", ""}) bytes += line + end;
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
      EXPECT_EQ(read(bytes, piece), expected) << piece;
  }
}

TEST(SseReader, DropsAnEventThatTheStreamEndsWithin) {
  EXPECT_EQ(read("data: a\n\ndata: b\n", 100), std::vector<std::string>{"|a"});
}

TEST(SseReader, RefusesAnEventWithoutEnd) {
  SseReader of_one_line;
  SseReader of_many_lines;
  const std::string half(SseReader::kMaxEvent / 2 + 1, 'x');

  ASSERT_TRUE(of_one_line.feed(half));
  ASSERT_TRUE(of_many_lines.feed("data: " + half + "\n"));

  EXPECT_EQ(of_one_line.feed(half).error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(of_many_lines.feed("data: " + half + "\n").error().code, ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace ebagent::models
