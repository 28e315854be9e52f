#include "testing/shadow.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <limits>

#include "bus/archive.hpp"
#include "bus/catalog_state.hpp"
#include "cli/commands.hpp"
#include "cli/place.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/json.hpp"
#include "core/json_difference.hpp"
#include "core/time_format.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;
using testing::CallChange;
using testing::ShadowReport;

constexpr std::size_t kShownDifferences = 4;  // of one call's arguments
constexpr std::size_t kShownText = 200;       // bytes of an answer

struct Passed {  // what was looked at and could not be gone through
  std::string what;
  std::string why;
};
struct All {
  std::vector<ShadowReport> reports;
  std::vector<Passed> passed_over;
};

std::optional<TimePoint> since_of(const ShadowOptions& options) {
  const auto time = core::parse_rfc3339(options.since);
  return time ? std::optional<TimePoint>(time.value()) : std::nullopt;
}

Result<All> shadow_runs(App& app, store::Store& store, const ShadowOptions& options) {
  All all;
  BOOST_OUTCOME_TRY(
      const auto runs,
      store.runs({.agent = options.agent, .event_id = {}, .state = {}, .limit = options.limit}));
  const auto since = since_of(options);
  for (const store::Run& run : runs) {
    if (since && run.started < *since) continue;
    BOOST_OUTCOME_TRY(const auto steps, store.steps(run.id));
    auto report = testing::shadow(app, run, steps);
    if (report) {
      all.reports.push_back(std::move(report).value());
    } else {
      all.passed_over.push_back({"run " + run.id, report.error().message});
    }
  }
  return all;
}

Result<bus::Archive> find_archive(store::Store& store, const std::string& name) {
  BOOST_OUTCOME_TRY(const auto records, store.catalog(bus::kArchiveRecord));
  std::optional<bus::Archive> found;
  for (const store::CatalogRecord& record : records) {
    BOOST_OUTCOME_TRY(auto archive, bus::read_archive(record.json));
    if (archive.archive.name != name) continue;
    if (found) {
      return fail(ErrorCode::InvalidArgument, "More than one account or region has an archive " + name + ".");
    }
    found = std::move(archive.archive);
  }
  if (!found) return fail(ErrorCode::NotFound, "There is no archive " + name + ".");
  return std::move(*found);
}

Result<All> shadow_archive(App& app, store::Store& store, const ShadowOptions& options) {
  All all;
  BOOST_OUTCOME_TRY(const auto archive, find_archive(store, options.archive));
  store::ArchiveSlice slice{.archive = archive.number, .until = TimePoint::max(), .limit = options.limit};
  slice.after.time = since_of(options).value_or(TimePoint{}) - Duration{1};
  while (all.reports.size() + all.passed_over.size() < options.limit) {
    BOOST_OUTCOME_TRY(const auto events, store.archived_events(slice));
    if (events.empty()) break;
    for (const store::ArchivedEvent& archived : events) {
      if (all.reports.size() + all.passed_over.size() >= options.limit) break;
      slice.after = {archived.time, archived.id};
      auto report = [&]() -> Result<ShadowReport> {
        BOOST_OUTCOME_TRY(const auto event,
                          parse_event(archived.json, {.id = archived.id, .time = archived.time}));
        return testing::shadow(app, options.agent, event);
      }();
      if (report) {
        all.reports.push_back(std::move(report).value());
      } else {
        all.passed_over.push_back({"event " + archived.id, report.error().message});
      }
    }
  }
  return all;
}

const char* word_of(CallChange change) {
  switch (change) {
    case CallChange::Same:
      return "same";
    case CallChange::Other:
      return "other";
    case CallChange::New:
      return "new";
    case CallChange::Gone:
      break;
  }
  return "gone";
}

json::object to_json(const ShadowReport& report) {
  json::array calls;
  for (const auto& call : report.calls) {
    calls.push_back(json::object{{"change", word_of(call.change)},
                                 {"tool", call.tool},
                                 {"before", call.before},
                                 {"after", call.after}});
  }
  return {{"run_id", report.run_id.empty() ? json::value(nullptr) : json::value(report.run_id)},
          {"event_id", report.event_id},
          {"agent", report.agent},
          {"differs", report.differs()},
          {"turns", json::object{{"before", report.turns_before}, {"after", report.turns_after}}},
          {"state", json::object{{"before", report.state_before}, {"after", report.state_after}}},
          {"answer", json::object{{"before", report.answer_before}, {"after", report.answer_after}}},
          {"calls", std::move(calls)}};
}

std::string shortened(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= kShownText) return text;
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

void print_call(const testing::ShadowCall& call) {
  switch (call.change) {
    case CallChange::Same:
      return;
    case CallChange::New:
      std::cout << "  " << styled("+ ", Style::Green) << harmless(call.tool) << ' '
                << harmless(shortened(core::write_json(call.after))) << "  (not executed)\n";
      return;
    case CallChange::Gone:
      std::cout << "  " << styled("- ", Style::Red) << harmless(call.tool) << ' '
                << harmless(shortened(core::write_json(call.before))) << '\n';
      return;
    case CallChange::Other:
      break;
  }
  std::cout << "  " << styled("~ ", Style::Yellow) << harmless(call.tool) << "  (not executed)\n";
  for (const auto& place : core::differences(call.before, call.after, kShownDifferences)) {
    std::cout << "      " << harmless(place.pointer) << ": " << harmless(place.before) << " -> "
              << harmless(place.after) << '\n';
  }
}

void print_change(std::string_view what, const std::string& before, const std::string& after) {
  if (before == after) return;
  std::cout << "  " << what << "\n      was  " << harmless(shortened(before)) << "\n      now  "
            << harmless(shortened(after)) << '\n';
}

void print(const ShadowReport& report) {
  std::cout << (report.run_id.empty() ? "event " + harmless(report.event_id) : "run " + report.run_id) << "  "
            << harmless(report.agent) << "  "
            << (report.differs() ? styled("differs", Style::Yellow) : styled("the same", Style::Green))
            << '\n';
  if (!report.differs()) return;
  print_change("turns", std::to_string(report.turns_before), std::to_string(report.turns_after));
  for (const auto& call : report.calls) print_call(call);
  print_change("state", report.state_before, report.state_after);
  print_change("answer", report.answer_before, report.answer_after);
}

void print(const All& all) {
  std::size_t differing = 0, calls = 0, not_executed = 0;
  for (const ShadowReport& report : all.reports) {
    print(report);
    if (report.differs()) ++differing;
    for (const auto& call : report.calls) {
      if (call.change != CallChange::Gone) ++calls;
      if (call.change == CallChange::New || call.change == CallChange::Other) ++not_executed;
    }
  }
  for (const Passed& passed : all.passed_over) {
    std::cerr << "note: " << harmless(passed.what) << " is passed over: " << harmless(passed.why) << '\n';
  }
  std::cout << differing << " of " << all.reports.size() << " differ; " << not_executed << " of " << calls
            << " calls have no result on record and were not executed.\n";
}

json::object to_json(const All& all) {
  json::array reports, passed;
  for (const ShadowReport& report : all.reports) reports.push_back(to_json(report));
  for (const Passed& over : all.passed_over)
    passed.push_back(json::object{{"what", over.what}, {"why", over.why}});
  return {{"runs", std::move(reports)}, {"passed_over", std::move(passed)}};
}

}  // namespace

int run_shadow(const ShadowOptions& options, App& app) {
  const auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto folder = WorkFolder::open(std::nullopt);
  if (!folder) return report(folder.error());
  if (auto started = app.start(place_of(folder.value().path(), {}, options.config)); !started) {
    return report(started.error());
  }
  if (!options.agent.empty() && !app.has_agent(options.agent)) {
    return report({ErrorCode::InvalidArgument, "The configuration has no agent " + options.agent + "."});
  }
  const auto all = options.archive.empty() ? shadow_runs(app, *store.value(), options)
                                           : shadow_archive(app, *store.value(), options);
  if (!all) return report(all.error());
  if (options.output == Output::Json) {
    std::cout << core::write_json(to_json(all.value())) << '\n';
  } else {
    print(all.value());
  }
  return kOk;
}

}  // namespace ebagent::cli
