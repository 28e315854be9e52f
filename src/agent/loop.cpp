#include "agent/loop.hpp"

#include "core/json.hpp"
#include "ebagent/detail/decode.hpp"
#include "ebagent/detail/encode.hpp"

namespace ebagent::agent {
namespace {

// A turn as it stands in the journal.
struct RecordedCall {
  std::string name;
  std::string tool;
  boost::json::value input;
  bool continues_on_error = false;
};
BOOST_DESCRIBE_STRUCT(RecordedCall, (), (name, tool, input, continues_on_error))

struct RecordedTurn {
  std::vector<RecordedCall> calls;
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(RecordedTurn, (), (calls, answer))

boost::json::value to_record(const Turn& turn) {
  RecordedTurn record{{}, turn.text};
  for (const ToolCall& call : turn.calls) {
    record.calls.push_back({call.name, call.tool, call.input, call.on_error == OnError::Continue});
  }
  return detail::encode(record);
}

Result<Turn> from_record(const boost::json::value& output) {
  BOOST_OUTCOME_TRY(auto record, detail::decode<RecordedTurn>(output));
  Turn turn{.text = std::move(record.answer)};
  for (RecordedCall& call : record.calls) {
    turn.calls.push_back({.name = std::move(call.name),
                          .tool = std::move(call.tool),
                          .input = std::move(call.input),
                          .on_error = call.continues_on_error ? OnError::Continue : OnError::Fail});
  }
  return turn;
}

[[noreturn]] void stop_at(const RunContext& context, int limit, std::string_view what) {
  throw LimitReached("Agent \"" + context.agent + "\" reached its limit of " + std::to_string(limit) + " " +
                     std::string(what) + ".");
}

Result<Turn> take_turn(Journal& journal, const Model& model, const Conversation& conversation, int number) {
  std::string input = R"({"model":)";
  core::append_json_string(input, model.name());
  const StepRequest request{
      .name = "turn " + std::to_string(number),
      .kind = "model",
      .effect = Effect::Read,
      .input = input + "}",
      .durability = model.is_repeatable() ? Durability::WithNextWrite : Durability::AtOnce};
  auto output =
      journal.perform(request, [&](const std::string&, const std::string&) -> Result<boost::json::value> {
        auto turn = model.next(conversation, {});
        if (!turn) return fail(turn.error());
        return to_record(turn.value());
      });
  if (!output) return fail(output.error());
  return from_record(output.value());
}

}  // namespace

Result<std::string> run_loop(Journal& journal, const RunContext& context, const Model& model) {
  Conversation conversation{context.event, context.input};
  int tool_calls = 0;
  for (int number = 1;; ++number) {
    if (number > context.limits.turns) stop_at(context, context.limits.turns, "turns");
    check_time(context);
    BOOST_OUTCOME_TRY(auto turn, take_turn(journal, model, conversation, number));
    if (turn.calls.empty()) return std::move(turn.text);
    Exchange exchange{turn};
    for (ToolCall& call : turn.calls) {
      if (++tool_calls > context.limits.tool_calls) stop_at(context, context.limits.tool_calls, "tool calls");
      auto output = call_tool(journal, context, call.tool, call.name, call.input);
      if (!output && call.on_error == OnError::Fail) {
        return fail(output.error().code,
                    "Step \"" + call.name + "\" (tool " + call.tool + "): " + output.error().message);
      }
      exchange.outcomes.push_back(std::move(output));
    }
    conversation.exchanges.push_back(std::move(exchange));
  }
}

}  // namespace ebagent::agent
