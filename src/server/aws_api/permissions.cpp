#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

// A policy that became too long has an error of its own.
Outcome policy_outcome(const Result<void>& result) {
  if (!result && result.error().code == ErrorCode::LimitExceeded) {
    return ApiError{"PolicyLengthExceededException", result.error().message};
  }
  return nothing_or_error(result);
}

ApiError missing(std::string_view name) {
  return {"ValidationException", "Parameter " + std::string{name} + " must be specified when Policy is not."};
}

Outcome put_permission(const Call& call) {
  if (const std::string_view policy = text_of(call.input, "Policy"); !policy.empty()) {
    return policy_outcome(call.catalog.put_policy(call.scope, bus_of(call.input), policy));
  }
  bus::Permission permission{.statement_id = std::string{text_of(call.input, "StatementId")},
                             .principal = std::string{text_of(call.input, "Principal")},
                             .action = std::string{text_of(call.input, "Action")}};
  if (permission.statement_id.empty()) return missing("StatementId");
  if (permission.principal.empty()) return missing("Principal");
  if (permission.action.empty()) return missing("Action");
  if (const json::object* condition = object_of(call.input, "Condition")) permission.condition = *condition;
  return policy_outcome(call.catalog.put_permission(call.scope, bus_of(call.input), permission));
}

Outcome remove_permission(const Call& call) {
  if (flag_of(call.input, "RemoveAllPermissions")) {
    return nothing_or_error(call.catalog.remove_all_permissions(call.scope, bus_of(call.input)));
  }
  const std::string_view id = text_of(call.input, "StatementId");
  if (id.empty()) {
    return ApiError{"ValidationException",
                    "Parameter StatementId must be specified, or RemoveAllPermissions."};
  }
  return nothing_or_error(call.catalog.remove_permission(call.scope, bus_of(call.input), id));
}

constexpr Operation kOperations[] = {
    {"PutPermission", &shapes::kPutPermission, put_permission},
    {"RemovePermission", &shapes::kRemovePermission, remove_permission},
};

}  // namespace

std::span<const Operation> permission_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
