#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string_view>
#include <variant>

#include "bus/scope.hpp"
#include "scheduler/schedules.hpp"
#include "server/aws_api/constraints.hpp"
#include "server/aws_api/operation.hpp"

namespace ebagent::server::scheduler_api {

using aws_api::ApiError;
using aws_api::Shape;

// The wire's form of an error of scheduler::Schedules.
[[nodiscard]] ApiError api_error(const Error& error);

struct Call {
  scheduler::Schedules& schedules;
  const bus::Scope& scope;
  const boost::json::object& input;  // holds to the operation's shape
};

using Outcome = std::variant<boost::json::object, ApiError>;

// A member of the input that stands in the query, under a name of its own there.
struct QueryMember {
  std::string_view parameter;
  std::string_view member;
  enum class Kind { Text, Number, List } kind = Kind::Text;
};

// One operation of EventBridge Scheduler: where it is found, what it takes and what it does. The part of the
// path behind the collection becomes the member `path_member`; without one the operation is the collection's.
struct Operation {
  std::string_view name;
  std::string_view method;
  std::string_view collection;
  std::string_view path_member;
  std::span<const QueryMember> query;
  const Shape* input;
  Outcome (*run)(const Call& call);
};

[[nodiscard]] std::span<const Operation> schedule_operations();
[[nodiscard]] std::span<const Operation> group_operations();

// ---- reading inputs, writing outputs

[[nodiscard]] scheduler::RequestMark mark_of(const boost::json::object& input);
[[nodiscard]] bus::PageRequest page_of(const boost::json::object& input);
void add_time(boost::json::object& output, std::string_view name, TimePoint time);

}  // namespace ebagent::server::scheduler_api
