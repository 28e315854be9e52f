#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/model.hpp"
#include "store/store.hpp"

// What a journal says of a run, for people and programs that read it.
namespace ebagent::agent {

// "running", "succeeded", "failed", "waiting", "cancelled", "skipped".
[[nodiscard]] std::string_view to_string(store::RunState state);
[[nodiscard]] std::optional<store::RunState> run_state_from(std::string_view word);
// "started", "succeeded", "failed".
[[nodiscard]] std::string_view to_string(store::StepState state);

// A turn as its step has it; what the step does not say is empty.
struct TurnView {
  std::string model;  // as the service named itself, or as the agent names it
  Usage usage;
  std::optional<double> cost_usd;  // on record when the model had a price
  std::string text;
  std::vector<std::string> tools;  // that it calls
  std::string end;                 // see models::to_string(TurnEnd)
};
[[nodiscard]] TurnView turn_of(const store::Step& step);

// A question to a person, and the answer.
struct QuestionView {
  std::string call;  // the name of the step that it is about
  std::string tool;
  std::string arguments;  // JSON text
  std::string reason;     // "required", "tainted"
  std::optional<TimePoint> until;
  std::optional<bool> approved;  // absent: nobody has answered
  std::string by;
  std::string comment;
};
[[nodiscard]] bool is_question(const store::Step& step);
[[nodiscard]] QuestionView question_of(const store::Step& step);

// What a run took so far, `now` being the end of what has not ended.
struct RunTotals {
  int turns = 0;
  int calls = 0;  // of tools and agents
  Usage usage;
  std::optional<double> cost_usd;  // of the turns that have one
  Duration wall{0};
  Duration waiting{0};  // for people, within `wall`
};
[[nodiscard]] RunTotals totals_of(const store::Run& run, const std::vector<store::Step>& steps,
                                  TimePoint now);

// As programs read them. A run without its event and steps; with them and its totals.
[[nodiscard]] boost::json::object to_json(const store::Run& run);
[[nodiscard]] boost::json::object to_json(const store::Step& step);
[[nodiscard]] boost::json::object to_json(const store::Run& run, const std::vector<store::Step>& steps,
                                          TimePoint now);
// {"run_id", "agent", "step", "call", "tool", "arguments", "reason", "since", "until"}
[[nodiscard]] boost::json::object waiting_json(const store::Run& run, const store::Step& step);

// The output of a question's step: an answer as Store::answer_step takes it.
[[nodiscard]] std::string answer_json(bool approved, std::string_view by, std::string_view comment,
                                      TimePoint at);

}  // namespace ebagent::agent
