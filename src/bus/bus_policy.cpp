#include "bus/bus_policy.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "bus/catalog.hpp"
#include "bus/scope.hpp"
#include "core/json.hpp"

namespace ebagent::bus {
namespace {

namespace json = boost::json;

constexpr std::string_view kPutEvents = "events:PutEvents";

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

// '*' stands for any characters, '?' for one. Goes back to the last '*' only, so the time is that of the product of the
// lengths at most.
bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0, star = std::string_view::npos, resume = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      resume = at;
    } else if (in_pattern < pattern.size() &&
               (pattern[in_pattern] == '?' || pattern[in_pattern] == text[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

// True for any text of a member that is one text or a list of them.
template <class Matches>
bool any_of(const json::value* member, Matches matches) {
  if (member == nullptr) return false;
  if (member->is_string()) return matches(view(member->get_string()));
  if (!member->is_array()) return false;
  const json::array& list = member->get_array();
  return std::any_of(list.begin(), list.end(), [&](const json::value& each) {
    return each.is_string() && matches(view(each.get_string()));
  });
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

bool names_account(const json::object& statement, std::string_view account) {
  const json::value* principal = statement.if_contains("Principal");
  if (principal == nullptr) return false;
  if (principal->is_object()) principal = principal->get_object().if_contains("AWS");
  const std::string root = "arn:aws:iam::" + std::string{account} + ":root";
  return any_of(principal, [&](std::string_view one) { return one == "*" || one == account || one == root; });
}

bool is_about(const json::object& statement, const PutAttempt& attempt) {
  const bool is_action = any_of(statement.if_contains("Action"), [](std::string_view pattern) {
    return is_like(lower(kPutEvents), lower(pattern));
  });
  return is_action && names_account(statement, attempt.account) &&
         any_of(statement.if_contains("Resource"),
                [&](std::string_view pattern) { return is_like(attempt.bus_arn, pattern); });
}

// How the conditions of a statement stand.
struct Conditions {
  bool is_understood = true;
  bool has_source = true;
  bool has_detail_type = true;
};

void check(std::string_view operation, const json::object& keys, const PutAttempt& attempt,
           Conditions& result) {
  const bool is_exact = operation == "StringEquals";
  if (!is_exact && operation != "StringLike") {
    result.is_understood = false;
    return;
  }
  for (const auto& [key, values] : keys) {
    const std::string name = lower({key.data(), key.size()});
    const bool is_source = name == "events:source";
    if (!is_source && name != "events:detail-type") {
      result.is_understood = false;
      continue;
    }
    const std::string_view text = is_source ? attempt.source : attempt.detail_type;
    if (any_of(&values, [&](std::string_view each) { return is_exact ? each == text : is_like(text, each); }))
      continue;
    (is_source ? result.has_source : result.has_detail_type) = false;
  }
}

Conditions check_conditions(const json::object& statement, const PutAttempt& attempt) {
  Conditions result;
  const json::value* condition = statement.if_contains("Condition");
  if (condition == nullptr) return result;
  if (!condition->is_object()) return {.is_understood = false};
  for (const auto& [operation, keys] : condition->get_object()) {
    if (keys.is_object()) {
      check({operation.data(), operation.size()}, keys.get_object(), attempt, result);
    } else {
      result.is_understood = false;
    }
  }
  return result;
}

// What one statement says; Denied also when it says nothing.
PolicyVerdict allowed_by(const json::object& statement, const PutAttempt& attempt) {
  if (!is_about(statement, attempt)) return PolicyVerdict::Denied;
  const Conditions conditions = check_conditions(statement, attempt);
  if (!conditions.is_understood) return PolicyVerdict::Denied;
  if (!conditions.has_source) return PolicyVerdict::DeniedForSource;
  return conditions.has_detail_type ? PolicyVerdict::Allowed : PolicyVerdict::DeniedForDetailType;
}

bool denies(const json::object& statement, const PutAttempt& attempt) {
  const bool is_open = statement.contains("NotPrincipal") || statement.contains("NotAction") ||
                       statement.contains("NotResource");
  if (!is_open && !is_about(statement, attempt)) return false;
  const Conditions conditions = check_conditions(statement, attempt);
  return !conditions.is_understood || (conditions.has_source && conditions.has_detail_type);
}

}  // namespace

PolicyVerdict evaluate(const json::object& policy, const PutAttempt& attempt) {
  const json::value* statements = policy.if_contains("Statement");
  if (statements == nullptr) return PolicyVerdict::Denied;
  const json::array list = statements->is_array() ? statements->get_array() : json::array{*statements};
  PolicyVerdict verdict = PolicyVerdict::Denied;
  for (const json::value& each : list) {
    if (!each.is_object()) continue;
    const json::object& statement = each.get_object();
    const std::string effect = core::text_member(statement, "Effect");
    if (effect == "Deny" && denies(statement, attempt)) return PolicyVerdict::Denied;
    if (effect != "Allow" || verdict == PolicyVerdict::Allowed) continue;
    if (const auto allowed = allowed_by(statement, attempt); allowed != PolicyVerdict::Denied)
      verdict = allowed;
  }
  return verdict;
}

PolicyVerdict may_put(const Catalog& catalog, const PutAttempt& attempt) {
  const auto owner = scope_of_arn(attempt.bus_arn);
  if (!owner) return PolicyVerdict::Denied;
  if (owner->account == attempt.account) return PolicyVerdict::Allowed;
  const auto bus = catalog.describe_bus(*owner, attempt.bus_arn);
  return bus ? evaluate(bus.value().policy, attempt) : PolicyVerdict::Denied;
}

}  // namespace ebagent::bus
