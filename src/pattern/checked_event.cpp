#include <functional>

#include "ebagent/pattern.hpp"
#include "pattern/plain_keys.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {
namespace {

// A decoded key lies outside the text.
bool is_as_written(std::string_view key, std::string_view json) {
  return std::greater_equal<>{}(key.data(), json.data()) &&
         std::less_equal<>{}(key.data() + key.size(), json.data() + json.size());
}

bool has_only_plain_keys(const std::vector<TapeNode>& nodes, std::string_view json,
                         std::vector<std::string_view>& keys) {
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].type != Token::BeginObject) continue;
    keys.clear();
    for (std::uint32_t member = i + 1; member < nodes[i].end; member = nodes[member].end) {
      if (!is_as_written(nodes[member].key, json)) return false;
      keys.push_back(nodes[member].key);
    }
    if (!are_plain(keys)) return false;
  }
  return true;
}

}  // namespace

Result<CheckedEvent> CheckedEvent::check(std::string_view json, Scratch& scratch) {
  Scratch::Workspace& workspace = scratch.workspace();
  if (workspace.quick_check.read(json) == QuickVerdict::Plain) return CheckedEvent(json, true, false);
  BOOST_OUTCOME_TRY(workspace.tape.read(json));
  const bool has_escapes = json.find('\\') != std::string_view::npos;
  return CheckedEvent(json, has_only_plain_keys(workspace.tape.nodes(), json, workspace.keys), has_escapes);
}

}  // namespace ebagent::pattern
