#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent {

// One EventBridge event: the envelope's fields, with `detail` kept as the JSON text its producer wrote, so
// that numbers and spelling reach rules and tools unchanged. A value type; reading it from several threads is
// safe. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
struct Event {
  std::string version = "0";
  std::string id;  // a UUID in events that this program makes; any non-empty text in events it is given
  std::string detail_type;                 // "Object Created"
  std::string source;                      // "aws.s3"
  std::string account;                     // 12 digits
  TimePoint time;                          // written in UTC with whole seconds
  std::string region;                      // "us-east-1"
  std::optional<std::string> replay_name;  // set on events that an archive's replay sends again
  std::vector<std::string> resources;      // ARNs
  std::string detail = "{}";               // a JSON object, as text

  bool operator==(const Event&) const = default;

  // The detail, parsed. Throws std::logic_error when `detail` is no JSON object, which parse_event rules out.
  [[nodiscard]] boost::json::object detail_object() const;
};

// What an envelope that leaves fields out is completed with.
struct EnvelopeDefaults {
  std::string id;  // empty: the event must name its own
  std::string account = "000000000000";
  std::string region = "us-east-1";
  TimePoint time;
};

// Reads an event from its JSON text: an object with string members source and detail-type and an object
// detail; the other envelope fields are completed from `defaults` when absent. Unknown top-level members are
// ignored. Returns Malformed for text that is not strict JSON (bad UTF-8, duplicate keys in the envelope or
// the detail, nesting over 128 levels), InvalidArgument naming the field for a field that is missing or of
// the wrong type.
[[nodiscard]] Result<Event> parse_event(std::string_view json, const EnvelopeDefaults& defaults);

// The envelope as compact JSON text, its members in EventBridge's order.
[[nodiscard]] std::string to_json(const Event& event);

}  // namespace ebagent
