#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/run_report.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kSearchedRuns = 10'000;  // how far back a shortened id is looked for

std::optional<store::RunState> state_of(const std::string& name) {
  if (name == "running") return store::RunState::Running;
  if (name == "succeeded") return store::RunState::Succeeded;
  if (name == "failed") return store::RunState::Failed;
  if (name == "waiting") return store::RunState::Waiting;
  if (name == "cancelled") return store::RunState::Cancelled;
  if (name == "skipped") return store::RunState::Skipped;
  return std::nullopt;
}

std::string took(const store::Run& run) {
  return run.ended ? duration_text(*run.ended - run.started) : "-";
}

Style style_of(store::RunState state) {
  switch (state) {
    case store::RunState::Succeeded:
      return Style::Green;
    case store::RunState::Failed:
      return Style::Red;
    case store::RunState::Running:
    case store::RunState::Waiting:
    case store::RunState::Cancelled:
    case store::RunState::Skipped:
      break;
  }
  return Style::Yellow;
}

}  // namespace

Result<store::Run> find_run(store::Store& store, const std::string& id) {
  BOOST_OUTCOME_TRY(auto exact, store.run_by_id(id));
  if (exact) return std::move(*exact);
  BOOST_OUTCOME_TRY(const auto runs,
                    store.runs({.agent = {}, .event_id = {}, .state = {}, .limit = kSearchedRuns}));
  std::optional<store::Run> found;
  for (const auto& run : runs) {
    if (!run.id.starts_with(id)) continue;
    if (found) return fail(ErrorCode::InvalidArgument, "More than one run's id begins with " + id + ".");
    found = run;
  }
  if (!found)
    return fail(ErrorCode::NotFound, "There is no run " + id + "; `runs list` shows those there are.");
  return std::move(*found);
}

int run_runs_list(const RunsListOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto runs = store.value()->runs({.agent = options.agent,
                                         .event_id = options.event_id,
                                         .state = state_of(options.state),
                                         .limit = options.limit});
  if (!runs) return report(runs.error());

  if (options.output == Output::Json) {
    json::array list;
    for (const auto& run : runs.value()) list.push_back(to_json(run));
    std::cout << core::write_json(json::object{{"runs", std::move(list)}}) << '\n';
    return kOk;
  }
  if (runs.value().empty()) {
    std::cout << "No runs.\n";
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : runs.value()) {
    rows.push_back({run.id, harmless(run.agent), harmless(run.event_id),
                    styled(to_string(run.state), style_of(run.state)), core::format_utc_seconds(run.started),
                    took(run)});
  }
  print_table(std::cout, {"RUN", "AGENT", "EVENT", "STATE", "STARTED", "TOOK"}, rows);
  return kOk;
}

int run_runs_show(const RunsShowOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto run = find_run(*store.value(), options.run_id);
  if (!run) return report(run.error());
  const auto steps = store.value()->steps(run.value().id);
  if (!steps) return report(steps.error());

  if (options.output == Output::Json) {
    json::object object = to_json(run.value());
    auto event = core::parse_json(run.value().event);
    object["event"] = event ? std::move(event).value() : json::value(run.value().event);
    json::array list;
    for (const auto& step : steps.value()) list.push_back(to_json(step));
    object["steps"] = std::move(list);
    std::cout << core::write_json(object) << '\n';
    return kOk;
  }
  const auto& r = run.value();
  std::cout << styled("run      ", Style::Dim) << r.id << '\n'
            << styled("agent    ", Style::Dim) << harmless(r.agent) << '\n'
            << styled("event    ", Style::Dim) << harmless(r.event_id) << '\n'
            << styled("state    ", Style::Dim) << styled(to_string(r.state), style_of(r.state)) << '\n'
            << styled("started  ", Style::Dim) << core::format_utc_millis(r.started) << '\n'
            << styled("took     ", Style::Dim) << took(r) << '\n'
            << styled("attempts ", Style::Dim) << r.attempts << '\n'
            << styled("steps", Style::Dim) << '\n';
  print_steps(std::cout, steps.value(), "  ");
  if (!r.result.empty()) std::cout << styled("result", Style::Dim) << '\n' << harmless(r.result) << '\n';
  if (!r.error.empty()) std::cout << styled("error", Style::Dim) << '\n' << harmless(r.error) << '\n';
  return kOk;
}

}  // namespace ebagent::cli
