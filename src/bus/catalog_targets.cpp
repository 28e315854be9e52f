#include <utility>

#include "bus/catalog.hpp"
#include "bus/catalog_state.hpp"
#include "bus/page.hpp"
#include "bus/validation.hpp"

namespace ebagent::bus {
namespace {

// What the AWS API calls the errors that fail one entry and not its request.
constexpr std::string_view kValidationException = "ValidationException";
constexpr std::string_view kResourceNotFoundException = "ResourceNotFoundException";

}  // namespace

Result<std::vector<FailedEntry>> Catalog::put_targets(const Scope& scope, std::string_view bus_name,
                                                      std::string_view rule, std::vector<Target> targets,
                                                      Managed managed) {
  BOOST_OUTCOME_TRYV(check_rule_name(rule));
  BOOST_OUTCOME_TRYV(check_entries(targets.size(), "targets"));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    BOOST_OUTCOME_TRYV(check_target_members(targets[i], i));
  }
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));

  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(const RuleEntryPtr before, state_->find(bus, rule));
  BOOST_OUTCOME_TRYV(check_managed(before->rule, managed));
  RuleEntry entry = *before;
  std::vector<FailedEntry> failed;
  for (Target& target : targets) {
    if (!has_target_format(target.arn)) {
      failed.push_back(
          {target.id, std::string{kValidationException},
           "Parameter " + target.arn + " is not valid. Reason: Provided Arn is not in correct format."});
      continue;
    }
    std::string id = target.id;
    entry.targets.insert_or_assign(std::move(id), std::move(target));
  }
  if (entry.targets.size() > state_->settings.max_targets_per_rule) {
    return fail(ErrorCode::LimitExceeded, std::string{kTooMany});
  }
  if (failed.size() == targets.size()) return failed;
  BOOST_OUTCOME_TRY(entry.routed, state_->route(bus, entry));
  BOOST_OUTCOME_TRYV(state_->save(bus, std::move(entry)));
  return failed;
}

Result<std::vector<FailedEntry>> Catalog::remove_targets(const Scope& scope, std::string_view bus_name,
                                                         std::string_view rule,
                                                         const std::vector<std::string>& ids,
                                                         Managed managed) {
  BOOST_OUTCOME_TRYV(check_rule_name(rule));
  BOOST_OUTCOME_TRYV(check_entries(ids.size(), "ids"));
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));

  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(const RuleEntryPtr before, state_->find(bus, rule));
  BOOST_OUTCOME_TRYV(check_managed(before->rule, managed));
  RuleEntry entry = *before;
  std::vector<FailedEntry> failed;
  for (const std::string& id : ids) {
    if (entry.targets.erase(id) > 0) continue;
    failed.push_back({id, std::string{kResourceNotFoundException},
                      "Rule " + std::string{rule} + " does not have a target with the Id " + id + "."});
  }
  if (failed.size() == ids.size()) return failed;
  BOOST_OUTCOME_TRY(entry.routed, state_->route(bus, entry));
  BOOST_OUTCOME_TRYV(state_->save(bus, std::move(entry)));
  return failed;
}

Result<Page<Target>> Catalog::list_targets_by_rule(const Scope& scope, std::string_view bus_name,
                                                   std::string_view rule, const PageRequest& page) const {
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));
  BOOST_OUTCOME_TRY(const RuleEntryPtr entry, state_->find(bus, rule));
  return page_of<Target>(entry->targets, page, [](const auto& named) { return std::optional{named.second}; });
}

Result<Page<std::string>> Catalog::list_rule_names_by_target(const Scope& scope, std::string_view bus_name,
                                                             std::string_view target_arn,
                                                             const PageRequest& page) const {
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));
  const std::shared_lock lock{state_->mutex};
  return page_of<std::string>(state_->rules(bus), page, [&](const auto& named) -> std::optional<std::string> {
    for (const auto& [id, target] : named.second->targets) {
      if (target.arn == target_arn) return named.first;
    }
    return std::nullopt;
  });
}

}  // namespace ebagent::bus
