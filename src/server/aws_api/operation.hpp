#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "bus/catalog.hpp"
#include "connections/connections.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "server/aws_api/constraints.hpp"

namespace ebagent::server::aws_api {

// An error as it goes over the wire: `__type`, `message` and the status that makes SDKs retry or not.
struct ApiError {
  std::string type;
  std::string message;
  unsigned status = 400;

  bool operator==(const ApiError&) const = default;
};

// The wire's form of a catalog's error, see bus::Catalog. A store that cannot write just now is a 503, which
// SDKs retry.
[[nodiscard]] ApiError api_error(const Error& error);

struct Call {
  bus::Catalog& catalog;
  connections::Connections* connections;  // null where there are none
  const bus::Scope& scope;
  const boost::json::object& input;  // holds to the operation's shape
};

using Outcome = std::variant<boost::json::object, ApiError>;

// One operation of the API: what it takes and what it does. May wait for the store.
struct Operation {
  std::string_view name;
  const Shape* input;
  Outcome (*run)(const Call& call);
};

[[nodiscard]] std::span<const Operation> rule_operations();
[[nodiscard]] std::span<const Operation> target_operations();
[[nodiscard]] std::span<const Operation> pattern_operations();
[[nodiscard]] std::span<const Operation> bus_operations();
[[nodiscard]] std::span<const Operation> permission_operations();
[[nodiscard]] std::span<const Operation> tag_operations();
[[nodiscard]] std::span<const Operation> archive_operations();
[[nodiscard]] std::span<const Operation> replay_operations();
[[nodiscard]] std::span<const Operation> connection_operations();
[[nodiscard]] std::span<const Operation> api_destination_operations();

// ---- reading inputs
// ----------------------------------------------------------------------------------------

// The text of a member; empty when it is absent.
[[nodiscard]] std::string_view text_of(const boost::json::object& input, std::string_view name);
// The bus that a request means; the default bus when it names none.
[[nodiscard]] std::string_view bus_of(const boost::json::object& input);
[[nodiscard]] bus::PageRequest page_request(const boost::json::object& input);
// A member that is a structure; null when it is absent.
[[nodiscard]] const boost::json::object* object_of(const boost::json::object& input, std::string_view name);
[[nodiscard]] bool flag_of(const boost::json::object& input, std::string_view name);
// The member Tags, [{"Key","Value"}].
[[nodiscard]] bus::Tags tags_of(const boost::json::object& input);
// A member that is a number; nothing when it is absent.
[[nodiscard]] std::optional<int> number_of(const boost::json::object& input, std::string_view name);
// The text of a member that may be absent.
[[nodiscard]] std::optional<std::string> optional_text_of(const boost::json::object& input,
                                                          std::string_view name);
// An instant in seconds since the epoch, which AWS JSON 1.1 writes with or without a fraction. The epoch when it is absent.
[[nodiscard]] TimePoint time_of(const boost::json::object& input, std::string_view name);
[[nodiscard]] bus::Catalog::Managed managed_choice(const boost::json::object& input);

// ---- writing outputs
// ---------------------------------------------------------------------------------------

// Adds a member unless its text is empty: AWS leaves absent members out.
void add_text(boost::json::object& output, std::string_view name, std::string_view text);

// The same for an instant.
void add_time(boost::json::object& output, std::string_view name, std::optional<TimePoint> time);

// An empty answer, or the error.
[[nodiscard]] Outcome nothing_or_error(const Result<void>& result);

}  // namespace ebagent::server::aws_api
