#include <boost/json.hpp>
#include <iostream>

#include "bus/catalog.hpp"
#include "cli/commands.hpp"
#include "cli/place.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/json.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

// A rule as this command shows it, whether it stands on a bus or in a configuration.
struct ShownRule {
  std::string name, bus, region, state, pattern, schedule, managed_by;
  std::vector<std::string> targets;
};

Result<std::vector<ShownRule>> rules_of_store(const std::filesystem::path& data) {
  const SystemClock clock;
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(data));
  BOOST_OUTCOME_TRY(const auto catalog, bus::Catalog::open(*store, clock));
  std::vector<ShownRule> shown;
  for (const auto& [scope, rule, targets] : catalog->all_rules()) {
    ShownRule one{
        rule.name,       rule.bus, scope.region, rule.state, rule.event_pattern, rule.schedule_expression,
        rule.managed_by, {}};
    for (const auto& target : targets) one.targets.push_back(target.arn);
    shown.push_back(std::move(one));
  }
  return shown;
}

Result<std::vector<ShownRule>> rules_of_app(App& app, const std::optional<std::filesystem::path>& config) {
  BOOST_OUTCOME_TRY(const auto folder, WorkFolder::open(std::nullopt));
  BOOST_OUTCOME_TRY(app.start(place_of(folder.path(), {}, config)));
  std::vector<ShownRule> shown;
  for (const auto& rule : app.rules()) {
    shown.push_back({rule.name, "", "", rule.enabled ? "ENABLED" : "DISABLED", rule.pattern, rule.schedule,
                     "", rule.agents});
  }
  return shown;
}

json::object to_json(const ShownRule& rule) {
  json::object object{{"name", rule.name}, {"state", rule.state}};
  const auto add = [&object](const char* name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  };
  add("bus", rule.bus);
  add("region", rule.region);
  add("pattern", rule.pattern);
  add("schedule", rule.schedule);
  add("managed_by", rule.managed_by);
  object["targets"] = json::value_from(rule.targets);
  return object;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

int run_rules(const RulesOptions& options, App& app) {
  const bool of_app = options.config || (!options.data && !std::filesystem::exists(kDefaultData));
  const auto rules =
      of_app ? rules_of_app(app, options.config) : rules_of_store(options.data.value_or(kDefaultData));
  if (!rules) return report(rules.error());

  if (options.output == Output::Json) {
    json::array list;
    for (const auto& rule : rules.value()) list.push_back(to_json(rule));
    std::cout << core::write_json(json::object{{"rules", std::move(list)}}) << '\n';
    return kOk;
  }
  if (rules.value().empty()) {
    std::cout << "No rules.\n";
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& rule : rules.value()) {
    rows.push_back({harmless(rule.name), rule.state,
                    harmless(rule.schedule.empty() ? rule.pattern : rule.schedule),
                    harmless(joined(rule.targets))});
  }
  print_table(std::cout, {"RULE", "STATE", "WHEN", of_app ? "AGENTS" : "TARGETS"}, rows);
  return kOk;
}

}  // namespace ebagent::cli
