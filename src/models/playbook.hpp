#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/model.hpp"
#include "ebagent/pattern.hpp"
#include "transform/template.hpp"

namespace ebagent::models {

// The model that needs no LLM: goes through its entries from top to bottom once and asks for one tool call a
// turn, so that each condition sees what came before. An entry whose condition does not match is passed over
// for good. Conditions are EventPatterns and inputs are templates over
//   {"event": the envelope, "input": what the agent was given, "steps": {NAME: {"output": ...} or {"error":
//   "..."}}}.
// A function of the conversation alone, and immutable: safe to use from any thread.
class PlaybookModel final : public Model {
 public:
  // InvalidArgument names the entry and what is wrong with its name, condition or template.
  [[nodiscard]] static Result<std::unique_ptr<const Model>> make(const Playbook& playbook);

  Result<Turn> next(const Conversation& conversation, const TurnRequest& request) const override;
  // Says what it is, so that nobody takes its answers for an LLM's.
  [[nodiscard]] std::string_view name() const override { return "playbook (rules, no LLM)"; }
  [[nodiscard]] bool is_repeatable() const override { return true; }

 private:
  struct Entry {
    std::string name;
    std::string tool;
    std::optional<pattern::Pattern> when;
    transform::Template input;
    OnError on_error;
  };
  struct Answer {
    std::optional<pattern::Pattern> when;
    transform::Template text;
  };

  PlaybookModel() = default;
  [[nodiscard]] std::size_t position(const Conversation& conversation) const;
  class ScopeText;
  Result<Turn> answer(const Conversation& conversation, const boost::json::value& scope,
                      ScopeText& text) const;

  std::vector<Entry> entries_;
  std::vector<Answer> answers_;
};

}  // namespace ebagent::models
