#include <algorithm>
#include <utility>

#include "ebagent/testing.hpp"

namespace ebagent::testing {
namespace {

class ProbeModel final : public Model {
 public:
  Result<Turn> next(const Conversation& conversation, const TurnRequest&) const override {
    if (conversation.exchanges.empty() && !conversation.tools.empty()) return call_all(conversation);
    std::size_t made = 0, succeeded = 0;
    for (const Exchange& exchange : conversation.exchanges) {
      for (const auto& outcome : exchange.outcomes) {
        ++made;
        if (outcome) ++succeeded;
      }
    }
    return Turn{.text = std::to_string(succeeded) + " of " + std::to_string(made) + " calls succeeded."};
  }

  [[nodiscard]] std::string_view name() const override { return "probe"; }

 private:
  static Result<Turn> call_all(const Conversation& conversation) {
    Turn turn{.end = TurnEnd::ToolCalls};
    for (const ToolView& tool : conversation.tools) {
      auto input = valid_value(tool.input_schema);
      if (!input) {
        return ebagent::fail(ErrorCode::InvalidArgument,
                             "Tool \"" + tool.name + "\": " + input.error().message);
      }
      turn.calls.push_back({.tool = tool.name, .input = std::move(input).value()});
    }
    return turn;
  }
};

}  // namespace

std::shared_ptr<const Model> probe() {
  return std::make_shared<const ProbeModel>();
}

}  // namespace ebagent::testing
