#include <algorithm>
#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/disagreement.hpp"
#include "models/event_stream.hpp"
#include "models/sse_reader.hpp"

// A number and the bytes of a stream, taken as AWS's event stream and as server-sent events: at once and in pieces of that size
// they are the same messages or the same refusal, and no message is larger than what came. With an odd number the checksums of
// the event stream are made right first, so that what stands behind them is reached.
namespace ebagent::models {
namespace {

using pattern::disagree;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = (number << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

void put_checksum(std::string& bytes, std::size_t begin, std::size_t end) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data() + begin, end - begin);
  for (std::size_t i = 0; i < 4; ++i) bytes[end + i] = static_cast<char>(crc.checksum() >> (24 - 8 * i));
}

void make_checksums_right(std::string& bytes) {
  for (std::size_t at = 0; bytes.size() - at >= 16;) {
    const std::size_t size = number_at(bytes, at);
    put_checksum(bytes, at, at + 8);
    if (size < 16 || size > bytes.size() - at) return;
    put_checksum(bytes, at, at + size - 4);
    at += size;
  }
}

// What a reader makes of the bytes, as text.
template <class Reader, class Describe>
std::string read(std::string_view bytes, std::size_t piece, const Describe& describe) {
  Reader reader;
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto fed = reader.feed(bytes.substr(at, piece), [&](const auto& message) {
      text += describe(message);
      return true;
    });
    if (fed) continue;
    if (fed.error().message.empty()) disagree("refused without a reason", {});
    return text + "refused";
  }
  return text;
}

void compare(std::string_view kind, const std::string& whole, const std::string& pieces, std::size_t size) {
  if (whole != pieces)
    disagree("a stream reads otherwise in pieces",
             {{"kind", std::string{kind}}, {"whole", whole}, {"pieces", pieces}});
  if (whole.size() > 64 * size + 64) disagree("more is read than came", {{"kind", std::string{kind}}});
}

std::string describe_message(const StreamMessage& message) {
  std::string text = "[";
  for (const auto& [name, value] : message.headers) text.append(name).append("=").append(value).append(";");
  return text + message.payload + "]";
}

std::string describe_event(const ServerSentEvent& event) {
  return "[" + event.name + ":" + event.data + "]";
}

}  // namespace
}  // namespace ebagent::models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::models;
  if (size < 1) return 0;
  const std::size_t piece = std::max<std::size_t>(data[0], 1);
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t whole = std::max<std::size_t>(bytes.size(), 1);
  compare("server-sent events", read<SseReader>(bytes, whole, describe_event),
          read<SseReader>(bytes, piece, describe_event), size);
  if (data[0] % 2 == 1) make_checksums_right(bytes);
  compare("event stream", read<EventStreamDecoder>(bytes, whole, describe_message),
          read<EventStreamDecoder>(bytes, piece, describe_message), size);
  return 0;
}
