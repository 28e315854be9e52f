#pragma once

#include <string>
#include <string_view>

namespace ebagent::event {

// A replayed event carries the id it had, as on AWS, and the store accepts an id once. So the store knows each replay's
// event under an id of its own: "<id of the event>@<replay>".
[[nodiscard]] inline std::string replayed_id(std::string_view event_id, std::string_view replay) {
  return std::string{event_id}.append("@").append(replay);
}

// Whether the store's id is the event's own or that of a replay of it; false for an event that another bus sent on.
[[nodiscard]] inline bool is_own_or_replayed_id(std::string_view accepted_id, std::string_view event_id) {
  if (!accepted_id.starts_with(event_id)) return false;
  return accepted_id.size() == event_id.size() || accepted_id[event_id.size()] == '@';
}

}  // namespace ebagent::event
