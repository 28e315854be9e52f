#include "agent/loop.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "agent/answer.hpp"
#include "agent/prompt.hpp"
#include "agent/tool_calls.hpp"
#include "core/json.hpp"
#include "models/turn_record.hpp"
#include "schema/json_schema.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

// A model that is cut off, pauses or overflows again and again gets nowhere.
constexpr int kMaxCutTurns = 3;

// One run of one attempt.
class Loop {
 public:
  Loop(Journal& journal, const RunContext& context, const Model& model, Meter& meter)
      : journal_(journal),
        context_(context),
        model_(model),
        meter_(meter),
        calls_(journal, context, meter, model.is_repeatable() ? CallerKind::Playbook : CallerKind::Model),
        conversation_(model.is_repeatable() ? Conversation{context.event, context.input}
                                            : begin_conversation(context)) {
    if (context.spec.output_schema.is_null()) return;
    auto compiled = schema::Schema::compile(context.spec.output_schema);
    if (!compiled) throw Stopped(stop_reason::kError, compiled.error().message, ErrorCode::InvalidArgument);
    output_ = std::move(compiled).value();
  }

  Result<std::string> run() {
    while (true) {
      BOOST_OUTCOME_TRY(Turn turn, take_turn());
      BOOST_OUTCOME_TRY(auto answer, go_on(std::move(turn)));
      if (answer) return std::move(*answer);
    }
  }

 private:
  Result<Turn> take_turn();
  Result<json::value> ask(const std::string& step);
  // The answer, when the turn gives it.
  Result<std::optional<std::string>> go_on(Turn turn);
  Result<std::optional<std::string>> make_calls(Turn turn);
  Result<std::optional<std::string>> answer(Turn turn);
  void say(Turn turn, std::string feedback);
  void go_on_after_cut(Turn turn);
  [[nodiscard]] bool has_schema() const { return output_.has_value(); }
  [[nodiscard]] bool is_answer(const ToolCall& call) const {
    return has_schema() && call.tool == kAnswerTool;
  }

  Journal& journal_;
  const RunContext& context_;
  const Model& model_;
  Meter& meter_;
  ToolCalls calls_;
  Conversation conversation_;
  std::optional<schema::Schema> output_;  // that the answer satisfies
  int cut_turns_ = 0;                     // in a row
};

Result<Turn> Loop::take_turn() {
  meter_.begin_turn();
  meter_.check_spent();
  check_time(context_);
  const StepRequest request{
      .name = journal_.name_step("turn " + std::to_string(meter_.turns())),
      .kind = "model",
      // A turn that may have been paid for shows as begun; asking again changes nothing but the bill.
      .effect = model_.is_repeatable() ? Effect::Read : Effect::Idempotent,
      .input = core::write_json(
          json::object{{"model", json::string_view(model_.name().data(), model_.name().size())}}),
      // With the intents of its calls; an answer, or a failure, at once.
      .durability = Durability::WithNextWrite};
  auto output =
      journal_.perform(request, [&](const std::string& step, const std::string&) { return ask(step); });
  if (!output) return fail(output.error());
  BOOST_OUTCOME_TRY(auto turn, models::turn_from_record(output.value()));
  if (!model_.is_repeatable() && turn.calls.empty()) journal_.flush();
  meter_.count(turn.usage);
  return turn;
}

Result<json::value> Loop::ask(const std::string& step) {
  const HookContext seen{journal_.run().id, context_.spec.name, context_.event, step};
  const Hooks* hooks = context_.hooks.get();
  if (hooks != nullptr && hooks->before_turn) {
    if (auto allowed = hooks->before_turn(seen, conversation_); !allowed) return fail(allowed.error());
  }
  TurnRequest request{.deadline = context_.deadline, .on_text = {}, .is_cancelled = context_.is_cancelled};
  request.on_text = [&](std::string_view text) {
    if (hooks != nullptr && hooks->on_text) hooks->on_text(seen, text);
    if (context_.news != nullptr) context_.news->text(step, text);
  };
  auto turn = model_.next(conversation_, request);
  if (context_.is_cancelled && context_.is_cancelled()) throw RunCancelled("The run was cancelled.");
  if (!turn) return fail(turn.error());
  if (hooks != nullptr && hooks->after_turn) hooks->after_turn(seen, turn.value());
  json::value record = models::to_record(turn.value());
  if (context_.price && turn.value().usage.total() > 0) {
    record.as_object()["cost_usd"] = cost_usd(turn.value().usage, *context_.price);
  }
  return record;
}

Result<std::optional<std::string>> Loop::go_on(Turn turn) {
  switch (turn.end) {
    case TurnEnd::Refusal:
      throw Stopped(stop_reason::kRefusal, "The model refused: " + turn.text, ErrorCode::Denied);
    case TurnEnd::Guardrail:
      throw Stopped(stop_reason::kGuardrail, "A guardrail intervened: " + turn.text, ErrorCode::Denied);
    case TurnEnd::ContextFull:
    case TurnEnd::MaxTokens:
    case TurnEnd::Paused:
      go_on_after_cut(std::move(turn));
      return std::optional<std::string>{};
    case TurnEnd::Answer:
    case TurnEnd::ToolCalls:
      break;
  }
  cut_turns_ = 0;
  return turn.calls.empty() ? answer(std::move(turn)) : make_calls(std::move(turn));
}

void Loop::go_on_after_cut(Turn turn) {
  const bool is_hopeless = ++cut_turns_ > kMaxCutTurns;
  if (turn.end == TurnEnd::ContextFull) {
    if (!is_hopeless && trim(conversation_.exchanges)) return;
    throw Stopped(stop_reason::kContextFull, "The conversation does not fit into the model's context.");
  }
  if (is_hopeless) {
    throw Stopped(stop_reason::kMaxTokens, "The model's turns were cut at their token limit " +
                                               std::to_string(cut_turns_) + " times in a row.");
  }
  const bool is_paused = turn.end == TurnEnd::Paused;
  // Calls of a cut turn may be cut themselves.
  turn.calls.clear();
  if (!is_paused) turn.content = nullptr;
  say(std::move(turn), is_paused ? "" : "Your turn was cut at its token limit. Go on, more briefly.");
}

void Loop::say(Turn turn, std::string feedback) {
  conversation_.exchanges.push_back(
      {.turn = std::move(turn), .outcomes = {}, .feedback = std::move(feedback)});
}

Result<std::optional<std::string>> Loop::make_calls(Turn turn) {
  std::vector<ToolCall> to_make;
  for (const ToolCall& call : turn.calls) {
    if (!is_answer(call)) to_make.push_back(call);
  }
  auto made = calls_.make(to_make);
  Exchange exchange{.turn = std::move(turn)};
  auto next = made.begin();
  for (const ToolCall& call : exchange.turn.calls) {
    if (is_answer(call)) {
      auto valid = call.malformed.empty()
                       ? output_->check(call.input)
                       : Result<void>(fail(ErrorCode::Malformed, "The answer is no JSON object."));
      if (valid) return std::optional<std::string>{core::write_json(call.input)};
      exchange.outcomes.emplace_back(fail(valid.error()));
      continue;
    }
    Result<json::value>& outcome = *next++;
    if (!outcome && call.on_error == OnError::Fail) {
      return fail(outcome.error().code,
                  "Step \"" + call.name + "\" (tool " + call.tool + "): " + outcome.error().message);
    }
    exchange.outcomes.push_back(as_told(std::move(outcome)));
  }
  conversation_.exchanges.push_back(std::move(exchange));
  return std::optional<std::string>{};
}

Result<std::optional<std::string>> Loop::answer(Turn turn) {
  if (!has_schema()) return std::optional<std::string>{std::move(turn.text)};
  const auto value = json_in(turn.text);
  auto valid = value ? output_->check(*value) : Result<void>(fail(ErrorCode::Malformed, "it is no JSON"));
  if (valid) return std::optional<std::string>{core::write_json(*value)};
  if (model_.is_repeatable()) {
    return fail(ErrorCode::InvalidArgument,
                "The answer does not satisfy the output schema: " + valid.error().message);
  }
  say(std::move(turn), "That is not an answer yet: " + valid.error().message + ". Call " +
                           std::string(kAnswerTool) + " with one that satisfies its schema.");
  return std::optional<std::string>{};
}

}  // namespace

Result<std::string> run_loop(Journal& journal, const RunContext& context, const Model& model, Meter& meter) {
  return Loop{journal, context, model, meter}.run();
}

}  // namespace ebagent::agent
