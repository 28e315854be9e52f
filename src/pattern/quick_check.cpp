#include "pattern/quick_check.hpp"

#include <simdjson.h>

#include <vector>

#include "pattern/event_tape.hpp"
#include "pattern/plain_keys.hpp"

namespace ebagent::pattern {

namespace dom = simdjson::dom;

struct QuickCheck::Parser {
  dom::parser parser;
  std::vector<std::string_view> keys;

  // Recursion is bounded by the depth that the parser takes.
  bool has_plain_keys(const dom::element& value) {
    if (value.is_array()) {
      const dom::array array = value.get_array().value_unsafe();
      for (const dom::element element : array) {
        if (!element.is_string() && !has_plain_keys(element)) return false;
      }
      return true;
    }
    if (!value.is_object()) return true;
    const dom::object object = value.get_object().value_unsafe();
    keys.clear();
    for (const auto& field : object) keys.push_back(field.key);
    if (!are_plain(keys)) return false;
    for (const auto& field : object) {
      if (!field.value.is_string() && !has_plain_keys(field.value)) return false;
    }
    return true;
  }
};

QuickCheck::QuickCheck() : parser_(std::make_unique<Parser>()) {}
QuickCheck::~QuickCheck() = default;

QuickVerdict QuickCheck::read(std::string_view json) {
  constexpr std::size_t kFirstCapacity = 4096;
  // Larger events are rare; a buffer for one would be kept.
  constexpr std::size_t kMost = std::size_t{1} << 20;
  if (json.size() > kMost || json.find('\\') != std::string_view::npos) return QuickVerdict::Unknown;
  dom::parser& parser = parser_->parser;
  // The parser counts the document itself as one level.
  if (parser.max_depth() != EventTape::kMaxDepth + 1 &&
      parser.allocate(kFirstCapacity, EventTape::kMaxDepth + 1) != simdjson::SUCCESS) {
    return QuickVerdict::Unknown;
  }
  dom::element root;
  if (parser.parse(json.data(), json.size(), true).get(root) != simdjson::SUCCESS)
    return QuickVerdict::Unknown;
  return root.is_object() && parser_->has_plain_keys(root) ? QuickVerdict::Plain : QuickVerdict::Unknown;
}

}  // namespace ebagent::pattern
