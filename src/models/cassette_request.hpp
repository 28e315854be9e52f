#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/model.hpp"

namespace ebagent::models {

// Takes secrets out of what is written to a cassette. Empty: nothing is taken out.
using Redact = std::function<boost::json::value(boost::json::value)>;

// The names by which a cassette calls what differs each time the same event is worked on, so that a recorded run fits
// a later one: the event's id is {{event.id}}, its time {{event.time}}; a UUID or a SHA-256 in hexadecimal that came up since
// (run ids, idempotency keys, ids of what tools made) is {{id 1}}, {{id 2}} ... in the order in which they came up; an RFC 3339
// time in what happened since is {{time}}. What stands in the event is content and kept as it is, except its own id and time.
// A value; hide() learns, reveal() does not.
class Aliases {
 public:
  Aliases(std::string event_id, std::string event_time, std::string data);

  // The event's own content: only its id and time are replaced.
  [[nodiscard]] boost::json::value hide_in_event(boost::json::value value) const;
  // What happened since, with new ids learnt.
  [[nodiscard]] boost::json::value hide(boost::json::value value);
  // A turn as a cassette keeps it: what is known already is replaced, what is new stays.
  [[nodiscard]] boost::json::value hide_known(boost::json::value value) const;
  // The other way: a recorded turn for this conversation.
  [[nodiscard]] boost::json::value reveal(boost::json::value value) const;

 private:
  std::string without_event(std::string text, bool with_time) const;
  std::string hide_text(std::string text);
  std::string reveal_text(const std::string& text) const;
  const std::string& alias_of(const std::string& id);

  std::string event_id_;
  std::string event_time_;
  std::string data_;  // of the event, as the model reads it
  std::map<std::string, std::string, std::less<>> aliases_;
  std::vector<std::string> ids_;  // by the number of their alias, from 1
};

// What a model is asked, as a cassette compares it:
//   {"instructions", "task", "data", "tools": {NAME: hash of description and schema},
//    "since": [{"turn": {"text", "calls": [{"tool", "input"}]}, "outcomes": [{"output"} or {"error"}], "feedback"}]}
// with the members of every object in the order of their names. Call ids, usage and what services want back are left out.
struct CanonicalRequest {
  boost::json::object value = {};
  Aliases aliases;
};
[[nodiscard]] CanonicalRequest canonical_request(const Conversation& conversation, const Redact& redact = {});

// What a request is found by: the SHA-256 of its JSON text, in hexadecimal.
[[nodiscard]] std::string key_of(const boost::json::object& canonical);

}  // namespace ebagent::models
