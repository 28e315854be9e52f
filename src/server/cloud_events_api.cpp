#include "server/cloud_events_api.hpp"

#include <optional>
#include <utility>

#include "core/json.hpp"
#include "event/cloud_events.hpp"
#include "server/reply_text.hpp"

namespace ebagent::server {
namespace {

using event::CloudEvent;
using Events = std::vector<CloudEvent>;

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr std::string_view kAnyCloudEvents = "application/cloudevents";

std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return content_type;
}

// The bus that the query names, as in "/cloudevents?bus=orders".
std::string bus_of(std::string_view target) {
  constexpr std::string_view kName = "bus=";
  const std::size_t query = target.find('?');
  std::string_view rest = query == std::string_view::npos ? std::string_view{} : target.substr(query + 1);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    if (part.starts_with(kName)) return std::string{part.substr(kName.size())};
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  return std::string{bus::kDefaultBus};
}

// An attribute of an event in binary mode. HTTP headers are percent-encoded there where they are not ASCII.
std::string attribute(const Request& request, std::string_view name) {
  const std::string_view text = request.headers.get("ce-" + std::string{name});
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_encoded =
        text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 && digit(text[at + 2]) >= 0;
    out.push_back(is_encoded ? static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])) : text[at]);
    if (is_encoded) at += 2;
  }
  return out;
}

Result<Events> read_binary(const Request& request) {
  for (const char* name : {"id", "source", "type"}) {
    if (attribute(request, name).empty()) {
      return fail(ErrorCode::InvalidArgument, "The header ce-" + std::string{name} + " is missing or empty.");
    }
  }
  if (attribute(request, "specversion") != "1.0") {
    return fail(ErrorCode::InvalidArgument, "The header ce-specversion must be 1.0.");
  }
  CloudEvent out{.id = attribute(request, "id"),
                 .source = attribute(request, "source"),
                 .type = attribute(request, "type")};
  for (const std::string& text : {out.id, out.source, out.type, attribute(request, "subject")}) {
    if (!core::is_utf8(text))
      return fail(ErrorCode::InvalidArgument, "A CloudEvents header is not valid UTF-8.");
  }
  if (request.headers.has("ce-subject")) out.subject = attribute(request, "subject");
  if (request.headers.has("ce-time")) out.time = attribute(request, "time");
  BOOST_OUTCOME_TRY(out.detail, event::detail_of_body(request.body, request.headers.get("content-type")));
  return Events{std::move(out)};
}

Result<Events> read(const Request& request) {
  const std::string_view type = media_type(request.headers.get("content-type"));
  if (type == kBatch) return event::parse_cloud_events(request.body);
  if (type == kStructured) {
    BOOST_OUTCOME_TRY(auto one, event::parse_cloud_event(request.body));
    return Events{std::move(one)};
  }
  if (type.starts_with(kAnyCloudEvents)) {
    return fail(ErrorCode::Unsupported,
                "The only format taken is JSON: application/cloudevents+json or -batch+json.");
  }
  if (!request.headers.has("ce-specversion")) {
    return fail(ErrorCode::Unsupported,
                "This is no CloudEvent: the Content-Type must be application/cloudevents+json or "
                "application/cloudevents-batch+json, or the headers ce-specversion, ce-id, ce-source and "
                "ce-type be set.");
  }
  return read_binary(request);
}

Reply refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::Unsupported:
      return plain_refusal(415, error.message);
    case ErrorCode::NotFound:
      return plain_refusal(404, error.message);
    case ErrorCode::InvalidArgument:
    case ErrorCode::Malformed:
    case ErrorCode::LimitExceeded:
      return plain_refusal(400, error.message);
    case ErrorCode::Overloaded:
      return too_many_requests(error.message);
    default:
      return plain_refusal(503, error.message);
  }
}

}  // namespace

bus::Scope CloudEventsApi::scope_of(const Request& request) const {
  bus::Scope scope = scope_;
  if (request.caller && !request.caller->account.empty()) scope.account = request.caller->account;
  if (request.caller && !request.caller->region.empty()) scope.region = request.caller->region;
  return scope;
}

void CloudEventsApi::handle(const Request& request, Respond respond) {
  const auto events = read(request);
  if (!events) return respond(refusal(events.error()));
  const std::string bus = bus_of(request.target);
  const bus::Scope scope = scope_of(request);
  if (!catalog_.has_bus(scope, bus))
    return respond(plain_refusal(404, "Event bus " + bus + " does not exist."));
  const EnvelopeDefaults defaults{
      .id = {}, .account = scope.account, .region = scope.region, .time = clock_.now()};
  std::vector<bus::Incoming> incoming;
  std::string ids;
  for (const CloudEvent& one : events.value()) {
    const auto event = event::to_event(one, defaults);
    if (!event) return respond(refusal(event.error()));
    incoming.push_back(bus::incoming(scope, bus, event.value()));
    ids += (ids.empty() ? "\"" : ",\"") + event.value().id + "\"";
  }
  Reply accepted;
  accepted.body = "{\"EventIds\":[" + ids + "]}";
  if (incoming.empty()) return respond(std::move(accepted));
  bus_.put(std::move(incoming), [respond = std::move(respond),
                                 accepted = std::move(accepted)](const Result<void>& result) mutable {
    respond(result ? std::move(accepted) : refusal(result.error()));
  });
}

}  // namespace ebagent::server
