#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::connections {

// What AWS gives a destination that names none.
inline constexpr int kDefaultRateLimit = 300;

// What CreateApiDestination and UpdateApiDestination ask for.
struct ApiDestinationSpec {
  std::string name = {};
  std::optional<std::string> description = {};
  std::optional<std::string> connection_arn = {};
  std::optional<std::string> endpoint = {};
  std::optional<std::string> method = {};
  std::optional<int> rate_limit = {};  // invocations a second
};

// An HTTP endpoint that rules can have as a target.
struct ApiDestination {
  bus::Scope scope = {};
  std::string name = {};
  std::string arn = {};
  std::string description = {};
  std::string connection_arn = {};
  std::string endpoint = {};  // a URL; each `*` of its path and query is filled by the target
  std::string method = {};
  int rate_limit = kDefaultRateLimit;
  TimePoint created = {};
  TimePoint modified = {};
};

// "arn:aws:events:REGION:ACCOUNT:api-destination/NAME/UUID"
[[nodiscard]] std::string api_destination_arn(const bus::Scope& scope, std::string_view name,
                                              std::string_view uuid);

// The JSON text that a destination is kept as, and back. Errors: Malformed.
[[nodiscard]] std::string write_api_destination(const ApiDestination& destination);
[[nodiscard]] Result<ApiDestination> read_api_destination(std::string_view json);

}  // namespace ebagent::connections
