#include "models/cassette_request.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cctype>
#include <optional>
#include <utility>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/json_difference.hpp"
#include "core/time_format.hpp"
#include "models/turn_record.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kEventId = "{{event.id}}";
constexpr std::string_view kEventTime = "{{event.time}}";
constexpr std::string_view kTime = "{{time}}";
constexpr std::string_view kIdAlias = "{{id ";
constexpr std::string_view kAliasEnd = "}}";

constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kHashLength = 64;
// An id this short may be any word; it is recognised only where it is a whole text.
constexpr std::size_t kShortestIdWithin = 4;
constexpr std::size_t kShownHash = 16;  // characters of a tool's hash: enough to see a change

bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_border(std::string_view text, std::size_t at) {
  return at == 0 || at >= text.size() || !is_word(text[at]) || !is_word(text[at - 1]);
}

// The length of a UUID or SHA-256 that begins here; 0 when none does.
std::size_t id_length(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && digits <= kHashLength && is_hex(text[digits])) ++digits;
  if (digits == kHashLength) return kHashLength;
  if (digits != 8 || text.size() < kUuidLength) return 0;
  for (std::size_t i = 0; i < kUuidLength; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hex(text[i])) return 0;
  }
  return kUuidLength;
}

// The length of an RFC 3339 time that begins here; 0 when none does.
std::size_t time_length(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kShape.size()) return 0;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return 0;
  }
  std::size_t end = kShape.size();
  if (end < text.size() && text[end] == '.') {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
  }
  if (end < text.size() && text[end] == 'Z') return end + 1;
  const bool has_offset = end + 6 <= text.size() && (text[end] == '+' || text[end] == '-') &&
                          is_digit(text[end + 1]) && is_digit(text[end + 2]) && text[end + 3] == ':' &&
                          is_digit(text[end + 4]) && is_digit(text[end + 5]);
  return has_offset ? end + 6 : end;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  if (what.empty()) return text;
  if (text == what) return std::string(with);
  if (what.size() < kShortestIdWithin) return text;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    if (is_border(text, at) && is_border(text, at + what.size())) {
      text.replace(at, what.size(), with);
      at += with.size();
    } else {
      ++at;
    }
  }
  return text;
}

// Changes every text of a value, names of members excepted.
template <class Change>
json::value each_text(json::value value, const Change& change) {
  if (auto* text = value.if_string()) {
    return json::value(change(std::string(text->data(), text->size())));
  }
  if (auto* object = value.if_object()) {
    for (auto& member : *object) member.value() = each_text(std::move(member.value()), change);
  } else if (auto* array = value.if_array()) {
    for (auto& element : *array) element = each_text(std::move(element), change);
  }
  return value;
}

// The event between its marks, which are made of its hash.
std::string_view between_marks(std::string_view data) {
  const std::size_t first = data.find('\n');
  const std::size_t last = data.rfind('\n');
  if (data.empty() || data.front() != '<' || first == std::string_view::npos || last <= first) return data;
  return data.substr(first + 1, last - first - 1);
}

json::value tools_of(const Conversation& conversation) {
  json::object tools;
  for (const ToolView& tool : conversation.tools) {
    const std::string described =
        tool.description + "\n" + core::write_json(core::with_sorted_members(tool.input_schema));
    tools[tool.name] = core::sha256_hex(described).substr(0, kShownHash);
  }
  return tools;
}

json::object turn_of(const Turn& turn) {
  json::object record;
  if (!turn.text.empty()) record["text"] = turn.text;
  json::array calls;
  for (const ToolCall& call : turn.calls) {
    json::object made{{"tool", call.tool}, {"input", call.input}};
    if (!call.malformed.empty()) made["malformed"] = call.malformed;
    calls.emplace_back(std::move(made));
  }
  if (!calls.empty()) record["calls"] = std::move(calls);
  if (turn.end != TurnEnd::Answer && turn.end != TurnEnd::ToolCalls) {
    const std::string_view end = to_string(turn.end);
    record["end"] = json::string_view(end.data(), end.size());
  }
  return record;
}

json::object exchange_of(const Exchange& exchange) {
  json::object record{{"turn", turn_of(exchange.turn)}};
  if (exchange.is_trimmed) {
    record["trimmed"] = true;
  } else if (!exchange.outcomes.empty()) {
    json::array outcomes;
    for (const auto& outcome : exchange.outcomes) {
      outcomes.emplace_back(outcome ? json::object{{"output", outcome.value()}}
                                    : json::object{{"error", outcome.error().message}});
    }
    record["outcomes"] = std::move(outcomes);
  }
  if (!exchange.feedback.empty()) record["feedback"] = exchange.feedback;
  return record;
}

}  // namespace

Aliases::Aliases(std::string event_id, std::string event_time, std::string data)
    : event_id_(std::move(event_id)), event_time_(std::move(event_time)), data_(std::move(data)) {}

std::string Aliases::without_event(std::string text, bool with_time) const {
  text = replaced(std::move(text), event_id_, kEventId);
  return with_time ? replaced(std::move(text), event_time_, kEventTime) : text;
}

const std::string& Aliases::alias_of(const std::string& id) {
  auto found = aliases_.find(id);
  if (found == aliases_.end()) {
    ids_.push_back(id);
    found = aliases_.emplace(id, std::string(kIdAlias) + std::to_string(ids_.size()) + std::string(kAliasEnd))
                .first;
  }
  return found->second;
}

std::string Aliases::hide_text(std::string text) {
  text = without_event(std::move(text), false);
  std::string hidden;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (is_border(text, at)) {
      if (const std::size_t length = id_length(rest); length > 0 && is_border(text, at + length)) {
        const std::string id(rest.substr(0, length));
        hidden += data_.find(id) == std::string::npos ? alias_of(id) : id;
        at += length;
        continue;
      }
      if (const std::size_t length = time_length(rest); length > 0) {
        const std::string time(rest.substr(0, length));
        const bool is_content = time != event_time_ && data_.find(time) != std::string::npos;
        hidden += is_content ? time : std::string(kTime);
        at += length;
        continue;
      }
    }
    hidden += text[at++];
  }
  return hidden;
}

std::string Aliases::reveal_text(const std::string& text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (rest.starts_with(kEventId)) {
      out += event_id_;
      at += kEventId.size();
      continue;
    }
    if (rest.starts_with(kEventTime)) {
      out += event_time_;
      at += kEventTime.size();
      continue;
    }
    const bool is_known = std::any_of(aliases_.begin(), aliases_.end(), [&](const auto& known) {
      if (!rest.starts_with(known.second)) return false;
      out += known.first;
      at += known.second.size();
      return true;
    });
    if (!is_known) out += text[at++];
  }
  return out;
}

json::value Aliases::hide_in_event(json::value value) const {
  return each_text(std::move(value),
                   [this](std::string text) { return without_event(std::move(text), true); });
}

json::value Aliases::hide(json::value value) {
  return each_text(std::move(value), [this](std::string text) { return hide_text(std::move(text)); });
}

json::value Aliases::hide_known(json::value value) const {
  return each_text(std::move(value), [this](std::string text) {
    text = without_event(std::move(text), true);
    for (const auto& [id, alias] : aliases_) text = replaced(std::move(text), id, alias);
    return text;
  });
}

json::value Aliases::reveal(json::value value) const {
  return each_text(std::move(value), [this](const std::string& text) {
    return text.find("{{") == std::string::npos ? text : reveal_text(text);
  });
}

CanonicalRequest canonical_request(const Conversation& conversation, const Redact& redact) {
  const std::string data(between_marks(conversation.data));
  CanonicalRequest request{
      .value = {},
      .aliases = Aliases{conversation.event.id, core::format_utc_seconds(conversation.event.time), data}};
  auto parsed = core::parse_json(data);
  json::object canonical{{"instructions", conversation.instructions},
                         {"task", conversation.task},
                         {"tools", tools_of(conversation)}};
  canonical["data"] =
      request.aliases.hide_in_event(parsed ? std::move(parsed).assume_value() : json::value(data));
  json::array since;
  for (const Exchange& exchange : conversation.exchanges) {
    since.push_back(request.aliases.hide(core::with_sorted_members(exchange_of(exchange))));
  }
  canonical["since"] = std::move(since);
  json::value value = std::move(canonical);
  if (redact) value = redact(std::move(value));
  request.value = core::with_sorted_members(value).as_object();
  return request;
}

std::string key_of(const json::object& canonical) {
  return core::sha256_hex(core::write_json(core::with_sorted_members(canonical)));
}

}  // namespace ebagent::models
