#include <boost/json.hpp>

#include "bus/catalog_state.hpp"
#include "core/json.hpp"

namespace ebagent::bus {
namespace {

namespace json = boost::json;

// The members of a kept rule that are one text each.
struct TextMember {
  std::string_view name;
  std::string Rule::*member;
};
constexpr TextMember kTexts[] = {
    {"Name", &Rule::name},
    {"Arn", &Rule::arn},
    {"EventBusName", &Rule::bus},
    {"EventPattern", &Rule::event_pattern},
    {"ScheduleExpression", &Rule::schedule_expression},
    {"State", &Rule::state},
    {"Description", &Rule::description},
    {"RoleArn", &Rule::role_arn},
    {"ManagedBy", &Rule::managed_by},
    {"CreatedBy", &Rule::created_by},
};

Error unreadable(const store::CatalogRecord& record, std::string_view why) {
  return {ErrorCode::Malformed,
          "The store's record of " + record.key + " cannot be read: " + std::string{why}};
}

}  // namespace

std::string write_record(const RuleEntry& entry) {
  json::object object{{"Account", entry.scope.account}, {"Region", entry.scope.region}};
  for (const auto& [name, member] : kTexts) {
    if (!(entry.rule.*member).empty()) object[name] = entry.rule.*member;
  }
  object["Anchor"] = entry.anchor.time_since_epoch().count();  // milliseconds
  if (entry.archive != 0) object["Archive"] = entry.archive;
  json::array targets;
  for (const auto& [id, target] : entry.targets) targets.push_back(to_json(target));
  object["Targets"] = std::move(targets);
  return core::write_json(object);
}

Result<RuleEntry> read_record(const store::CatalogRecord& record) {
  auto parsed = core::parse_json(record.json);
  if (!parsed) return fail(unreadable(record, parsed.error().message));
  const auto* object = parsed.value().if_object();
  if (object == nullptr) return fail(unreadable(record, "it is no JSON object."));

  RuleEntry entry;
  entry.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")};
  for (const auto& [name, member] : kTexts) entry.rule.*member = core::text_member(*object, name);
  if (entry.rule.name.empty() || entry.rule.bus.empty()) return fail(unreadable(record, "it names no rule."));
  if (const auto* anchor = object->if_contains("Anchor"); anchor != nullptr && anchor->is_int64()) {
    entry.anchor = TimePoint{Duration{anchor->get_int64()}};
  }
  if (const auto* archive = object->if_contains("Archive"); archive != nullptr && archive->is_int64()) {
    entry.archive = archive->get_int64();
  }
  const auto* targets = object->if_contains("Targets");
  if (targets == nullptr || !targets->is_array())
    return fail(unreadable(record, "it has no list of targets."));
  for (const auto& value : targets->get_array()) {
    if (!value.is_object()) return fail(unreadable(record, "one of its targets is no object."));
    auto target = parse_target(value.get_object());
    if (!target) return fail(unreadable(record, target.error().message));
    std::string id = target.value().id;
    entry.targets.insert_or_assign(std::move(id), std::move(target).value());
  }
  return entry;
}

}  // namespace ebagent::bus
