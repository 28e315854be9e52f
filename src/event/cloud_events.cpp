#include "event/cloud_events.hpp"

#include <simdjson.h>

#include <boost/json.hpp>
#include <utility>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "event/strict_json.hpp"

namespace ebagent::event {
namespace {

namespace json = boost::json;

Error wrong(std::string_view attribute, std::string_view why) {
  return {ErrorCode::InvalidArgument,
          "The CloudEvents attribute " + std::string{attribute} + " " + std::string{why} + "."};
}

Result<std::string> required(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) {
    return fail(wrong(name, "must be a text that is not empty"));
  }
  return std::string{value->get_string()};
}

Result<std::optional<std::string>> optional_text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>{};
  if (!value->is_string()) return fail(wrong(name, "must be a text"));
  return std::optional<std::string>{std::string{value->get_string()}};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

// The texts of the elements of an array, or of one member of an object, as their producer wrote them. The text must be
// known to be JSON.
class RawReader {
 public:
  explicit RawReader(std::string_view text) : padded_(text) { (void)parser_.iterate(padded_).get(document_); }

  std::vector<std::string> elements() {
    std::vector<std::string> out;
    simdjson::ondemand::array array;
    if (document_.get_array().get(array) != simdjson::SUCCESS) return out;
    for (auto element : array) {
      simdjson::ondemand::value value;
      if (element.get(value) != simdjson::SUCCESS) break;
      out.push_back(raw(value));
    }
    return out;
  }
  std::string member(std::string_view name) {
    simdjson::ondemand::value value;
    return document_.find_field_unordered(name).get(value) == simdjson::SUCCESS ? raw(value) : std::string{};
  }

 private:
  static std::string raw(simdjson::ondemand::value& value) {
    std::string_view text;
    simdjson::ondemand::object object;
    simdjson::ondemand::array array;
    if (value.get_object().get(object) == simdjson::SUCCESS) {
      if (object.raw_json().get(text) != simdjson::SUCCESS) return {};
    } else if (value.get_array().get(array) == simdjson::SUCCESS) {
      if (array.raw_json().get(text) != simdjson::SUCCESS) return {};
    } else {
      text = value.raw_json_token();
    }
    return std::string{trimmed(text)};
  }

  simdjson::padded_string padded_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// A JSON value as a detail, which must be an object.
std::string detail_of(std::string raw) {
  return raw.starts_with('{') ? raw : "{\"data\":" + raw + "}";
}

bool is_json_type(std::string_view content_type) {
  const std::string_view media_type = trimmed(content_type.substr(0, content_type.find(';')));
  return media_type.empty() || media_type == "application/json" || media_type == "text/json" ||
         media_type.ends_with("+json");
}

}  // namespace

Result<CloudEvent> parse_cloud_event(std::string_view text) {
  if (const auto checked = check_object(text); !checked) {
    return fail(ErrorCode::Malformed, "The event cannot be read: " + checked.error().message + ".");
  }
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  const json::object& object = parsed.get_object();
  BOOST_OUTCOME_TRY(const std::string version, required(object, "specversion"));
  if (version != "1.0") return fail(wrong("specversion", "must be 1.0"));
  CloudEvent out;
  BOOST_OUTCOME_TRY(out.id, required(object, "id"));
  BOOST_OUTCOME_TRY(out.source, required(object, "source"));
  BOOST_OUTCOME_TRY(out.type, required(object, "type"));
  BOOST_OUTCOME_TRY(out.subject, optional_text(object, "subject"));
  BOOST_OUTCOME_TRY(out.time, optional_text(object, "time"));
  BOOST_OUTCOME_TRY(const auto binary, optional_text(object, "data_base64"));
  const auto* data = object.if_contains("data");
  if (binary && data != nullptr) return fail(wrong("data_base64", "cannot stand beside data"));
  if (binary) {
    out.detail = core::write_json(json::object{{"data_base64", *binary}});
  } else if (data != nullptr && !data->is_null()) {
    out.detail = detail_of(RawReader{text}.member("data"));
  }
  return out;
}

Result<std::vector<CloudEvent>> parse_cloud_events(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  if (!parsed.is_array()) return fail(ErrorCode::Malformed, "A batch must be a JSON array of events.");
  std::vector<CloudEvent> out;
  for (const std::string& raw : RawReader{text}.elements()) {
    auto one = parse_cloud_event(raw);
    if (!one) {
      return fail(one.error().code,
                  "Event " + std::to_string(out.size() + 1) + " of the batch: " + one.error().message);
    }
    out.push_back(std::move(one).value());
  }
  if (out.size() != parsed.get_array().size()) return fail(ErrorCode::Malformed, "The batch cannot be read.");
  return out;
}

Result<std::string> detail_of_body(std::string_view body, std::string_view content_type) {
  body = trimmed(body);
  if (body.empty()) return std::string{"{}"};
  if (is_json_type(content_type)) {
    // Wrapped as a member, any JSON value can be held to the same strictness as an object.
    std::string wrapped = "{\"data\":" + std::string{body} + "}";
    if (const auto checked = check_object(wrapped); !checked) {
      return fail(ErrorCode::Malformed, "The data cannot be read: " + checked.error().message + ".");
    }
    return body.starts_with('{') ? std::string{body} : std::move(wrapped);
  }
  if (!core::is_utf8(body)) {
    return fail(ErrorCode::Malformed,
                "Data that is neither JSON nor text must be sent as data_base64 in the JSON format.");
  }
  return core::write_json(json::object{{"data", json::string_view{body.data(), body.size()}}});
}

Result<Event> to_event(const CloudEvent& from, const EnvelopeDefaults& defaults) {
  Event out;
  out.id = core::uuid_from_name("cloudevent/" + from.source + "\n" + from.id);
  out.detail_type = from.type;
  out.source = from.source;
  out.account = defaults.account;
  out.region = defaults.region;
  out.time = defaults.time;
  if (from.time) {
    const auto time = core::parse_rfc3339(*from.time);
    if (!time) return fail(wrong("time", "must be a time as RFC 3339 writes it"));
    out.time = time.value();
  }
  if (from.subject) out.resources.push_back(*from.subject);
  out.detail = from.detail;
  return out;
}

}  // namespace ebagent::event
