#include <pwd.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "agent/run_view.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/run_report.hpp"
#include "cli/terminal.hpp"
#include "cli/timeline.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "store/sqlite/sqlite_store.hpp"

// What people do with runs, beside a running server: it sees what is written here within a second.
namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostWaiting = 10'000;
constexpr std::size_t kShownArguments = 60;

// Who is at this shell, for the record.
std::string who() {
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr && user->pw_name != nullptr ? user->pw_name : "user " + std::to_string(::getuid());
}

void print_json(const json::object& object) {
  std::cout << core::write_json(object) << '\n';
}

int with_run(const std::filesystem::path& data, const std::string& id,
             const std::function<int(store::Store&, const store::Run&)>& act) {
  auto store = store::sqlite::open_beside_owner(data);
  if (!store) return report(store.error());
  const auto run = find_run(*store.value(), id);
  if (!run) return report(run.error());
  return act(*store.value(), run.value());
}

// For a run that no server's delivery carries.
void tell_how_it_goes_on(const store::Run& run) {
  if (run.delivery != 0) {
    std::cout << "A running server goes on with it within a second, others when they start.\n";
  } else {
    std::cout << "It goes on when its event is invoked again with the same --data.\n";
  }
}

}  // namespace

int run_runs_waiting(const RunsWaitingOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto runs = store.value()->runs(
      {.agent = options.agent, .event_id = {}, .state = store::RunState::Waiting, .limit = kMostWaiting});
  if (!runs) return report(runs.error());
  json::array list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : runs.value()) {
    const auto steps = store.value()->steps(run.id);
    if (!steps) return report(steps.error());
    for (const auto& step : steps.value()) {
      if (!agent::is_question(step) || step.state != store::StepState::Started) continue;
      const auto question = agent::question_of(step);
      list.emplace_back(agent::waiting_json(run, step));
      rows.push_back({run.id, harmless(run.agent), harmless(question.call), harmless(question.tool),
                      core::format_utc_seconds(step.started),
                      question.until ? core::format_utc_seconds(*question.until) : "-",
                      harmless(shortened(question.arguments, kShownArguments))});
    }
  }
  if (options.output == Output::Json) {
    print_json({{"waiting", std::move(list)}});
  } else if (rows.empty()) {
    std::cout << "Nothing waits for a person.\n";
  } else {
    print_table(std::cout, {"RUN", "AGENT", "STEP", "TOOL", "SINCE", "UNTIL", "ARGUMENTS"}, rows);
  }
  return kOk;
}

int run_runs_answer(const RunsAnswerOptions& options) {
  return with_run(options.data, options.run_id, [&](store::Store& store, const store::Run& run) {
    const TimePoint now = SystemClock{}.now();
    const auto answered = store.answer_step(
        run.id, options.step, agent::answer_json(options.approved, who(), options.comment, now), now);
    if (!answered) return report(answered.error());
    if (options.output == Output::Json) {
      print_json({{"run_id", run.id}, {"step", to_json(answered.value())}});
      return int{kOk};
    }
    std::cout << (options.approved ? "Approved: " : "Denied: ")
              << harmless(agent::question_of(answered.value()).call) << " of run " << run.id << ". ";
    tell_how_it_goes_on(run);
    return int{kOk};
  });
}

int run_runs_cancel(const RunsCancelOptions& options) {
  return with_run(options.data, options.run_id, [&](store::Store& store, const store::Run& run) {
    const std::string reason =
        "Cancelled by " + who() + (options.reason.empty() ? "." : ": " + options.reason);
    const auto cancelled = store.cancel_run(run.id, reason, SystemClock{}.now());
    if (!cancelled) return report(cancelled.error());
    if (options.output == Output::Json) {
      print_json(to_json(cancelled.value()));
    } else {
      std::cout << "Cancelled: run " << run.id << ". What it has done stays done; nothing more is begun.\n";
    }
    return int{kOk};
  });
}

int run_runs_rerun(const RunsRerunOptions& options) {
  return with_run(options.data, options.run_id, [&](store::Store& store, const store::Run& run) {
    const TimePoint now = SystemClock{}.now();
    core::SystemRandom random;
    const auto again =
        store.rerun({.run_id = run.id, .from_step = options.from, .new_id = core::uuid_v7(now, random)}, now);
    if (!again) return report(again.error());
    if (options.output == Output::Json) {
      json::object object = to_json(again.value());
      object["rerun_of"] = run.id;
      print_json(object);
    } else {
      std::cout << "Run " << again.value().id << " does run " << run.id << " again"
                << (options.from ? " from step " + harmless(*options.from) : "") << ". ";
      tell_how_it_goes_on(again.value());
    }
    return int{kOk};
  });
}

}  // namespace ebagent::cli
