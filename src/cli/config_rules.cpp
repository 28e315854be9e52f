#include "cli/config_rules.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "core/json.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

struct OwnRule {
  bus::RuleSpec spec;
  std::vector<bus::Target> targets;
};

OwnRule own_rule(const bus::Scope& scope, const AppRule& rule) {
  OwnRule own;
  own.spec.name = rule.name;
  if (!rule.pattern.empty()) own.spec.event_pattern = rule.pattern;
  if (!rule.schedule.empty()) own.spec.schedule_expression = rule.schedule;
  own.spec.state = std::string{rule.enabled ? bus::kEnabled : bus::kDisabled};
  own.spec.description = "From the configuration of the app";
  own.spec.managed_by = kManagedBy;
  for (const auto& agent : rule.agents)
    own.targets.push_back({.id = agent, .arn = function_arn(scope, agent)});
  return own;
}

OwnRule own_rule(const bus::Scope& scope, const std::string& app_name, const watch::WatchedBucket& bucket) {
  OwnRule own;
  own.spec.name = "bucket-" + bucket.name;
  own.spec.event_pattern =
      core::write_json(json::object{{"source", {"aws.s3"}},
                                    {"detail-type", {"Object Created"}},
                                    {"detail", {{"bucket", {{"name", json::array{bucket.name}}}}}}});
  own.spec.description = "Brings the files put into a watched folder to the app";
  own.spec.managed_by = kManagedBy;
  own.targets.push_back({.id = "app", .arn = function_arn(scope, app_name)});
  return own;
}

// Removes the targets that the configuration no longer has.
Result<void> remove_targets_but(bus::Catalog& catalog, const bus::Scope& scope, const std::string& rule,
                                const std::vector<bus::Target>& kept) {
  BOOST_OUTCOME_TRY(const auto targets, catalog.list_targets_by_rule(scope, bus::kDefaultBus, rule));
  std::vector<std::string> gone;
  for (const auto& target : targets.items) {
    if (std::ranges::find(kept, target.id, &bus::Target::id) == kept.end()) gone.push_back(target.id);
  }
  if (gone.empty()) return success();
  BOOST_OUTCOME_TRY(
      catalog.remove_targets(scope, bus::kDefaultBus, rule, gone, bus::Catalog::Managed::Force));
  return success();
}

Result<void> put(bus::Catalog& catalog, const bus::Scope& scope, OwnRule own) {
  const std::string name = own.spec.name;
  const auto existing = catalog.describe_rule(scope, bus::kDefaultBus, name);
  if (existing && existing.value().managed_by != kManagedBy) {
    return fail(ErrorCode::AlreadyExists,
                "The rule " + name +
                    " was put by a caller; delete it, or name the rule of the configuration differently.");
  }
  // The rule itself is updated in place: a rate counts from when its expression was first put.
  BOOST_OUTCOME_TRY(catalog.put_rule(scope, own.spec));
  if (existing) {
    BOOST_OUTCOME_TRY(remove_targets_but(catalog, scope, name, own.targets));
  }
  BOOST_OUTCOME_TRY(const auto refused,
                    catalog.put_targets(scope, bus::kDefaultBus, name, std::move(own.targets),
                                        bus::Catalog::Managed::Force));
  if (!refused.empty())
    return fail(ErrorCode::InvalidArgument, "Rule " + name + ": " + refused.front().error_message);
  return success();
}

Result<void> remove_others(bus::Catalog& catalog,
                           const std::set<std::pair<bus::Scope, std::string>>& wanted) {
  for (const auto& [scope, rule, targets] : catalog.all_rules()) {
    if (rule.managed_by != kManagedBy || wanted.contains({scope, rule.name})) continue;
    std::vector<std::string> ids;
    ids.reserve(targets.size());
    for (const auto& target : targets) ids.push_back(target.id);
    if (!ids.empty()) {
      BOOST_OUTCOME_TRY(
          catalog.remove_targets(scope, rule.bus, rule.name, ids, bus::Catalog::Managed::Force));
    }
    BOOST_OUTCOME_TRY(catalog.delete_rule(scope, rule.bus, rule.name, bus::Catalog::Managed::Force));
  }
  return success();
}

}  // namespace

std::string function_arn(const bus::Scope& scope, const std::string& name) {
  return "arn:aws:lambda:" + scope.region + ":" + scope.account + ":function:" + name;
}

Result<void> put_own_rules(bus::Catalog& catalog, const bus::Scope& scope, const std::string& app_name,
                           const std::vector<AppRule>& rules,
                           const std::vector<watch::WatchedBucket>& buckets) {
  std::vector<OwnRule> own;
  own.reserve(rules.size() + buckets.size());
  for (const auto& rule : rules) own.push_back(own_rule(scope, rule));
  for (const auto& bucket : buckets) own.push_back(own_rule(scope, app_name, bucket));
  std::set<std::pair<bus::Scope, std::string>> wanted;
  for (const auto& rule : own) wanted.emplace(scope, rule.spec.name);
  BOOST_OUTCOME_TRY(remove_others(catalog, wanted));
  for (auto& rule : own) {
    BOOST_OUTCOME_TRY(put(catalog, scope, std::move(rule)));
  }
  return success();
}

}  // namespace ebagent::cli
