#include "models/event_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/model_fixture.hpp"

namespace ebagent::models {
namespace {

using testing::event;
using testing::frame;

std::vector<StreamMessage> feed_all(EventStreamDecoder& decoder, std::string_view bytes, std::size_t piece) {
  std::vector<StreamMessage> all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    auto messages = decoder.feed(bytes.substr(at, piece));
    if (!messages) {
      ADD_FAILURE() << messages.error().message;
      break;
    }
    for (StreamMessage& message : messages.value()) all.push_back(std::move(message));
  }
  return all;
}

TEST(EventStream, IsReadAlikeWhateverThePiecesInWhichItComes) {
  const std::string bytes =
      event("one", R"({"a":1})") + event("two", "") + frame({}, std::string(70'000, 'x'));

  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    EventStreamDecoder decoder;
    const auto messages = feed_all(decoder, bytes, piece);

    ASSERT_EQ(messages.size(), 3u) << piece;
    EXPECT_EQ(messages[0].header(":event-type"), "one");
    EXPECT_EQ(messages[0].header(":message-type"), "event");
    EXPECT_EQ(messages[0].header("absent"), "");
    EXPECT_EQ(messages[0].payload, R"({"a":1})");
    EXPECT_EQ(messages[1].payload, "");
    EXPECT_EQ(messages[2].payload.size(), 70'000u);
    EXPECT_TRUE(decoder.is_at_boundary());
  }
}

TEST(EventStream, WaitsWhereverAMessageIsCut) {
  const std::string bytes = event("one", R"({"a":1})");

  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EventStreamDecoder decoder;
    EXPECT_TRUE(feed_all(decoder, std::string_view{bytes}.substr(0, size), size).empty()) << size;
    EXPECT_FALSE(decoder.is_at_boundary());
    EXPECT_EQ(feed_all(decoder, std::string_view{bytes}.substr(size), bytes.size()).size(), 1u) << size;
  }
}

TEST(EventStream, NoticesEachBitThatIsWrong) {
  const std::string bytes = event("one", R"({"a":1})");

  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 4);
    EventStreamDecoder decoder;
    const auto messages = decoder.feed(broken);
    ASSERT_FALSE(messages) << at;
    EXPECT_EQ(messages.error().code, ErrorCode::Malformed);
  }
}

TEST(EventStream, PassesOverHeadersThatAreNoText) {
  // true, false, byte, short, int, long, bytes, text, timestamp, uuid
  const std::string values[] = {"",
                                "",
                                "1",
                                "12",
                                "1234",
                                "12345678",
                                std::string("\0\3abc", 5),
                                std::string("\0\2ok", 4),
                                "12345678",
                                "1234567890123456"};
  std::string headers;
  for (std::size_t type = 0; type < std::size(values); ++type) {
    headers += '\1';
    headers += static_cast<char>('a' + type);
    headers += static_cast<char>(type);
    headers += values[type];
  }
  // frame() writes text only: the headers go in as one that is cut open again.
  std::string bytes = frame({}, headers + "payload");
  const auto crc = [](std::string_view text) {
    boost::crc_32_type sum;
    sum.process_bytes(text.data(), text.size());
    std::string number;
    for (int shift = 24; shift >= 0; shift -= 8)
      number += static_cast<char>(sum.checksum() >> unsigned(shift));
    return number;
  };
  bytes[7] = static_cast<char>(headers.size());
  bytes.replace(8, 4, crc(bytes.substr(0, 8)));
  bytes.replace(bytes.size() - 4, 4, crc(bytes.substr(0, bytes.size() - 4)));

  EventStreamDecoder decoder;
  const auto messages = feed_all(decoder, bytes, bytes.size());

  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].headers.size(), 1u);
  EXPECT_EQ(messages[0].header("h"), "ok");
  EXPECT_EQ(messages[0].payload, "payload");
}

TEST(EventStream, RefusesAMessageThatIsTooLargeBeforeItHasCome) {
  std::string bytes = event("one", "");
  const std::string huge("\x7f\0\0\0", 4);
  bytes.replace(0, 4, huge);
  boost::crc_32_type sum;
  sum.process_bytes(bytes.data(), 8);
  for (int i = 0; i < 4; ++i) bytes[8 + i] = static_cast<char>(sum.checksum() >> unsigned(24 - 8 * i));

  EventStreamDecoder decoder;
  const auto messages = decoder.feed(bytes);

  ASSERT_FALSE(messages);
  EXPECT_EQ(messages.error().code, ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace ebagent::models
