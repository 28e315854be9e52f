#include "bus/replay.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/json.hpp"
#include "event/replayed_id.hpp"

namespace ebagent::bus {
namespace {

namespace json = boost::json;

struct StateName {
  ReplayState state;
  std::string_view name;
};
constexpr std::array kStates{
    StateName{ReplayState::Starting, "STARTING"},     StateName{ReplayState::Running, "RUNNING"},
    StateName{ReplayState::Cancelling, "CANCELLING"}, StateName{ReplayState::Completed, "COMPLETED"},
    StateName{ReplayState::Cancelled, "CANCELLED"},   StateName{ReplayState::Failed, "FAILED"},
};

std::optional<TimePoint> time_member(const json::object& object, std::string_view name) {
  const auto milliseconds = core::integer_member(object, name);
  if (!milliseconds) return std::nullopt;
  return TimePoint{Duration{*milliseconds}};
}

std::int64_t count(TimePoint time) {
  return time.time_since_epoch().count();
}

}  // namespace

std::string_view name_of(ReplayState state) {
  return std::find_if(kStates.begin(), kStates.end(),
                      [&](const StateName& one) { return one.state == state; })
      ->name;
}

std::string replay_arn(const Scope& scope, std::string_view replay) {
  return "arn:aws:events:" + scope.region + ":" + scope.account + ":replay/" + std::string{replay};
}

std::string replayed_id(const Replay& replay, std::string_view event_id) {
  return event::replayed_id(event_id, replay.arn + "/" + std::to_string(count(replay.started)));
}

std::string write_replay(const Replay& replay) {
  json::array filters;
  for (const std::string& arn : replay.spec.filter_arns) filters.emplace_back(arn);
  json::object object{{"Account", replay.scope.account},
                      {"Region", replay.scope.region},
                      {"Name", replay.spec.name},
                      {"Description", replay.spec.description},
                      {"EventSourceArn", replay.spec.source_arn},
                      {"From", count(replay.spec.from)},
                      {"Until", count(replay.spec.until)},
                      {"Destination", replay.spec.destination_arn},
                      {"FilterArns", std::move(filters)},
                      {"EventBusName", replay.bus},
                      {"Archive", replay.archive},
                      {"ArchiveNumber", replay.archive_number},
                      {"State", name_of(replay.state)},
                      {"StateReason", replay.state_reason},
                      {"Started", count(replay.started)},
                      {"PositionTime", count(replay.position.time)},
                      {"PositionId", replay.position.id}};
  if (replay.ended) object["Ended"] = count(*replay.ended);
  if (replay.last_replayed) object["LastReplayed"] = count(*replay.last_replayed);
  return core::write_json(object);
}

Result<Replay> read_replay(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  const auto* object = parsed.if_object();
  if (object == nullptr) return fail(ErrorCode::Malformed, "it is no JSON object.");
  Replay replay;
  replay.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")};
  replay.spec.name = core::text_member(*object, "Name");
  replay.spec.description = core::text_member(*object, "Description");
  replay.spec.source_arn = core::text_member(*object, "EventSourceArn");
  replay.spec.from = time_member(*object, "From").value_or(TimePoint{});
  replay.spec.until = time_member(*object, "Until").value_or(TimePoint{});
  replay.spec.destination_arn = core::text_member(*object, "Destination");
  if (const auto* filters = object->if_contains("FilterArns"); filters != nullptr && filters->is_array()) {
    for (const auto& arn : filters->get_array()) {
      if (arn.is_string()) replay.spec.filter_arns.emplace_back(arn.get_string());
    }
  }
  replay.arn = replay_arn(replay.scope, replay.spec.name);
  replay.bus = core::text_member(*object, "EventBusName");
  replay.archive = core::text_member(*object, "Archive");
  if (const auto* number = object->if_contains("ArchiveNumber"); number != nullptr && number->is_int64()) {
    replay.archive_number = number->get_int64();
  }
  const std::string state = core::text_member(*object, "State");
  const auto* known =
      std::find_if(kStates.begin(), kStates.end(), [&](const StateName& one) { return one.name == state; });
  if (known == kStates.end() || replay.spec.name.empty()) {
    return fail(ErrorCode::Malformed, "it names no replay or a state that does not exist.");
  }
  replay.state = known->state;
  replay.state_reason = core::text_member(*object, "StateReason");
  replay.started = time_member(*object, "Started").value_or(TimePoint{});
  replay.ended = time_member(*object, "Ended");
  replay.position.time = time_member(*object, "PositionTime").value_or(TimePoint{});
  replay.position.id = core::text_member(*object, "PositionId");
  replay.last_replayed = time_member(*object, "LastReplayed");
  return replay;
}

}  // namespace ebagent::bus
