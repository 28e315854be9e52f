#include "event/envelope.hpp"

#include <simdjson.h>

#include <boost/json/value.hpp>
#include <stdexcept>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "event/strict_json.hpp"

namespace ebagent {
namespace {

namespace od = simdjson::ondemand;

// Room for the member names and punctuation of an envelope, so that writing one allocates once.
constexpr std::size_t kEnvelopeFrame = 256;

void append_member(std::string& out, std::string_view key_and_colon, std::string_view text) {
  out += key_and_colon;
  core::append_json_string(out, text);
}

auto not_valid(std::string_view field, std::string_view reason) {
  return fail(ErrorCode::InvalidArgument,
              "The event's field \"" + std::string{field} + "\" " + std::string{reason} + ".");
}

Result<void> read_text(od::value value, std::string_view field, std::string& into) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return not_valid(field, "must be a string");
  into.assign(text);
  return success();
}

Result<void> read_time(od::value value, Event& event) {
  std::string text;
  BOOST_OUTCOME_TRY(read_text(value, "time", text));
  const auto time = core::parse_rfc3339(text);
  if (!time)
    return not_valid("time", "must be an RFC 3339 time such as 2026-01-26T16:00:00Z, not \"" + text + '"');
  event.time = time.value();
  return success();
}

Result<void> read_resources(od::value value, Event& event) {
  od::array resources;
  if (value.get_array().get(resources) != simdjson::SUCCESS) {
    return not_valid("resources", "must be a list of strings");
  }
  event.resources.clear();
  for (auto resource : resources) {
    std::string_view text;
    if (resource.get_string().get(text) != simdjson::SUCCESS) {
      return not_valid("resources", "must be a list of strings");
    }
    event.resources.emplace_back(text);
  }
  return success();
}

Result<void> read_detail(od::value value, Event& event) {
  od::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS)
    return not_valid("detail", "must be a JSON object");
  std::string_view raw;
  if (object.raw_json().get(raw) != simdjson::SUCCESS) return not_valid("detail", "must be a JSON object");
  event.detail.assign(raw);
  return success();
}

struct TextField {
  std::string_view name;
  std::string Event::*member;
};
constexpr TextField kTextFields[] = {
    {"version", &Event::version}, {"id", &Event::id},           {"detail-type", &Event::detail_type},
    {"source", &Event::source},   {"account", &Event::account}, {"region", &Event::region},
};

Result<void> read_field(std::string_view name, od::value value, Event& event) {
  for (const TextField& field : kTextFields) {
    if (field.name == name) return read_text(value, name, event.*field.member);
  }
  if (name == "time") return read_time(value, event);
  if (name == "resources") return read_resources(value, event);
  if (name == "detail") return read_detail(value, event);
  if (name == "replay-name") return read_text(value, name, event.replay_name.emplace());
  return success();
}

Result<void> require(const Event& event) {
  const auto missing = [](std::string_view field) {
    return fail(ErrorCode::InvalidArgument,
                "The event has no \"" + std::string{field} + "\"; EventBridge events need one.");
  };
  if (event.source.empty()) return missing("source");
  if (event.detail_type.empty()) return missing("detail-type");
  if (event.detail.empty()) return missing("detail");
  if (event.id.empty()) return missing("id");
  return success();
}

}  // namespace

Result<Event> parse_event(std::string_view json, const EnvelopeDefaults& defaults) {
  const auto checked = event::check_object(json);
  if (!checked) {
    return fail(ErrorCode::Malformed, "The event cannot be read: " + checked.error().message + ".");
  }
  Event event{.id = defaults.id,
              .detail_type = {},
              .source = {},
              .account = defaults.account,
              .time = defaults.time,
              .region = defaults.region,
              .replay_name = std::nullopt,
              .resources = {},
              .detail = {}};
  thread_local od::parser parser;
  const simdjson::padded_string padded{json};
  od::document document;
  od::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return fail(ErrorCode::Malformed, "The event cannot be read: it is not valid JSON.");
  }
  for (auto field : object) {
    std::string_view name;
    od::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      return fail(ErrorCode::Malformed, "The event cannot be read: it is not valid JSON.");
    }
    const std::string key{name};
    BOOST_OUTCOME_TRY(read_field(key, value, event));
  }
  BOOST_OUTCOME_TRY(require(event));
  return event;
}

std::string to_json(const Event& event) {
  std::string out;
  event::append_envelope(out, event);
  return out;
}

boost::json::object Event::detail_object() const {
  auto parsed = core::parse_json(detail);
  if (!parsed || !parsed.value().is_object()) {
    throw std::logic_error("The event's detail is not a JSON object that can be read.");
  }
  return std::move(parsed.value().get_object());
}

}  // namespace ebagent

namespace ebagent::event {

void append_envelope(std::string& out, const Event& event) {
  std::size_t size =
      kEnvelopeFrame + event.detail.size() + event.source.size() + event.detail_type.size() + event.id.size();
  for (const auto& resource : event.resources) size += resource.size() + 3;
  out.reserve(out.size() + size);
  append_member(out, "{\"version\":", event.version);
  append_member(out, ",\"id\":", event.id);
  append_member(out, ",\"detail-type\":", event.detail_type);
  append_member(out, ",\"source\":", event.source);
  append_member(out, ",\"account\":", event.account);
  append_member(out, ",\"time\":", core::format_utc_seconds(event.time));
  append_member(out, ",\"region\":", event.region);
  if (event.replay_name) append_member(out, ",\"replay-name\":", *event.replay_name);
  out += ",\"resources\":[";
  for (std::size_t i = 0; i < event.resources.size(); ++i) {
    if (i != 0) out.push_back(',');
    core::append_json_string(out, event.resources[i]);
  }
  out += "],\"detail\":";
  out += event.detail;
  out.push_back('}');
}

Result<TimePoint> envelope_time(std::string_view json) {
  // Finished envelopes have it here; in a string the quotes of such a text would be escaped.
  constexpr std::string_view kName = ",\"time\":\"";
  if (const std::size_t at = json.find(kName); at != std::string_view::npos) {
    const std::string_view rest = json.substr(at + kName.size());
    if (auto time = core::parse_rfc3339(rest.substr(0, rest.find('"')))) return time;
  }
  BOOST_OUTCOME_TRY(const Event event, parse_event(json, {}));
  return event.time;
}

}  // namespace ebagent::event
