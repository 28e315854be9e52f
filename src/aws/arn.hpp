#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ebagent::aws {

// arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; the resource may hold more colons.
struct Arn {
  std::string partition = {};
  std::string service = {};
  std::string region = {};
  std::string account = {};
  std::string resource = {};
};

// Nothing when it has not the parts of one.
[[nodiscard]] std::optional<Arn> parse_arn(std::string_view text);

}  // namespace ebagent::aws
