#pragma once

#include <boost/json/object.hpp>
#include <string_view>

namespace ebagent::bus {

class Catalog;

// An event that an account would put on a bus of another.
struct PutAttempt {
  std::string_view account;  // who puts it
  std::string_view bus_arn;  // where
  std::string_view source;
  std::string_view detail_type;
};

// What a policy says of it. An account is told when only the event's source or detail type stands in its way.
enum class PolicyVerdict { Allowed, Denied, DeniedForSource, DeniedForDetailType };

// Holds a policy, as PutPermission keeps it, against an attempt. Understood are Effect, Principal ("*", an account or its
// root), Action and Resource with wildcards, and the conditions StringEquals and StringLike on events:source and
// events:detail-type. What is not understood (aws:PrincipalOrgID: no organisation is known here; NotPrincipal; other
// conditions) never allows, and a statement that denies is taken to deny. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-permissions.html
[[nodiscard]] PolicyVerdict evaluate(const boost::json::object& policy, const PutAttempt& attempt);

// The same for the policy of the bus that the ARN names. A bus belongs to its own account; one that does not exist allows
// nobody else.
[[nodiscard]] PolicyVerdict may_put(const Catalog& catalog, const PutAttempt& attempt);

}  // namespace ebagent::bus
