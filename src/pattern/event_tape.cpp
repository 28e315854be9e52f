#include "pattern/event_tape.hpp"

#include "core/json.hpp"

namespace ebagent::pattern {
namespace {

// AWS's own events are at most 1 MiB; this keeps positions within 32 bits with much room.
constexpr std::size_t kMaxEventBytes = std::size_t{256} << 20;

Error malformed(const JsonReader& reader) {
  return {ErrorCode::Malformed, "The event is not valid JSON: " + reader.error() + " (at byte " +
                                    std::to_string(reader.position()) + ")."};
}

}  // namespace

Result<void> EventTape::read(std::string_view json) {
  nodes_.clear();
  open_.clear();
  if (json.size() > kMaxEventBytes)
    return fail(ErrorCode::LimitExceeded, "The event is larger than 256 MiB.");
  if (!core::is_utf8(json)) return fail(ErrorCode::Malformed, "The event is not valid UTF-8.");
  JsonReader reader(json, kMaxDepth, arena_);
  Token token = reader.next();
  if (reader.has_failed()) return fail(malformed(reader));
  if (token != Token::BeginObject) return fail(ErrorCode::Malformed, "The event is not a JSON object.");
  std::string_view key;
  do {
    switch (token) {
      case Token::Failed:
        return fail(malformed(reader));
      case Token::Name:
        key = reader.text();
        break;
      case Token::EndObject:
      case Token::EndArray: {
        TapeNode& node = nodes_[open_.back()];
        open_.pop_back();
        node.end = std::uint32_t(nodes_.size());
        const auto begin = std::size_t(node.raw.data() - json.data());
        node.raw = json.substr(begin, reader.position() - begin);
        break;
      }
      default: {
        const bool is_container = token == Token::BeginObject || token == Token::BeginArray;
        const auto index = std::uint32_t(nodes_.size());
        const std::string_view text = is_container ? std::string_view{} : reader.text();
        if (reader.has_failed()) return fail(malformed(reader));
        const std::size_t begin = reader.token_begin();
        nodes_.push_back({token, index + 1, key, text, json.substr(begin, reader.position() - begin)});
        if (is_container) open_.push_back(index);
        key = {};
      }
    }
    if (open_.empty()) break;
    token = reader.next();
  } while (true);
  if (reader.next() != Token::End) {
    if (reader.has_failed()) return fail(malformed(reader));
    return fail(ErrorCode::Malformed, "There is text after the end of the event.");
  }
  return success();
}

}  // namespace ebagent::pattern
