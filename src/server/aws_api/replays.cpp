#include "bus/replay.hpp"

#include <utility>

#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

std::string text(const json::object& input, std::string_view name) {
  return std::string{text_of(input, name)};
}

json::object summary_json(const bus::Replay& replay) {
  json::object out;
  add_text(out, "ReplayName", replay.spec.name);
  add_text(out, "EventSourceArn", replay.spec.source_arn);
  add_text(out, "State", bus::name_of(replay.state));
  add_text(out, "StateReason", replay.state_reason);
  add_time(out, "EventStartTime", replay.spec.from);
  add_time(out, "EventEndTime", replay.spec.until);
  add_time(out, "EventLastReplayedTime", replay.last_replayed);
  add_time(out, "ReplayStartTime", replay.started);
  add_time(out, "ReplayEndTime", replay.ended);
  return out;
}

json::object destination_json(const bus::ReplaySpec& spec) {
  json::object out;
  add_text(out, "Arn", spec.destination_arn);
  if (spec.filter_arns.empty()) return out;
  json::array filters;
  for (const std::string& arn : spec.filter_arns) filters.emplace_back(arn);
  out.emplace("FilterArns", std::move(filters));
  return out;
}

bus::ReplaySpec spec_of(const json::object& input) {
  bus::ReplaySpec spec{.name = text(input, "ReplayName"),
                       .description = text(input, "Description"),
                       .source_arn = text(input, "EventSourceArn"),
                       .from = time_of(input, "EventStartTime"),
                       .until = time_of(input, "EventEndTime")};
  const json::object& destination = *object_of(input, "Destination");
  spec.destination_arn = text(destination, "Arn");
  if (const auto* filters = destination.if_contains("FilterArns");
      filters != nullptr && !filters->is_null()) {
    for (const json::value& arn : filters->get_array()) spec.filter_arns.emplace_back(arn.get_string());
  }
  return spec;
}

Outcome start_replay(const Call& call) {
  const auto replay = call.catalog.start_replay(call.scope, spec_of(call.input));
  if (!replay) return api_error(replay.error());
  json::object out;
  add_text(out, "ReplayArn", replay.value().arn);
  add_text(out, "State", bus::name_of(replay.value().state));
  add_time(out, "ReplayStartTime", replay.value().started);
  return out;
}

Outcome cancel_replay(const Call& call) {
  const auto replay = call.catalog.cancel_replay(call.scope, text_of(call.input, "ReplayName"));
  if (!replay) {
    if (replay.error().code != ErrorCode::Conflict) return api_error(replay.error());
    return ApiError{"IllegalStatusException", replay.error().message};
  }
  json::object out;
  add_text(out, "ReplayArn", replay.value().arn);
  add_text(out, "State", bus::name_of(replay.value().state));
  return out;
}

Outcome describe_replay(const Call& call) {
  const auto replay = call.catalog.describe_replay(call.scope, text_of(call.input, "ReplayName"));
  if (!replay) return api_error(replay.error());
  json::object out = summary_json(replay.value());
  add_text(out, "ReplayArn", replay.value().arn);
  add_text(out, "Description", replay.value().spec.description);
  out.emplace("Destination", destination_json(replay.value().spec));
  return out;
}

Outcome list_replays(const Call& call) {
  const auto page = call.catalog.list_replays(call.scope,
                                              {.name_prefix = text(call.input, "NamePrefix"),
                                               .source_arn = text(call.input, "EventSourceArn"),
                                               .state = text(call.input, "State")},
                                              page_request(call.input));
  if (!page) return api_error(page.error());
  json::array replays;
  for (const bus::Replay& replay : page.value().items) replays.push_back(summary_json(replay));
  json::object out;
  out.emplace("Replays", std::move(replays));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr Operation kOperations[] = {
    {"StartReplay", &shapes::kStartReplay, start_replay},
    {"CancelReplay", &shapes::kReplayReference, cancel_replay},
    {"DescribeReplay", &shapes::kReplayReference, describe_replay},
    {"ListReplays", &shapes::kListReplays, list_replays},
};

}  // namespace

std::span<const Operation> replay_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
