#include "event/put_events.hpp"

#include <simdjson.h>

#include <cmath>
#include <optional>

#include "core/time_format.hpp"
#include "event/envelope.hpp"
#include "event/strict_json.hpp"

namespace ebagent::event {
namespace {

namespace dom = simdjson::dom;

// Limits of the model. Source:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
constexpr std::size_t kMaxEntries = 10;
constexpr std::size_t kMaxBusName = 1600;
constexpr std::size_t kMaxTraceHeader = 500;
constexpr std::size_t kMaxResource = 2048;
constexpr std::size_t kTimeBytes = 14;
// Bodies hold strings of strings; a request needs four levels, the rest is room for members we do not know.
constexpr std::size_t kMaxBodyDepth = 64;
// 0001-01-01 to 9999-12-31, what four digits of a year can say.
constexpr double kFirstSecond = -62'135'596'800.0;
constexpr double kLastSecond = 253'402'300'799.0;

constexpr std::string_view kBusPattern =
    R"((arn:aws[\w-]*:events:[a-z]{2}-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+)";

// An entry as sent; views into the parsed body.
struct RawEntry {
  std::optional<dom::element> time;
  std::string_view source, detail_type, detail, bus, trace_header;
  std::vector<std::string_view> resources;
  bool has_bus = false;
  bool has_trace_header = false;
};

std::string_view type_name(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::ARRAY:
      return "a list";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::STRING:
      return "a string";
    case dom::element_type::BOOL:
      return "a boolean";
    case dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Error wrong_type(const std::string& where, std::string_view wanted, const dom::element& value) {
  std::string message = where;
  ((message += " must be ") += wanted) += ", not ";
  (message += type_name(value)) += '.';
  return {ErrorCode::Malformed, std::move(message)};
}

Error validation(std::string_view value, const std::string& where, std::string_view constraint) {
  std::string message = "1 validation error detected: Value ";
  ((message += value) += " at '") += where;
  (message += "' failed to satisfy constraint: ") += constraint;
  return {ErrorCode::InvalidArgument, std::move(message)};
}

std::string member_path(std::size_t index, std::string_view member) {
  return "entries." + std::to_string(index + 1) + ".member." + std::string{member};
}

Result<void> read_resources(const dom::element& value, std::size_t index, RawEntry& entry) {
  const std::string where = "Entries[" + std::to_string(index) + "].Resources";
  dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return fail(wrong_type(where, "a list", value));
  for (const dom::element element : list) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS)
      return fail(wrong_type(where + "[]", "a string", element));
    if (text.size() > kMaxResource) {
      return fail(
          validation("'" + std::string{text} + "'", member_path(index, "resources"),
                     "Member must satisfy constraint: [Member must have length less than or equal to " +
                         std::to_string(kMaxResource) + "]"));
    }
    entry.resources.push_back(text);
  }
  return success();
}

struct TextMember {
  std::string_view name;
  std::string_view RawEntry::*member;
  bool RawEntry::*given;
};
constexpr TextMember kTextMembers[] = {
    {"Detail", &RawEntry::detail, nullptr},
    {"DetailType", &RawEntry::detail_type, nullptr},
    {"Source", &RawEntry::source, nullptr},
    {"EventBusName", &RawEntry::bus, &RawEntry::has_bus},
    {"TraceHeader", &RawEntry::trace_header, &RawEntry::has_trace_header},
};

Result<void> read_member(std::string_view name, const dom::element& value, std::size_t index,
                         RawEntry& entry) {
  if (value.is_null()) return success();
  for (const TextMember& text : kTextMembers) {
    if (text.name != name) continue;
    if (value.get_string().get(entry.*text.member) != simdjson::SUCCESS) {
      return fail(
          wrong_type("Entries[" + std::to_string(index) + "]." + std::string{name}, "a string", value));
    }
    if (text.given != nullptr) entry.*text.given = true;
    return success();
  }
  if (name == "Resources") return read_resources(value, index, entry);
  if (name == "Time") entry.time = value;
  return success();
}

bool is_bus_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

bool is_bus(std::string_view name_or_arn) {
  const std::string_view name = bus_name(name_or_arn);
  if (name.empty()) return false;
  for (const char c : name) {
    if (!is_bus_char(c)) return false;
  }
  return true;
}

Result<void> check_lengths(const RawEntry& entry, std::size_t index) {
  const auto check = [&](std::string_view value, std::string_view member, std::size_t max) -> Result<void> {
    const std::string quoted = "'" + std::string{value} + "'";
    if (value.empty()) {
      return fail(validation(quoted, member_path(index, member),
                             "Member must have length greater than or equal to 1"));
    }
    if (value.size() > max) {
      return fail(validation(quoted, member_path(index, member),
                             "Member must have length less than or equal to " + std::to_string(max)));
    }
    return success();
  };
  if (entry.has_bus) {
    BOOST_OUTCOME_TRY(check(entry.bus, "eventBusName", kMaxBusName));
    if (!is_bus(entry.bus)) {
      return fail(validation("'" + std::string{entry.bus} + "'", member_path(index, "eventBusName"),
                             "Member must satisfy regular expression pattern: " + std::string{kBusPattern}));
    }
  }
  if (entry.has_trace_header) {
    BOOST_OUTCOME_TRY(check(entry.trace_header, "traceHeader", kMaxTraceHeader));
  }
  return success();
}

Result<RawEntry> read_entry(const dom::element& value, std::size_t index) {
  dom::object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    return fail(wrong_type("Entries[" + std::to_string(index) + "]", "an object", value));
  }
  RawEntry entry;
  for (const auto& field : members) {
    BOOST_OUTCOME_TRY(read_member(field.key, field.value, index, entry));
  }
  BOOST_OUTCOME_TRY(check_lengths(entry, index));
  return entry;
}

std::size_t billed_bytes(const RawEntry& entry) {
  std::size_t bytes = entry.source.size() + entry.detail_type.size() + entry.detail.size();
  for (const auto resource : entry.resources) bytes += resource.size();
  return bytes + (entry.time ? kTimeBytes : 0);
}

Result<std::vector<RawEntry>> read_entries(const dom::element& root) {
  dom::object members;
  if (root.get_object().get(members) != simdjson::SUCCESS)
    return fail(wrong_type("The body", "an object", root));
  dom::element list_value;
  if (members.at_key("Entries").get(list_value) != simdjson::SUCCESS || list_value.is_null()) {
    return fail(validation("null", "entries", "Member must not be null"));
  }
  dom::array list;
  if (list_value.get_array().get(list) != simdjson::SUCCESS)
    return fail(wrong_type("Entries", "a list", list_value));
  if (list.size() == 0) {
    return fail(validation("'[]'", "entries", "Member must have length greater than or equal to 1"));
  }
  if (list.size() > kMaxEntries) {
    return fail(validation("'[" + std::to_string(list.size()) + " entries]'", "entries",
                           "Member must have length less than or equal to " + std::to_string(kMaxEntries)));
  }
  std::vector<RawEntry> entries;
  entries.reserve(list.size());
  for (const dom::element element : list) {
    BOOST_OUTCOME_TRY(auto entry, read_entry(element, entries.size()));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::optional<TimePoint> read_time(const dom::element& value) {
  double seconds = 0;
  if (value.get_double().get(seconds) == simdjson::SUCCESS) {
    if (!(seconds >= kFirstSecond && seconds <= kLastSecond)) return std::nullopt;
    return TimePoint{Duration{static_cast<Duration::rep>(std::floor(seconds * 1000.0))}};
  }
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  auto time = core::parse_rfc3339(text);
  if (!time) return std::nullopt;
  return time.value();
}

std::optional<RefusedEntry> missing_argument(const RawEntry& entry) {
  const auto missing = [](const std::string& name) {
    return RefusedEntry{"InvalidArgument",
                        "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."};
  };
  if (entry.source.empty()) return missing("Source");
  if (entry.detail_type.empty()) return missing("DetailType");
  if (entry.detail.empty()) return missing("Detail");
  return std::nullopt;
}

// EventBridge's own words where it shows any; a reason where the text is JSON to most readers but not to a
// careful one.
std::optional<RefusedEntry> malformed_detail(const RawEntry& entry) {
  const auto checked = check_object(entry.detail);
  if (checked) return std::nullopt;
  const std::string& reason = checked.error().message;
  if (reason == "it is not a JSON object" || reason == "it is not valid JSON" || reason == "it is empty") {
    return RefusedEntry{"MalformedDetail", "Detail is malformed."};
  }
  return RefusedEntry{"MalformedDetail", "Detail is malformed. Reason: " + reason + "."};
}

struct Completion {
  const Sender& sender;
  TimePoint now;
  core::Random& random;
  const PutEventsSettings& settings;
};

PutEventsEntry complete(const RawEntry& raw, const Completion& with) {
  if (auto refused = missing_argument(raw)) return *refused;
  if (!with.settings.allow_aws_sources && raw.source.starts_with("aws.")) {
    return RefusedEntry{"NotAuthorizedForSourceException", "Not authorized for the source."};
  }
  if (auto refused = malformed_detail(raw)) return *refused;
  const auto time = raw.time ? read_time(*raw.time) : with.now;
  if (!time) {
    return RefusedEntry{
        "InvalidArgument",
        "Parameter Time is not valid. Reason: Time must be seconds since 1970 or an RFC 3339 time."};
  }
  AcceptedEntry entry;
  if (raw.has_bus) {
    entry.bus = bus_name(raw.bus);
    if (entry.bus.size() != raw.bus.size()) entry.bus_arn = raw.bus;
  }
  entry.event.id = core::uuid_v7(with.now, with.random);
  entry.event.detail_type = raw.detail_type;
  entry.event.source = raw.source;
  entry.event.account = with.sender.account;
  entry.event.time = *time;
  entry.event.region = with.sender.region;
  entry.event.resources.assign(raw.resources.begin(), raw.resources.end());
  entry.event.detail = raw.detail;
  std::string json;
  append_envelope(json, entry.event);
  entry.json = std::make_shared<const std::string>(std::move(json));
  return entry;
}

dom::parser& body_parser() {
  thread_local dom::parser parser = [] {
    dom::parser made;
    if (made.allocate(4096, kMaxBodyDepth) != simdjson::SUCCESS) throw std::bad_alloc{};
    return made;
  }();
  return parser;
}

}  // namespace

std::string_view bus_name(std::string_view name_or_arn) {
  constexpr std::string_view kMark = ":event-bus/";
  if (!name_or_arn.starts_with("arn:")) return name_or_arn;
  const auto mark = name_or_arn.find(kMark);
  return mark == std::string_view::npos ? name_or_arn : name_or_arn.substr(mark + kMark.size());
}

Result<std::vector<PutEventsEntry>> parse_put_events(std::string_view body, const Sender& sender,
                                                     TimePoint now, core::Random& random,
                                                     const PutEventsSettings& settings) {
  dom::element root;
  const auto error = body_parser().parse(body.data(), body.size(), true).get(root);
  if (error != simdjson::SUCCESS) {
    return fail(ErrorCode::Malformed,
                "The body of the request is not valid JSON: " + std::string{simdjson::error_message(error)});
  }
  BOOST_OUTCOME_TRY(const auto raw_entries, read_entries(root));
  std::size_t bytes = 0;
  for (const RawEntry& raw : raw_entries) bytes += billed_bytes(raw);
  if (bytes > settings.max_total_bytes) {
    return fail(ErrorCode::InvalidArgument, "Total size of the entries in the request is over the limit.");
  }
  std::vector<PutEventsEntry> outcomes;
  outcomes.reserve(raw_entries.size());
  const Completion with{sender, now, random, settings};
  for (const RawEntry& raw : raw_entries) outcomes.push_back(complete(raw, with));
  return outcomes;
}

}  // namespace ebagent::event
