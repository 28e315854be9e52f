#include "bus/scope.hpp"

namespace ebagent::bus {
namespace {

std::string arn_of(const Scope& scope, std::string_view kind) {
  return "arn:aws:events:" + scope.region + ":" + scope.account + ":" + std::string{kind};
}

}  // namespace

std::string bus_arn(const Scope& scope, std::string_view bus) {
  return arn_of(scope, "event-bus/").append(bus);
}

std::string rule_arn(const Scope& scope, std::string_view bus, std::string_view rule) {
  std::string arn = arn_of(scope, "rule/");
  if (bus != kDefaultBus) arn.append(bus).append("/");
  return arn.append(rule);
}

}  // namespace ebagent::bus
