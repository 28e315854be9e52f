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

std::optional<Scope> scope_of_arn(std::string_view arn) {
  constexpr std::size_t kRegion = 3;
  constexpr std::size_t kAccount = 4;
  Scope out{"", ""};
  for (std::size_t part = 0; part <= kAccount; ++part) {
    const std::size_t end = arn.find(':');
    if (end == std::string_view::npos) return std::nullopt;
    if (part == kRegion) out.region = arn.substr(0, end);
    if (part == kAccount) out.account = arn.substr(0, end);
    arn.remove_prefix(end + 1);
  }
  return out;
}

std::string rule_arn(const Scope& scope, std::string_view bus, std::string_view rule) {
  std::string arn = arn_of(scope, "rule/");
  if (bus != kDefaultBus) arn.append(bus).append("/");
  return arn.append(rule);
}

}  // namespace ebagent::bus
