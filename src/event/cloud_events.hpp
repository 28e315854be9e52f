#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent::event {

// An event as CloudEvents 1.0 describes it, with what an EventBridge envelope can carry of it.
// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
struct CloudEvent {
  std::string id;
  std::string source;  // a URI reference; unique together with the id
  std::string type;
  std::optional<std::string> subject = {};
  std::optional<std::string> time = {};  // RFC 3339
  std::string detail =
      "{}";  // the data as a JSON object: itself, or under the member "data" or "data_base64"
};

// Reads one event in the JSON format ("structured mode"). Errors: Malformed for what is not strict JSON, InvalidArgument
// naming the attribute that is missing or wrong.
[[nodiscard]] Result<CloudEvent> parse_cloud_event(std::string_view json);
// The same for a JSON array of events ("batched mode").
[[nodiscard]] Result<std::vector<CloudEvent>> parse_cloud_events(std::string_view json);

// What the body of a request is to an event whose attributes stand beside it ("binary mode"): the detail. Errors:
// Malformed when the body is neither JSON, as `content_type` may say, nor text in UTF-8.
[[nodiscard]] Result<std::string> detail_of_body(std::string_view body, std::string_view content_type);

// The envelope: type becomes detail-type, subject the one resource. The id is made of source and id, so that the same
// event is one event here however often it is sent. `defaults` give account, region and the time of an event without
// one. Errors: InvalidArgument naming the attribute.
[[nodiscard]] Result<Event> to_event(const CloudEvent& from, const EnvelopeDefaults& defaults);

}  // namespace ebagent::event
