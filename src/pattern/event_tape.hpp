#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "pattern/json_reader.hpp"

namespace ebagent::pattern {

// One value of an event. Containers are followed by their members; `end` is the index behind the last of
// them.
struct TapeNode {
  Token type = Token::Null;  // BeginObject, BeginArray, String, Number, True, False or Null
  std::uint32_t end = 0;
  std::string_view key;   // decoded; empty inside arrays
  std::string_view text;  // a String decoded, other leaves as they stand
  std::string_view raw;   // the JSON text
};

// An event read once: its values in the order of the text. Buffers are reused from event to event.
class EventTape {
 public:
  static constexpr std::size_t kMaxDepth = 512;  // nesting of an event; deeper is an attack, not an event

  // Reads an event strictly. The text must outlive the use of the tape.
  // Errors: Malformed when it is no JSON object or no valid UTF-8; LimitExceeded when it is too large.
  [[nodiscard]] Result<void> read(std::string_view json);

  [[nodiscard]] const std::vector<TapeNode>& nodes() const { return nodes_; }

 private:
  std::vector<TapeNode> nodes_;
  std::vector<std::uint32_t> open_;  // containers not yet closed
  std::string arena_;
};

}  // namespace ebagent::pattern
