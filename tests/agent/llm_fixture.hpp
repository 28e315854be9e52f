#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/model.hpp"

namespace ebagent::agent {

// A model whose turns a test writes. Counts how often it is asked: what a turn costs.
class ScriptedModel final : public Model {
 public:
  using Script = std::function<Result<Turn>(const Conversation&)>;
  explicit ScriptedModel(Script script) : script_(std::move(script)) {}

  Result<Turn> next(const Conversation& conversation, const TurnRequest&) const override {
    const std::scoped_lock lock{mutex_};
    ++turns;
    return script_(conversation);
  }
  [[nodiscard]] std::string_view name() const override { return "scripted"; }

  mutable int turns = 0;

 private:
  Script script_;
  mutable std::mutex mutex_;
};

inline ToolCall tool_call(std::string name, std::string tool,
                          boost::json::value input = boost::json::object{}) {
  return {.name = std::move(name), .tool = std::move(tool), .input = std::move(input)};
}

inline Turn call(std::string name, std::string tool, boost::json::value input = boost::json::object{}) {
  return {.calls = {tool_call(std::move(name), std::move(tool), std::move(input))},
          .end = TurnEnd::ToolCalls};
}

// The outcomes of an exchange as one line, as a model reads them.
inline std::string told(const Exchange& exchange) {
  std::string text;
  for (const auto& outcome : exchange.outcomes) {
    if (!text.empty()) text += " | ";
    text += outcome ? boost::json::serialize(outcome.value()) : "error: " + outcome.error().message;
  }
  return text;
}

}  // namespace ebagent::agent
