#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "agent/run_view.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/run_report.hpp"
#include "cli/terminal.hpp"
#include "cli/timeline.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kPollPause{300};  // while a run is followed

std::string took(const store::Run& run) {
  return run.ended ? duration_text(*run.ended - run.started) : "-";
}

bool is_over(const store::Run& run) {
  return run.state != store::RunState::Running && run.state != store::RunState::Waiting;
}

// Whether a step is shown as it stands: when it has ended, and when it is a question that somebody has to answer.
bool is_tellable(const store::Step& step) {
  return step.state != store::StepState::Started || agent::is_question(step);
}

// Tells what the run does until it is over; each step once, a question again with its answer.
Result<void> follow(store::Store& store, store::Run& run, std::vector<store::Step>& steps, Timeline& timeline,
                    Output output) {
  std::set<std::pair<int, store::StepState>> told;
  while (true) {
    // In this order: what a run that is over has done is all there.
    BOOST_OUTCOME_TRY(auto read, store.run_by_id(run.id));
    if (!read) return fail(ErrorCode::NotFound, "The run " + run.id + " is no longer kept.");
    run = std::move(*read);
    BOOST_OUTCOME_TRY(steps, store.steps(run.id));
    for (const auto& step : steps) {
      const bool is_shown = output == Output::People && (is_tellable(step) || is_over(run));
      if (is_shown && told.emplace(step.index, step.state).second) timeline.step(run, step);
    }
    std::cout.flush();
    if (is_over(run)) return success();
    std::this_thread::sleep_for(kPollPause);
  }
}

}  // namespace

int run_runs_list(const RunsListOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto runs = store.value()->runs({.agent = options.agent,
                                         .event_id = options.event_id,
                                         .state = agent::run_state_from(options.state),
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
  auto run = find_run(*store.value(), options.run_id);
  if (!run) return report(run.error());
  auto steps = store.value()->steps(run.value().id);
  if (!steps) return report(steps.error());
  const bool is_for_people = options.output == Output::People;
  Timeline timeline{std::cout, options.full ? Detail::Full : Detail::Short, terminal_columns()};
  if (is_for_people) timeline.head(run.value());
  if (options.follow) {
    const auto followed = follow(*store.value(), run.value(), steps.value(), timeline, options.output);
    if (!followed) return report(followed.error());
  } else if (is_for_people) {
    for (const auto& step : steps.value()) timeline.step(run.value(), step);
  }
  const TimePoint now = SystemClock{}.now();
  if (is_for_people) {
    timeline.foot(run.value(), steps.value(), now);
  } else {
    std::cout << core::write_json(agent::to_json(run.value(), steps.value(), now)) << '\n';
  }
  return kOk;
}

}  // namespace ebagent::cli
