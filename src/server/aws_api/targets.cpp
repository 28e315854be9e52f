#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

json::object failed_entries_json(const std::vector<bus::FailedEntry>& failed) {
  json::array entries;
  for (const bus::FailedEntry& entry : failed) {
    json::object one;
    add_text(one, "TargetId", entry.target_id);
    add_text(one, "ErrorCode", entry.error_code);
    add_text(one, "ErrorMessage", entry.error_message);
    entries.push_back(std::move(one));
  }
  json::object out;
  out.emplace("FailedEntryCount", static_cast<std::int64_t>(failed.size()));
  out.emplace("FailedEntries", std::move(entries));
  return out;
}

Outcome put_targets(const Call& call) {
  std::vector<bus::Target> targets;
  for (const json::value& entry : call.input.at("Targets").get_array()) {
    auto target = bus::parse_target(entry.get_object());
    if (!target) return ApiError{"SerializationException", target.error().message};
    targets.push_back(std::move(target.value()));
  }
  const auto failed = call.catalog.put_targets(call.scope, bus_of(call.input), text_of(call.input, "Rule"),
                                               std::move(targets));
  if (!failed) return api_error(failed.error());
  return failed_entries_json(failed.value());
}

Outcome remove_targets(const Call& call) {
  std::vector<std::string> ids;
  for (const json::value& id : call.input.at("Ids").get_array()) {
    ids.emplace_back(id.get_string().data(), id.get_string().size());
  }
  const auto failed = call.catalog.remove_targets(call.scope, bus_of(call.input), text_of(call.input, "Rule"),
                                                  ids, managed_choice(call.input));
  if (!failed) return api_error(failed.error());
  return failed_entries_json(failed.value());
}

Outcome list_targets_by_rule(const Call& call) {
  const auto page = call.catalog.list_targets_by_rule(call.scope, bus_of(call.input),
                                                      text_of(call.input, "Rule"), page_request(call.input));
  if (!page) return api_error(page.error());
  json::array targets;
  for (const bus::Target& target : page.value().items) targets.push_back(bus::to_json(target));
  json::object out;
  out.emplace("Targets", std::move(targets));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

Outcome list_rule_names_by_target(const Call& call) {
  const auto page = call.catalog.list_rule_names_by_target(
      call.scope, bus_of(call.input), text_of(call.input, "TargetArn"), page_request(call.input));
  if (!page) return api_error(page.error());
  json::array names;
  for (const std::string& name : page.value().items) names.emplace_back(name);
  json::object out;
  out.emplace("RuleNames", std::move(names));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr Operation kOperations[] = {
    {"PutTargets", &shapes::kPutTargets, put_targets},
    {"RemoveTargets", &shapes::kRemoveTargets, remove_targets},
    {"ListTargetsByRule", &shapes::kListTargetsByRule, list_targets_by_rule},
    {"ListRuleNamesByTarget", &shapes::kListRuleNamesByTarget, list_rule_names_by_target},
};

}  // namespace

std::span<const Operation> target_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
