#include "agent/run_view.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "models/turn_record.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kOfCall = "approval of ";

constexpr std::array<std::pair<store::RunState, std::string_view>, 6> kStates{
    {{store::RunState::Running, "running"},
     {store::RunState::Succeeded, "succeeded"},
     {store::RunState::Failed, "failed"},
     {store::RunState::Waiting, "waiting"},
     {store::RunState::Cancelled, "cancelled"},
     {store::RunState::Skipped, "skipped"}}};

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

json::value time_or_null(const std::optional<TimePoint>& time) {
  return time ? json::value(core::format_utc_millis(*time)) : json::value(nullptr);
}

// A journalled JSON text as a value; as a string when it is none.
json::value journalled(const std::string& text) {
  if (text.empty()) return nullptr;
  auto parsed = core::parse_json(text);
  return parsed ? std::move(parsed).value() : json::value(text);
}

json::object object_of(const std::string& text) {
  auto value = journalled(text);
  return value.is_object() ? std::move(value.as_object()) : json::object{};
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(view(key));
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

json::value cost_or_null(const std::optional<double>& cost) {
  return cost ? json::value(*cost) : json::value(nullptr);
}

json::object usage_json(const Usage& usage) {
  return {{"input", usage.input},
          {"output", usage.output},
          {"cache_read", usage.cache_read},
          {"cache_write", usage.cache_write}};
}

// The time that lies within at least one of the waits.
Duration waited(std::vector<std::pair<TimePoint, TimePoint>> waits) {
  std::ranges::sort(waits);
  Duration total{0};
  TimePoint counted = TimePoint::min();
  for (const auto& [from, to] : waits) {
    const TimePoint begin = std::max(from, counted);
    if (to <= begin) continue;
    total += to - begin;
    counted = to;
  }
  return total;
}

}  // namespace

std::string_view to_string(store::RunState state) {
  for (const auto& [value, word] : kStates) {
    if (value == state) return word;
  }
  return "failed";
}

std::optional<store::RunState> run_state_from(std::string_view word) {
  for (const auto& [value, name] : kStates) {
    if (name == word) return value;
  }
  return std::nullopt;
}

std::string_view to_string(store::StepState state) {
  switch (state) {
    case store::StepState::Started:
      return "started";
    case store::StepState::Succeeded:
      return "succeeded";
    case store::StepState::Failed:
      break;
  }
  return "failed";
}

TurnView turn_of(const store::Step& step) {
  TurnView seen;
  seen.model = text_of(object_of(step.input), "model");
  if (step.output.empty()) return seen;
  const auto output = journalled(step.output);
  auto turn = models::turn_from_record(output);
  if (!turn) return seen;
  if (!turn.value().model.empty()) seen.model = turn.value().model;
  seen.usage = turn.value().usage;
  seen.text = std::move(turn.value().text);
  for (const ToolCall& call : turn.value().calls) seen.tools.push_back(call.tool);
  seen.end = models::to_string(turn.value().end);
  const json::value* cost = output.as_object().if_contains("cost_usd");
  if (cost != nullptr && cost->is_number()) seen.cost_usd = cost->to_number<double>();
  return seen;
}

bool is_question(const store::Step& step) {
  return step.kind == "approval";
}

QuestionView question_of(const store::Step& step) {
  QuestionView seen;
  seen.call = step.name.starts_with(kOfCall) ? step.name.substr(kOfCall.size()) : step.name;
  const json::object input = object_of(step.input);
  seen.tool = text_of(input, "tool");
  seen.reason = text_of(input, "reason");
  if (const json::value* arguments = input.if_contains("arguments"))
    seen.arguments = core::write_json(*arguments);
  const json::value* until = input.if_contains("until");
  if (until != nullptr && until->is_int64()) seen.until = TimePoint{Duration{until->as_int64()}};
  if (step.state != store::StepState::Succeeded) return seen;
  const json::object output = object_of(step.output);
  const json::value* approved = output.if_contains("approved");
  seen.approved = approved != nullptr && approved->is_bool() && approved->as_bool();
  seen.by = text_of(output, "by");
  seen.comment = text_of(output, "comment");
  return seen;
}

RunTotals totals_of(const store::Run& run, const std::vector<store::Step>& steps, TimePoint now) {
  RunTotals totals;
  std::vector<std::pair<TimePoint, TimePoint>> waits;
  const TimePoint end = run.ended.value_or(now);
  for (const store::Step& step : steps) {
    if (step.kind == "model") {
      ++totals.turns;
      const TurnView turn = turn_of(step);
      totals.usage += turn.usage;
      if (turn.cost_usd) totals.cost_usd = totals.cost_usd.value_or(0) + *turn.cost_usd;
    } else if (is_question(step)) {
      // Steps that were taken over from another run lie before this one.
      waits.emplace_back(std::max(step.started, run.started), std::min(step.ended.value_or(end), end));
    } else if (step.kind == "tool" || step.kind == "agent") {
      ++totals.calls;
    }
  }
  totals.wall = std::max(Duration{0}, end - run.started);
  totals.waiting = waited(std::move(waits));
  return totals;
}

json::object to_json(const store::Run& run) {
  return {{"id", run.id},
          {"agent", run.agent},
          {"event_id", run.event_id},
          {"state", view(to_string(run.state))},
          {"stop_reason", run.stop_reason},
          {"attempts", run.attempts},
          {"hops", run.hops},
          {"trace", run.trace},
          {"started", core::format_utc_millis(run.started)},
          {"ended", time_or_null(run.ended)},
          {"wakes", time_or_null(run.wakes)},
          {"result", run.result},
          {"error", run.error}};
}

json::object to_json(const store::Step& step) {
  return {{"index", step.index},
          {"name", step.name},
          {"kind", step.kind},
          {"effect", step.effect},
          {"state", view(to_string(step.state))},
          {"attempts", step.attempts},
          {"started", core::format_utc_millis(step.started)},
          {"ended", time_or_null(step.ended)},
          {"input", journalled(step.input)},
          {"output", journalled(step.output)},
          {"error", step.error}};
}

json::object to_json(const store::Run& run, const std::vector<store::Step>& steps, TimePoint now) {
  json::object object = to_json(run);
  object["event"] = journalled(run.event);
  json::array list;
  for (const store::Step& step : steps) list.emplace_back(to_json(step));
  object["steps"] = std::move(list);
  const RunTotals totals = totals_of(run, steps, now);
  object["totals"] = json::object{{"turns", totals.turns},
                                  {"calls", totals.calls},
                                  {"tokens", usage_json(totals.usage)},
                                  {"cost_usd", cost_or_null(totals.cost_usd)},
                                  {"wall_ms", totals.wall.count()},
                                  {"waiting_ms", totals.waiting.count()}};
  return object;
}

json::object waiting_json(const store::Run& run, const store::Step& step) {
  const QuestionView question = question_of(step);
  return {{"run_id", run.id},
          {"agent", run.agent},
          {"step", step.name},
          {"call", question.call},
          {"tool", question.tool},
          {"arguments", journalled(question.arguments)},
          {"reason", question.reason},
          {"since", core::format_utc_millis(step.started)},
          {"until", time_or_null(question.until)}};
}

std::string answer_json(bool approved, std::string_view by, std::string_view comment, TimePoint at) {
  return core::write_json(json::object{{"approved", approved},
                                       {"by", view(by)},
                                       {"comment", view(comment)},
                                       {"at", core::format_utc_millis(at)}});
}

}  // namespace ebagent::agent
