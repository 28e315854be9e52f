#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

std::optional<std::string> optional_text(const json::object& input, std::string_view name) {
  const std::string_view text = text_of(input, name);
  if (text.empty()) return std::nullopt;
  return std::string{text};
}

json::object rule_json(const bus::Rule& rule) {
  json::object out;
  add_text(out, "Name", rule.name);
  add_text(out, "Arn", rule.arn);
  add_text(out, "EventPattern", rule.event_pattern);
  add_text(out, "ScheduleExpression", rule.schedule_expression);
  add_text(out, "State", rule.state);
  add_text(out, "Description", rule.description);
  add_text(out, "RoleArn", rule.role_arn);
  add_text(out, "ManagedBy", rule.managed_by);
  add_text(out, "EventBusName", rule.bus);
  return out;
}

Outcome put_rule(const Call& call) {
  bus::RuleSpec spec;
  spec.name = text_of(call.input, "Name");
  spec.bus = bus_of(call.input);
  spec.event_pattern = optional_text(call.input, "EventPattern");
  spec.schedule_expression = optional_text(call.input, "ScheduleExpression");
  if (const auto state = optional_text(call.input, "State")) spec.state = *state;
  spec.description = text_of(call.input, "Description");
  spec.role_arn = text_of(call.input, "RoleArn");
  spec.tags = tags_of(call.input);
  const auto arn = call.catalog.put_rule(call.scope, spec);
  if (!arn) return api_error(arn.error());
  json::object out;
  add_text(out, "RuleArn", arn.value());
  return out;
}

Outcome describe_rule(const Call& call) {
  const auto rule = call.catalog.describe_rule(call.scope, bus_of(call.input), text_of(call.input, "Name"));
  if (!rule) return api_error(rule.error());
  json::object out = rule_json(rule.value());
  add_text(out, "CreatedBy", rule.value().created_by);
  return out;
}

Outcome list_rules(const Call& call) {
  const auto page = call.catalog.list_rules(call.scope, bus_of(call.input), text_of(call.input, "NamePrefix"),
                                            page_request(call.input));
  if (!page) return api_error(page.error());
  json::array rules;
  for (const bus::Rule& rule : page.value().items) rules.push_back(rule_json(rule));
  json::object out;
  out.emplace("Rules", std::move(rules));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

Outcome enable_rule(const Call& call) {
  return nothing_or_error(
      call.catalog.enable_rule(call.scope, bus_of(call.input), text_of(call.input, "Name")));
}

Outcome disable_rule(const Call& call) {
  return nothing_or_error(
      call.catalog.disable_rule(call.scope, bus_of(call.input), text_of(call.input, "Name")));
}

Outcome delete_rule(const Call& call) {
  return nothing_or_error(call.catalog.delete_rule(call.scope, bus_of(call.input),
                                                   text_of(call.input, "Name"), managed_choice(call.input)));
}

constexpr Operation kOperations[] = {
    {"PutRule", &shapes::kPutRule, put_rule},
    {"DescribeRule", &shapes::kRuleReference, describe_rule},
    {"ListRules", &shapes::kListRules, list_rules},
    {"EnableRule", &shapes::kRuleReference, enable_rule},
    {"DisableRule", &shapes::kRuleReference, disable_rule},
    {"DeleteRule", &shapes::kRuleReference, delete_rule},
};

}  // namespace

std::span<const Operation> rule_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
