#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/input_text.hpp"
#include "cli/place.hpp"
#include "cli/run_report.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

json::object to_json(const AgentRun& run) {
  return {{"run_id", run.run_id},
          {"agent", run.agent},
          {"event_id", run.event_id},
          {"state", to_string(run.state).data()},
          {"answer", run.answer},
          {"error", run.error.message.empty() ? json::value(nullptr) : json::value(run.error.message)},
          {"stop_reason", run.stop_reason},
          {"repeated", run.repeated},
          {"hops", run.hops},
          {"attempts", run.attempts},
          {"ms", run.took.count()}};
}

json::object to_json(const Response& response) {
  json::array runs;
  for (const auto& run : response.runs) runs.push_back(to_json(run));
  return {{"text", response.text},
          {"matched", response.matched},
          {"rules", json::value_from(response.rules)},
          {"runs", std::move(runs)}};
}

void print(const Response& response) {
  if (!response.text.empty()) std::cout << harmless(response.text) << '\n';
  for (const auto& run : response.runs) {
    if (run.repeated && run.state == AgentRunState::Succeeded) {
      std::cerr << "note: agent " << run.agent << " worked on event " << harmless(run.event_id)
                << " before; its answer is from the journal.\n";
    } else if (run.hops > 0 && run.state == AgentRunState::Succeeded) {
      std::cout << harmless(run.answer) << '\n';
    }
    if (run.state == AgentRunState::Waiting) {
      std::cout << "Agent " << run.agent << " waits for a person: `runs approve " << run.run_id
                << "` or `runs deny` with the same --data, then the same event again.\n";
    } else if (run.state == AgentRunState::Failed || run.state == AgentRunState::Cancelled) {
      std::cerr << "error: agent " << run.agent << ": " << harmless(run.error.message) << '\n';
    }
  }
  if (response.error) std::cerr << "error: " << harmless(response.error->message) << '\n';
}

bool has_failed(const Response& response) {
  return response.error || std::ranges::any_of(response.runs, [](const AgentRun& run) {
           return run.state == AgentRunState::Failed;
         });
}

Result<Event> read_event(const std::string& file, const Clock& clock) {
  BOOST_OUTCOME_TRY(const std::string text, read_file(file));
  core::SystemRandom random;
  auto event = parse_event(text, {.id = core::uuid_v7(clock.now(), random), .time = clock.now()});
  if (!event)
    return fail(event.error().code, (file == "-" ? "standard input" : file) + ": " + event.error().message);
  return event;
}

Result<std::shared_ptr<store::Store>> open_store(const WorkFolder& folder) {
  auto store = folder.is_temporary() ? store::sqlite::open_memory() : store::sqlite::open(folder.path());
  if (!store) return fail(store.error());
  return std::shared_ptr<store::Store>{std::move(store).value()};
}

}  // namespace

int run_invoke(const InvokeOptions& options, App& app) {
  const SystemClock clock;
  const auto event = read_event(options.event_file, clock);
  if (!event) return report(event.error());
  const auto folder = WorkFolder::open(options.data);
  if (!folder) return report(folder.error());
  auto store = open_store(folder.value());
  if (!store) return report(store.error());

  app.use({.store = store.value(), .clock = {}, .random = {}, .events = {}, .on_run = {}});
  const auto started = app.start(place_of(folder.value().path(), options.buckets, options.config));
  if (!started) return report(started.error());
  if (!options.agent.empty() && !app.has_agent(options.agent)) {
    return report({ErrorCode::InvalidArgument, "There is no agent " + options.agent + "."});
  }

  const Response response =
      options.agent.empty() ? app.respond(event.value()) : app.respond_with(options.agent, event.value());
  if (options.output == Output::Json) {
    std::cout << core::write_json(to_json(response)) << '\n';
  } else {
    print(response);
  }
  return has_failed(response) ? kFailed : kOk;
}

}  // namespace ebagent::cli
