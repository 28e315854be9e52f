#include "targets/cloud_event_form.hpp"

#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/percent.hpp"
#include "core/time_format.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/event.hpp"

namespace ebagent::targets {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

Attributes attributes_of(const Event& event) {
  Attributes attributes{{"specversion", "1.0"},
                        {"id", event.id},
                        {"source", event.source},
                        {"type", event.detail_type},
                        {"time", core::format_utc_seconds(event.time)},
                        {"awsaccount", event.account},
                        {"awsregion", event.region}};
  if (event.resources.size() == 1) attributes.emplace_back("subject", event.resources.front());
  return attributes;
}

// Headers carry printable ASCII as it is, without blanks, quotes and percent signs.
std::string header_text(const std::string& value) {
  static const std::string kKept = [] {
    std::string kept;
    for (char c = '!'; c <= '~'; ++c) {
      if (c != '"' && c != '%') kept += c;
    }
    return kept;
  }();
  return core::percent_encode(value, kKept);
}

HttpMessage binary(const Attributes& attributes, std::string data) {
  HttpMessage message{.headers = {{"Content-Type", "application/json"}}, .body = std::move(data)};
  for (const auto& [name, value] : attributes) message.headers.emplace_back("ce-" + name, header_text(value));
  return message;
}

HttpMessage structured(const Attributes& attributes, const std::string& data) {
  std::string body{"{"};
  for (const auto& [name, value] : attributes) {
    core::append_json_string(body, name);
    body += ':';
    core::append_json_string(body, value);
    body += ',';
  }
  body += "\"datacontenttype\":\"application/json\",\"data\":" + data + "}";
  return {.headers = {{"Content-Type", "application/cloudevents+json"}}, .body = std::move(body)};
}

}  // namespace

Result<HttpMessage> formed(const store::Delivery& delivery, CloudEventForm form) {
  if (form == CloudEventForm::None) {
    return HttpMessage{.headers = {{"Content-Type", "application/json; charset=utf-8"}},
                       .body = delivery::payload(delivery)};
  }
  EnvelopeDefaults defaults;
  defaults.id = delivery.event_id;
  BOOST_OUTCOME_TRY(const Event event, parse_event(*delivery.event, defaults));
  std::string data = delivery.input ? *delivery.input : event.detail;
  if (form == CloudEventForm::Binary) return binary(attributes_of(event), std::move(data));
  return structured(attributes_of(event), data);
}

}  // namespace ebagent::targets
