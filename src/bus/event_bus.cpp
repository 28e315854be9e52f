#include "bus/event_bus.hpp"

#include <boost/json.hpp>

#include "core/json.hpp"

namespace ebagent::bus {
namespace {

namespace json = boost::json;

json::object object_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

TimePoint time_of(const json::object& object, std::string_view name) {
  return TimePoint{Duration{core::integer_member(object, name).value_or(0)}};
}

// The statements of a policy, made when there are none.
json::array& statements_of(json::object& policy) {
  policy.emplace("Version", "2012-10-17");
  json::value& statements = policy.emplace("Statement", json::array{}).first->value();
  // IAM takes a lone statement without its list.
  if (!statements.is_array()) statements = json::array{std::move(statements)};
  return statements.get_array();
}

bool has_id(const json::value& statement, std::string_view id) {
  return statement.is_object() && core::text_member(statement.get_object(), "Sid") == id;
}

}  // namespace

EventBus default_bus(const Scope& scope) {
  return {.name = std::string{kDefaultBus}, .arn = bus_arn(scope, kDefaultBus)};
}

std::string write_bus(const Scope& scope, const EventBus& bus) {
  return core::write_json(json::object{{"Account", scope.account},
                                       {"Region", scope.region},
                                       {"Name", bus.name},
                                       {"Description", bus.description},
                                       {"KmsKeyIdentifier", bus.kms_key},
                                       {"DeadLetterArn", bus.dead_letter_arn},
                                       {"LogConfig", bus.log_config},
                                       {"Policy", bus.policy},
                                       {"CreationTime", bus.created.time_since_epoch().count()},
                                       {"LastModifiedTime", bus.modified.time_since_epoch().count()}});
}

Result<ScopedBus> read_bus(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  if (!parsed.is_object()) return fail(ErrorCode::Malformed, "it is no JSON object.");
  const json::object& object = parsed.get_object();
  ScopedBus out{.scope = {core::text_member(object, "Account"), core::text_member(object, "Region")},
                .bus = {.name = core::text_member(object, "Name"),
                        .description = core::text_member(object, "Description"),
                        .kms_key = core::text_member(object, "KmsKeyIdentifier"),
                        .dead_letter_arn = core::text_member(object, "DeadLetterArn"),
                        .log_config = object_of(object, "LogConfig"),
                        .policy = object_of(object, "Policy"),
                        .created = time_of(object, "CreationTime"),
                        .modified = time_of(object, "LastModifiedTime")}};
  if (out.bus.name.empty()) return fail(ErrorCode::Malformed, "it names no event bus.");
  out.bus.arn = bus_arn(out.scope, out.bus.name);
  return out;
}

void put_statement(json::object& policy, std::string_view bus_arn, const Permission& permission) {
  (void)remove_statement(policy, permission.statement_id);
  json::object statement{{"Sid", permission.statement_id}, {"Effect", "Allow"}};
  if (permission.principal == "*") {
    statement["Principal"] = "*";
  } else {
    statement["Principal"] = json::object{{"AWS", "arn:aws:iam::" + permission.principal + ":root"}};
  }
  statement["Action"] = permission.action.empty() ? "events:PutEvents" : permission.action;
  statement["Resource"] = json::string_view{bus_arn.data(), bus_arn.size()};
  if (!permission.condition.empty()) {
    statement["Condition"] = json::object{{core::text_member(permission.condition, "Type"),
                                           json::object{{core::text_member(permission.condition, "Key"),
                                                         core::text_member(permission.condition, "Value")}}}};
  }
  statements_of(policy).push_back(std::move(statement));
}

bool remove_statement(json::object& policy, std::string_view statement_id) {
  if (policy.empty()) return false;
  json::array& statements = statements_of(policy);
  const auto before = statements.size();
  for (auto statement = statements.begin(); statement != statements.end();) {
    statement = has_id(*statement, statement_id) ? statements.erase(statement) : statement + 1;
  }
  const bool removed = statements.size() != before;
  if (statements.empty()) policy.clear();
  return removed;
}

}  // namespace ebagent::bus
