#include "models/event_stream.hpp"

#include <boost/crc.hpp>
#include <cstdint>
#include <optional>
#include <utility>

namespace ebagent::models {
namespace {

constexpr std::size_t kPrelude = 12;
constexpr std::size_t kCrc = 4;

// Types of header values, as the wire numbers them.
constexpr unsigned kTrue = 0;
constexpr unsigned kBytes = 6;
constexpr unsigned kText = 7;
constexpr unsigned kUuid = 9;
// Sizes of the values of types 0 to 9; bytes and text say their own.
constexpr std::size_t kSizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size = 4) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = (number << 8U) | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

bool has_crc(std::string_view bytes, std::uint32_t expected) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum() == expected;
}

auto malformed(const char* what) {
  return fail(ErrorCode::Malformed, std::string{"The event stream is broken: "} + what + ".");
}

// The first `size` bytes, taken off; nothing when there are not so many.
std::optional<std::string_view> take(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) return std::nullopt;
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

// Takes one header off `bytes` and keeps it when it is text; false when it does not fit in.
bool take_header(std::string_view& bytes, StreamMessage& message) {
  const auto name_size = take(bytes, 1);
  if (!name_size) return false;
  const auto name = take(bytes, number_at(*name_size, 0, 1));
  const auto type_byte = take(bytes, 1);
  if (!name || !type_byte) return false;
  const unsigned type = number_at(*type_byte, 0, 1);
  static_assert(kTrue == 0 && kUuid == std::size(kSizes) - 1);
  if (type > kUuid) return false;
  std::size_t size = kSizes[type];
  if (type == kBytes || type == kText) {
    const auto value_size = take(bytes, 2);
    if (!value_size) return false;
    size = number_at(*value_size, 0, 2);
  }
  const auto value = take(bytes, size);
  if (!value) return false;
  if (type == kText) message.headers.insert_or_assign(std::string{*name}, std::string{*value});
  return true;
}

Result<StreamMessage> read_message(std::string_view bytes, std::size_t headers_size) {
  const std::size_t end = bytes.size() - kCrc;
  if (!has_crc(bytes.substr(0, end), number_at(bytes, end)))
    return malformed("a message's checksum is wrong");
  StreamMessage message;
  std::string_view headers = bytes.substr(kPrelude, headers_size);
  while (!headers.empty()) {
    if (!take_header(headers, message)) return malformed("a message's headers cannot be read");
  }
  message.payload = bytes.substr(kPrelude + headers_size, end - kPrelude - headers_size);
  return message;
}

}  // namespace

std::string_view StreamMessage::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

Result<std::vector<StreamMessage>> EventStreamDecoder::feed(std::string_view piece) {
  pending_.append(piece);
  std::vector<StreamMessage> messages;
  std::string_view rest = pending_;
  while (rest.size() >= kPrelude) {
    const std::size_t size = number_at(rest, 0);
    const std::size_t headers_size = number_at(rest, 4);
    if (!has_crc(rest.substr(0, 8), number_at(rest, 8))) return malformed("a prelude's checksum is wrong");
    if (size > kMaxMessage || headers_size > kMaxHeaders) {
      return fail(ErrorCode::LimitExceeded,
                  "A message of the event stream is larger than " + std::to_string(kMaxMessage) + " bytes.");
    }
    if (size < kPrelude + kCrc + headers_size) return malformed("a message is shorter than its headers");
    if (rest.size() < size) break;
    BOOST_OUTCOME_TRY(auto message, read_message(rest.substr(0, size), headers_size));
    messages.push_back(std::move(message));
    rest.remove_prefix(size);
  }
  pending_.erase(0, pending_.size() - rest.size());
  return messages;
}

}  // namespace ebagent::models
