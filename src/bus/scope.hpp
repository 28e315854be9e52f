#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::bus {

// The event bus that every scope has from the start.
inline constexpr std::string_view kDefaultBus = "default";

// Who a request speaks for: every account and region has its own buses and rules.
struct Scope {
  std::string account = "000000000000";  // 12 digits on AWS; any text here
  std::string region = "us-east-1";

  auto operator<=>(const Scope&) const = default;
  bool operator==(const Scope&) const = default;
};

// "arn:aws:events:REGION:ACCOUNT:event-bus/NAME"
[[nodiscard]] std::string bus_arn(const Scope& scope, std::string_view bus);

// Account and region of an ARN; nothing when it has not the parts of one.
[[nodiscard]] std::optional<Scope> scope_of_arn(std::string_view arn);

// "arn:aws:events:REGION:ACCOUNT:rule/NAME" on the default bus, "...:rule/BUS/NAME" on others.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
[[nodiscard]] std::string rule_arn(const Scope& scope, std::string_view bus, std::string_view rule);

}  // namespace ebagent::bus
