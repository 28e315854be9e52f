#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebagent::server::scheduler_api {

// The target of a REST request, decoded: "/schedules/nightly?groupName=backups".
struct RequestTarget {
  std::string collection = {};           // "schedules": the first part of the path
  std::optional<std::string> name = {};  // what stands behind it; may hold slashes
  std::map<std::string, std::vector<std::string>, std::less<>> query = {};

  // The first value of a query parameter; nullptr when it is absent.
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

// Nullopt when percent signs are followed by something else than two hexadecimal digits, or when what they
// stand for is no UTF-8.
// Source: https://www.rfc-editor.org/rfc/rfc3986
[[nodiscard]] std::optional<RequestTarget> read_target(std::string_view target);

}  // namespace ebagent::server::scheduler_api
