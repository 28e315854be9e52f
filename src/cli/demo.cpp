#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/config_rules.hpp"
#include "cli/demo_events.hpp"
#include "cli/place.hpp"
#include "cli/run_report.hpp"
#include "cli/service.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/json.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kPatience{60};  // for one event's agents to end

// What one event led to.
struct Shown {
  DemoEvent demo;
  Event event;
  struct RunAndSteps {
    store::Run run;
    std::vector<store::Step> steps;
  };
  std::vector<RunAndSteps> runs;
};

Result<void> put_rule(Service& service, const bus::Scope& scope, const std::string& app_name,
                      const DemoEvent& demo) {
  bus::RuleSpec spec;
  spec.name = demo.rule;
  spec.event_pattern = demo.pattern;
  BOOST_OUTCOME_TRY(service.catalog().put_rule(scope, spec));
  BOOST_OUTCOME_TRY(service.catalog().put_targets(scope, bus::kDefaultBus, spec.name,
                                                  {{.id = "1", .arn = function_arn(scope, app_name)}}));
  return success();
}

Event event_of(const DemoEvent& demo, const bus::Scope& scope, const Clock& clock, core::Random& random) {
  const TimePoint now = clock.now();
  return {.id = core::uuid_v7(now, random),
          .detail_type = std::string{demo.detail_type},
          .source = std::string{demo.source},
          .account = scope.account,
          .time = now,
          .region = scope.region,
          .replay_name = {},
          .resources = {},
          .detail = std::string{demo.detail}};
}

Result<Shown> put_and_look(Service& service, const bus::Scope& scope, const DemoEvent& demo,
                           const Event& event) {
  BOOST_OUTCOME_TRY(service.bus().put_and_wait({bus::incoming(scope, std::string{bus::kDefaultBus}, event)}));
  if (!service.dispatcher().wait_idle(kPatience)) {
    return fail(ErrorCode::TimedOut,
                "The agents were not done after " + std::to_string(kPatience.count()) + " s.");
  }
  Shown shown{demo, event, {}};
  BOOST_OUTCOME_TRY(const auto runs,
                    service.store().runs({.agent = {}, .event_id = event.id, .state = {}, .limit = 10}));
  for (const auto& run : runs) {
    BOOST_OUTCOME_TRY(auto steps, service.store().steps(run.id));
    shown.runs.push_back({run, std::move(steps)});
  }
  return shown;
}

std::string indented(const std::string& text, const std::string& by) {
  std::string out = by;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

// The steps that did something; a playbook's turns between them are of no interest here.
std::vector<store::Step> work_steps(std::vector<store::Step> steps) {
  std::erase_if(steps, [](const store::Step& step) { return step.kind == "model"; });
  return steps;
}

void print(const Shown& shown, std::size_t number) {
  std::cout << '\n'
            << styled(std::to_string(number) + ". " + std::string{shown.demo.title}, Style::Bold) << '\n'
            << styled("rule   ", Style::Dim) << shown.demo.rule << "  " << shown.demo.pattern << '\n'
            << styled("event  ", Style::Dim) << shown.event.source << ", " << shown.event.detail_type << "  "
            << shown.event.detail << '\n';
  for (const auto& [run, steps] : shown.runs) {
    std::cout << styled("agent  ", Style::Dim) << run.agent << ", " << to_string(run.state)
              << (run.ended ? " after " + duration_text(*run.ended - run.started) : "") << '\n';
    print_steps(std::cout, work_steps(steps), "       ");
    std::cout << styled(run.error.empty() ? "answer" : "error", Style::Dim) << '\n'
              << indented(harmless(run.error.empty() ? run.result : run.error), "       ") << '\n';
  }
}

json::object to_json(const Shown& shown) {
  json::array runs;
  for (const auto& [run, steps] : shown.runs) {
    json::object one = cli::to_json(run);
    json::array list;
    for (const auto& step : steps) list.push_back(cli::to_json(step));
    one["steps"] = std::move(list);
    runs.push_back(std::move(one));
  }
  auto event = core::parse_json(ebagent::to_json(shown.event));
  return {{"rule", json::string_view{shown.demo.rule.data(), shown.demo.rule.size()}},
          {"event", event ? std::move(event).value() : json::value(nullptr)},
          {"runs", std::move(runs)}};
}

bool succeeded(const Shown& shown) {
  return !shown.runs.empty() && std::ranges::all_of(shown.runs, [](const auto& one) {
    return one.run.state == store::RunState::Succeeded;
  });
}

Result<int> show(const DemoOptions& options, App& app, telemetry::Log& log) {
  const bus::Scope scope{};
  const SystemClock clock;
  core::SystemRandom random;
  BOOST_OUTCOME_TRY(const auto folder, WorkFolder::open(options.data));
  BOOST_OUTCOME_TRY(auto opened, store::sqlite::open(folder.path()));
  const std::shared_ptr<store::Store> store = std::move(opened);
  BOOST_OUTCOME_TRY(app.start(place_of(folder.path(), {}, std::nullopt)));
  BOOST_OUTCOME_TRY(const auto service, Service::start(app, store, {.scope = scope, .buckets = {}}, log));

  const bool people = options.output == Output::People;
  if (people) {
    std::cout << "Four events are put on a bus; its rules bring them to agents. All of it is kept in "
              << folder.path().string()
              << (folder.is_temporary() ? ", which is removed at the end.\n" : ".\n");
  }
  bool all_well = true;
  json::array events;
  std::optional<Event> last;
  for (const auto& demo : demo_events()) {
    BOOST_OUTCOME_TRY(put_rule(*service, scope, app.name(), demo));
    last = event_of(demo, scope, clock, random);
    BOOST_OUTCOME_TRY(const Shown shown, put_and_look(*service, scope, demo, *last));
    all_well = all_well && succeeded(shown);
    events.push_back(to_json(shown));
    if (people) print(shown, events.size());
  }

  const Response again = app.respond(*last);
  const bool repeated = !again.runs.empty() && again.runs.front().repeated;
  BOOST_OUTCOME_TRY(const auto counts, store->counts());
  if (people) {
    std::cout << '\n'
              << styled("The last event once more: ", Style::Bold)
              << (repeated ? "answered from the journal, nothing was done twice." : "it was worked on again.")
              << '\n'
              << styled("On record: ", Style::Bold) << counts.accepted << " events accepted, "
              << counts.delivered << " delivered, " << counts.dead << " dead-lettered.\n";
  } else {
    std::cout << core::write_json(json::object{{"events", std::move(events)},
                                               {"repeated_event_done_twice", !repeated},
                                               {"counts",
                                                {{"accepted", counts.accepted},
                                                 {"delivered", counts.delivered},
                                                 {"dead", counts.dead}}}})
              << '\n';
  }
  return all_well && repeated ? int{kOk} : int{kFailed};
}

}  // namespace

int run_demo(const DemoOptions& options, App& app) {
  const SystemClock clock;
  telemetry::Log log{telemetry::LogFormat::Text, telemetry::LogLevel::Error, stderr, clock};
  const auto shown = show(options, app, log);
  return shown ? shown.value() : report(shown.error());
}

}  // namespace ebagent::cli
