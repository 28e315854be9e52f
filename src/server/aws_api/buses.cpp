#include "core/json.hpp"
#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

// What lists show of a bus.
json::object summary_json(const bus::EventBus& bus) {
  json::object out;
  add_text(out, "Name", bus.name);
  add_text(out, "Arn", bus.arn);
  add_text(out, "Description", bus.description);
  if (!bus.policy.empty()) add_text(out, "Policy", core::write_json(bus.policy));
  add_time(out, "CreationTime", bus.created);
  add_time(out, "LastModifiedTime", bus.modified);
  return out;
}

// What CreateEventBus and UpdateEventBus answer beside the ARN.
void add_settings(json::object& out, const bus::EventBus& bus) {
  if (!bus.description.empty()) out["Description"] = bus.description;
  add_text(out, "KmsKeyIdentifier", bus.kms_key);
  if (!bus.dead_letter_arn.empty())
    out.emplace("DeadLetterConfig", json::object{{"Arn", bus.dead_letter_arn}});
  if (!bus.log_config.empty()) out.emplace("LogConfig", bus.log_config);
}

bus::EventBusSettings settings_of(const json::object& input) {
  bus::EventBusSettings out{.description = optional_text_of(input, "Description"),
                            .kms_key = optional_text_of(input, "KmsKeyIdentifier")};
  if (const json::object* config = object_of(input, "DeadLetterConfig")) {
    out.dead_letter_arn = std::string{text_of(*config, "Arn")};
  }
  if (const json::object* config = object_of(input, "LogConfig")) out.log_config = *config;
  return out;
}

std::string_view name_of(const json::object& input) {
  const std::string_view name = text_of(input, "Name");
  return name.empty() ? bus::kDefaultBus : name;
}

Outcome create_event_bus(const Call& call) {
  if (!text_of(call.input, "EventSourceName").empty()) {
    return ApiError{"ResourceNotFoundException",
                    "Event source " + std::string{text_of(call.input, "EventSourceName")} +
                        " does not exist; partner event sources are not offered here."};
  }
  const auto bus =
      call.catalog.create_bus(call.scope, name_of(call.input), settings_of(call.input), tags_of(call.input));
  if (!bus) return api_error(bus.error());
  json::object out;
  add_text(out, "EventBusArn", bus.value().arn);
  add_settings(out, bus.value());
  return out;
}

Outcome update_event_bus(const Call& call) {
  const auto bus = call.catalog.update_bus(call.scope, name_of(call.input), settings_of(call.input));
  if (!bus) return api_error(bus.error());
  json::object out;
  add_text(out, "Arn", bus.value().arn);
  add_text(out, "Name", bus.value().name);
  add_settings(out, bus.value());
  return out;
}

Outcome delete_event_bus(const Call& call) {
  return nothing_or_error(call.catalog.delete_bus(call.scope, name_of(call.input)));
}

Outcome list_event_buses(const Call& call) {
  const auto page =
      call.catalog.list_buses(call.scope, text_of(call.input, "NamePrefix"), page_request(call.input));
  if (!page) return api_error(page.error());
  json::array buses;
  for (const bus::EventBus& bus : page.value().items) buses.push_back(summary_json(bus));
  json::object out;
  out.emplace("EventBuses", std::move(buses));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

Outcome describe_event_bus(const Call& call) {
  const auto bus = call.catalog.describe_bus(call.scope, name_of(call.input));
  if (!bus) return api_error(bus.error());
  json::object out = summary_json(bus.value());
  add_settings(out, bus.value());
  return out;
}

constexpr Operation kOperations[] = {
    {"CreateEventBus", &shapes::kCreateEventBus, create_event_bus},
    {"UpdateEventBus", &shapes::kUpdateEventBus, update_event_bus},
    {"DeleteEventBus", &shapes::kDeleteEventBus, delete_event_bus},
    {"ListEventBuses", &shapes::kListEventBuses, list_event_buses},
    {"DescribeEventBus", &shapes::kDescribeEventBus, describe_event_bus},
};

}  // namespace

std::span<const Operation> bus_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
