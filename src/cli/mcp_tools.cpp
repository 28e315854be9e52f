#include "cli/mcp_tools.hpp"

#include <algorithm>
#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "bus/catalog.hpp"
#include "cli/dead_letter_report.hpp"
#include "cli/run_report.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr int kDefaultLimit = 20;
constexpr int kMostListed = 200;  // a model reads it

struct EntryArgument {
  std::string source;
  std::string detail_type;
  json::object detail;
  std::optional<std::string> bus;
  std::optional<std::vector<std::string>> resources;
  std::optional<std::string> time;
  static constexpr MemberText kMembers[] = {
      {"source", "Who the event is from, as in myapp.orders; not beginning with aws."},
      {"detail_type", "What kind of event it is, as in Order Placed"},
      {"detail", "What happened, as an object"},
      {"bus", "Name of the event bus; default: default"},
      {"resources", "ARNs of what it is about"},
      {"time", "When it happened, as in 2026-11-24T12:00:00Z; default: now"}};
};
BOOST_DESCRIBE_STRUCT(EntryArgument, (), (source, detail_type, detail, bus, resources, time))

enum class RuleState { ENABLED, DISABLED };
BOOST_DESCRIBE_ENUM(RuleState, ENABLED, DISABLED)
enum class RunStateArgument { running, succeeded, failed };
BOOST_DESCRIBE_ENUM(RunStateArgument, running, succeeded, failed)

Result<std::size_t> limit_of(std::optional<int> limit) {
  const int wanted = limit.value_or(kDefaultLimit);
  if (wanted < 1 || wanted > kMostListed) {
    return fail(ErrorCode::InvalidArgument, "/limit: expected 1 to " + std::to_string(kMostListed));
  }
  return static_cast<std::size_t>(wanted);
}

// A JSON text as the value it is.
json::value value_of(const std::string& text) {
  auto parsed = core::parse_json(text);
  return parsed ? std::move(parsed).value() : json::value(text);
}

// ---- reading the data folder

Result<json::value> list_rules(const McpPlace& place, const std::optional<std::string>& bus) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(place.data));
  BOOST_OUTCOME_TRY(const auto catalog, bus::Catalog::open(*store, place.clock));
  json::array rules;
  for (const auto& [scope, rule, targets] : catalog->all_rules()) {
    if (bus && rule.bus != *bus) continue;
    json::object one{{"name", rule.name}, {"bus", rule.bus}, {"region", scope.region}, {"state", rule.state}};
    if (!rule.description.empty()) one["description"] = rule.description;
    if (!rule.event_pattern.empty()) one["pattern"] = value_of(rule.event_pattern);
    if (!rule.schedule_expression.empty()) one["schedule"] = rule.schedule_expression;
    if (!rule.managed_by.empty()) one["managed_by"] = rule.managed_by;
    json::array arns;
    for (const auto& target : targets) arns.emplace_back(target.arn);
    one["targets"] = std::move(arns);
    rules.push_back(std::move(one));
  }
  return json::object{{"rules", std::move(rules)}};
}

std::optional<store::RunState> state_of(const std::optional<RunStateArgument>& state) {
  if (!state) return std::nullopt;
  switch (*state) {
    case RunStateArgument::running:
      return store::RunState::Running;
    case RunStateArgument::succeeded:
      return store::RunState::Succeeded;
    case RunStateArgument::failed:
      break;
  }
  return store::RunState::Failed;
}

Result<json::value> list_runs(const McpPlace& place, const store::RunFilter& filter) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(place.data));
  BOOST_OUTCOME_TRY(const auto runs, store->runs(filter));
  json::array list;
  for (const auto& run : runs) list.push_back(to_json(run));
  return json::object{{"runs", std::move(list)}};
}

Result<json::value> show_run(const McpPlace& place, const std::string& id) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(place.data));
  BOOST_OUTCOME_TRY(const auto run, store->run_by_id(id));
  if (!run) return fail(ErrorCode::NotFound, "There is no run " + id + "; list_runs shows those there are.");
  BOOST_OUTCOME_TRY(const auto steps, store->steps(run->id));
  json::object object = to_json(*run);
  object["event"] = value_of(run->event);
  json::array list;
  for (const auto& step : steps) list.push_back(to_json(step));
  object["steps"] = std::move(list);
  return object;
}

Result<json::value> list_dead_letters(const McpPlace& place, std::size_t limit) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(place.data));
  BOOST_OUTCOME_TRY(const auto letters, store->dead_letters(limit));
  json::array list;
  for (const auto& letter : letters) {
    json::object one = to_json(letter);
    one["event"] = event_of(letter);
    list.push_back(std::move(one));
  }
  return json::object{{"dead_letters", std::move(list)}};
}

// ---- patterns

Result<json::value> test_pattern(const json::object& pattern_object, const json::object& event) {
  const auto pattern = pattern::compile(core::write_json(pattern_object));
  if (!pattern) {
    return fail(ErrorCode::InvalidArgument, "Event pattern is not valid. Reason: " + pattern.error().message);
  }
  const auto explanation = pattern::explain(pattern.value(), core::write_json(event));
  if (!explanation)
    return fail(ErrorCode::InvalidArgument, "The event is not valid: " + explanation.error().message);
  return value_of(pattern::to_json(explanation.value()));
}

// ---- changing what a server has

json::object to_entry(const EntryArgument& argument) {
  json::object entry{{"Source", argument.source},
                     {"DetailType", argument.detail_type},
                     {"Detail", core::write_json(argument.detail)}};
  if (argument.bus) entry["EventBusName"] = *argument.bus;
  if (argument.resources) entry["Resources"] = json::value_from(*argument.resources);
  if (argument.time) entry["Time"] = *argument.time;
  return entry;
}

Result<json::value> put_events(const McpPlace& place, const std::vector<EntryArgument>& entries) {
  json::array list;
  for (const EntryArgument& entry : entries) list.push_back(to_entry(entry));
  BOOST_OUTCOME_TRY(const auto answer, place.bus.call("PutEvents", {{"Entries", std::move(list)}}));
  const auto failed = core::integer_member(answer, "FailedEntryCount").value_or(0);
  const json::value* results = answer.if_contains("Entries");
  json::object output{{"failed", failed},
                      {"entries", results == nullptr ? json::value(json::array{}) : *results}};
  if (failed == 0) return output;
  return fail(ErrorCode::InvalidArgument, std::to_string(failed) + " of " + std::to_string(entries.size()) +
                                              " events were refused: " + core::write_json(output["entries"]));
}

Result<json::value> redrive(const McpPlace& place, const std::vector<std::int64_t>& ids) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_beside_owner(place.data));
  json::array redriven;
  for (const std::int64_t id : ids) {
    BOOST_OUTCOME_TRYV(store->redrive(id, place.clock.now()));
    redriven.emplace_back(id);
  }
  return json::object{{"redriven", std::move(redriven)}};
}

// ---- agents

Result<json::value> list_agents(const McpPlace& place) {
  BOOST_OUTCOME_TRY(const App* app, place.app());
  json::array list;
  for (const std::string& name : app->agents()) {
    json::array rules;
    for (const AppRule& rule : app->rules()) {
      if (std::ranges::find(rule.agents, name) == rule.agents.end()) continue;
      json::object one{{"name", rule.name}};
      if (!rule.pattern.empty()) one["pattern"] = value_of(rule.pattern);
      if (!rule.schedule.empty()) one["schedule"] = rule.schedule;
      rules.push_back(std::move(one));
    }
    list.push_back(json::object{{"name", name}, {"rules", std::move(rules)}});
  }
  return json::object{{"agents", std::move(list)}};
}

Result<json::value> run_agent(const McpPlace& place, const std::string& agent, const json::object& event) {
  BOOST_OUTCOME_TRY(App * app, place.app());
  core::SystemRandom random;
  BOOST_OUTCOME_TRY(const auto parsed,
                    parse_event(core::write_json(event),
                                {.id = core::uuid_v7(place.clock.now(), random), .time = place.clock.now()}));
  BOOST_OUTCOME_TRY(const auto response, app->process_event_with(agent, parsed));
  const AgentRun& run = response.runs.front();
  return json::object{{"run_id", run.run_id},
                      {"event_id", run.event_id},
                      {"answer", run.answer},
                      {"repeated", run.repeated},
                      {"attempts", run.attempts}};
}

// ---- the list

using Offered = std::vector<mcp::OfferedTool>;

void add_reads(Offered& all, const McpPlace& place) {
  const ToolOptions read{.effect = Effect::Read};
  all.push_back(
      {"List rules", Tool::from(
                         "list_rules", "The rules of a server: pattern or schedule, state and targets.",
                         [place](Arg<"bus", std::optional<std::string>, "Only rules of this event bus"> bus) {
                           return list_rules(place, *bus);
                         },
                         read)});
  all.push_back(
      {"Test an event pattern",
       Tool::from(
           "test_pattern", "Whether an EventBridge event pattern matches an event, explained field by field.",
           [](Arg<"pattern", json::object, "The event pattern"> pattern,
              Arg<"event", json::object, "The whole event, with source, detail-type and detail"> event) {
             return test_pattern(*pattern, *event);
           },
           read)});
  all.push_back(
      {"List runs",
       Tool::from(
           "list_runs", "What agents did, newest first: state, times, answer or error of each run.",
           [place](Arg<"agent", std::optional<std::string>, "Only runs of this agent"> agent,
                   Arg<"event_id", std::optional<std::string>, "Only runs for this event"> event_id,
                   Arg<"state", std::optional<RunStateArgument>, "Only runs in this state"> state,
                   Arg<"limit", std::optional<int>, "At most so many; default 20, at most 200"> limit)
               -> Result<json::value> {
             BOOST_OUTCOME_TRY(const auto most, limit_of(*limit));
             return list_runs(place, {.agent = agent->value_or(""),
                                      .event_id = event_id->value_or(""),
                                      .state = state_of(*state),
                                      .limit = most});
           },
           read)});
  all.push_back(
      {"Show a run",
       Tool::from(
           "show_run", "One run with its event and every step: tool calls, results, errors, times.",
           [place](Arg<"run_id", std::string, "As list_runs gives it"> id) { return show_run(place, *id); },
           read)});
  all.push_back(
      {"List dead letters",
       Tool::from(
           "list_dead_letters", "Deliveries that were given up, newest first, with the reason and the event.",
           [place](Arg<"limit", std::optional<int>, "At most so many; default 20, at most 200"> limit)
               -> Result<json::value> {
             BOOST_OUTCOME_TRY(const auto most, limit_of(*limit));
             return list_dead_letters(place, most);
           },
           read)});
  all.push_back({"List agents",
                 Tool::from(
                     "list_agents", "The agents of the configuration and the rules that bring them events.",
                     [place] { return list_agents(place); }, read)});
}

void add_put_rule(Offered& all, const McpPlace& place) {
  all.push_back(
      {.title = "Put a rule",
       .tool = Tool::from(
           "put_rule",
           "Creates a rule of the server, or replaces the one of that name. Its targets stay as they are.",
           [place](
               Arg<"name", std::string, "Name of the rule"> name,
               Arg<"pattern", std::optional<json::object>, "The event pattern; or give a schedule"> pattern,
               Arg<"schedule", std::optional<std::string>, "As in rate(5 minutes)"> schedule,
               Arg<"state", std::optional<RuleState>, "default: ENABLED"> state,
               Arg<"description", std::optional<std::string>> description,
               Arg<"bus", std::optional<std::string>, "Name of the event bus; default: default"> bus)
               -> Result<json::value> {
             json::object input{{"Name", *name}};
             if (*pattern) input["EventPattern"] = core::write_json(**pattern);
             if (*schedule) input["ScheduleExpression"] = **schedule;
             if (*description) input["Description"] = **description;
             if (*bus) input["EventBusName"] = **bus;
             input["State"] =
                 state->value_or(RuleState::ENABLED) == RuleState::ENABLED ? "ENABLED" : "DISABLED";
             BOOST_OUTCOME_TRY(const auto answer, place.bus.call("PutRule", input));
             return json::object{{"rule_arn", core::text_member(answer, "RuleArn")}};
           },
           {.effect = Effect::Idempotent}),
       .is_destructive = true,
       .is_open_world = false});
}

void add_writes(Offered& all, const McpPlace& place) {
  all.push_back(
      {.title = "Put events",
       .tool = Tool::from(
           "put_events",
           "Puts events on the server's event bus. Rules that match deliver them to agents and other "
           "targets, which may act outside.",
           [place](Arg<"entries", std::vector<EntryArgument>, "1 to 10 events"> entries) {
             return put_events(place, *entries);
           },
           {.effect = Effect::Once}),
       .is_destructive = false,
       .is_open_world = true});
  add_put_rule(all, place);
  all.push_back({.title = "Redrive dead letters",
                 .tool = Tool::from(
                     "redrive", "Delivers dead letters again; they leave the dead-letter queue.",
                     [place](Arg<"ids", std::vector<std::int64_t>, "As list_dead_letters gives them"> ids) {
                       return redrive(place, *ids);
                     },
                     {.effect = Effect::Once}),
                 .is_destructive = false,
                 .is_open_world = true});
}

void add_runs(Offered& all, const McpPlace& place) {
  all.push_back(
      {.title = "Run an agent",
       .tool = Tool::from(
           "run_agent",
           "Runs an agent of the configuration on an event, here and now, and gives its answer. Its tools "
           "act; the run is not in the server's journal.",
           [place](Arg<"agent", std::string, "As list_agents gives it"> agent,
                   Arg<"event", json::object, "The event, with source, detail-type and detail"> event) {
             return run_agent(place, *agent, *event);
           },
           {.effect = Effect::Once}),
       .is_destructive = true,
       .is_open_world = true});
}

}  // namespace

std::vector<mcp::OfferedTool> mcp_tools(const McpPlace& place, McpWrites writes, McpRuns runs) {
  Offered all;
  add_reads(all, place);
  if (writes == McpWrites::Offered) add_writes(all, place);
  if (runs == McpRuns::Offered) add_runs(all, place);
  return all;
}

}  // namespace ebagent::cli
