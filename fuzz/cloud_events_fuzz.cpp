#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "ebagent/event.hpp"
#include "event/cloud_events.hpp"
#include "fuzz/disagreement.hpp"

// A Content-Type, a line break and a body, taken as one event, as a batch and as the data of an event whose attributes
// stand beside it: each is refused with a reason or becomes an envelope that can be read again.
namespace ebagent::event {
namespace {

using ebagent::pattern::disagree;

const EnvelopeDefaults kDefaults{
    .id = {}, .account = "123456789012", .region = "us-east-1", .time = TimePoint{std::chrono::hours{24}}};

void check_reason(const Error& error, std::string_view body) {
  if (error.message.empty()) disagree("refused without a reason", {{"body", std::string{body}}});
}

void check_envelope(const CloudEvent& cloud_event, std::string_view body) {
  const auto event = to_event(cloud_event, kDefaults);
  if (!event) return check_reason(event.error(), body);
  const std::string json = to_json(event.value());
  const auto again = parse_event(json, {});
  if (!again || again.value().id != event.value().id || again.value().source != event.value().source ||
      again.value().detail_type != event.value().detail_type ||
      again.value().detail != event.value().detail) {
    disagree("the envelope of an event reads as another", {{"body", std::string{body}}, {"envelope", json}});
  }
}

}  // namespace
}  // namespace ebagent::event

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::event;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view type = text.substr(0, text.find('\n'));
  const std::string_view body = text.substr(std::min(type.size() + 1, text.size()));
  const auto one = parse_cloud_event(body);
  one ? check_envelope(one.value(), body) : check_reason(one.error(), body);
  const auto batch = parse_cloud_events(body);
  if (batch) {
    for (const CloudEvent& each : batch.value()) check_envelope(each, body);
  } else {
    check_reason(batch.error(), body);
  }
  const auto detail = detail_of_body(body, type);
  if (!detail) {
    check_reason(detail.error(), body);
  } else {
    check_envelope({.id = "1", .source = "s", .type = "t", .detail = detail.value()}, body);
  }
  return 0;
}
