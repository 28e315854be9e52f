#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

json::object bus_json(const bus::EventBus& bus) {
  json::object out;
  add_text(out, "Name", bus.name);
  add_text(out, "Arn", bus.arn);
  return out;
}

Outcome list_event_buses(const Call& call) {
  const auto page =
      call.catalog.list_buses(call.scope, text_of(call.input, "NamePrefix"), page_request(call.input));
  if (!page) return api_error(page.error());
  json::array buses;
  for (const bus::EventBus& bus : page.value().items) buses.push_back(bus_json(bus));
  json::object out;
  out.emplace("EventBuses", std::move(buses));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

Outcome describe_event_bus(const Call& call) {
  const std::string_view name = text_of(call.input, "Name");
  const auto bus = call.catalog.describe_bus(call.scope, name.empty() ? bus::kDefaultBus : name);
  if (!bus) return api_error(bus.error());
  return bus_json(bus.value());
}

constexpr Operation kOperations[] = {
    {"ListEventBuses", &shapes::kListEventBuses, list_event_buses},
    {"DescribeEventBus", &shapes::kDescribeEventBus, describe_event_bus},
};

}  // namespace

std::span<const Operation> bus_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
