#include <algorithm>
#include <functional>

#include "ebagent/pattern.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {
namespace {

// Up to this many keys comparing each with each is quicker than sorting.
constexpr std::size_t kFewKeys = 12;

bool are_unique(std::vector<std::string_view>& keys) {
  if (keys.size() > kFewKeys) {
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
  }
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (std::find(keys.begin(), keys.begin() + std::ptrdiff_t(i), keys[i]) != keys.begin() + std::ptrdiff_t(i)) return false;
  }
  return true;
}

// A decoded key lies outside the text.
bool is_plain(std::string_view key, std::string_view json) {
  const bool is_as_written = std::greater_equal<>{}(key.data(), json.data()) &&
                             std::less_equal<>{}(key.data() + key.size(), json.data() + json.size());
  return is_as_written && key.find('.') == std::string_view::npos;
}

bool has_plain_keys(const std::vector<TapeNode>& nodes, std::string_view json, std::vector<std::string_view>& keys) {
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].type != Token::BeginObject) continue;
    keys.clear();
    for (std::uint32_t member = i + 1; member < nodes[i].end; member = nodes[member].end) {
      if (!is_plain(nodes[member].key, json)) return false;
      keys.push_back(nodes[member].key);
    }
    if (!are_unique(keys)) return false;
  }
  return true;
}

}  // namespace

Result<CheckedEvent> CheckedEvent::check(std::string_view json, Scratch& scratch) {
  Scratch::Workspace& workspace = scratch.workspace();
  BOOST_OUTCOME_TRY(workspace.tape.read(json));
  const bool has_escapes = json.find('\\') != std::string_view::npos;
  return CheckedEvent(json, pattern::has_plain_keys(workspace.tape.nodes(), json, workspace.keys), has_escapes);
}

}  // namespace ebagent::pattern
