#include "models/cassette_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "core/json.hpp"
#include "core/whole_file.hpp"
#include "models/turn_record.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "eventbridge-agent cassette";
constexpr std::int64_t kVersion = 1;

auto malformed(const std::string& pointer, std::string_view what) {
  return fail(ErrorCode::Malformed, pointer + ": " + std::string(what));
}

json::array since_of(const json::object& request) {
  const json::value* since = request.if_contains("since");
  return since != nullptr && since->is_array() ? since->get_array() : json::array{};
}

bool is_alike_but_since(const json::object& left, const json::object& right) {
  if (left.size() != right.size()) return false;
  return std::all_of(left.begin(), left.end(), [&](const auto& member) {
    const json::value* other = right.if_contains(member.key());
    return other != nullptr && (member.key() == "since" || *other == member.value());
  });
}

bool begins_with(const json::array& whole, const json::array& begin) {
  return begin.size() <= whole.size() && std::equal(begin.begin(), begin.end(), whole.begin());
}

// The request as what it adds to the one of an earlier turn, the latest that it goes on from; or as it is.
json::object shortened(const std::vector<RecordedTurn>& turns, std::size_t index) {
  const json::object& request = *turns[index].request;
  const json::array since = since_of(request);
  for (std::size_t before = index; before-- > 0;) {
    if (!turns[before].request || !is_alike_but_since(request, *turns[before].request)) continue;
    const json::array earlier = since_of(*turns[before].request);
    if (earlier.size() >= since.size() || !begins_with(since, earlier)) continue;
    const auto first = since.begin() + static_cast<std::ptrdiff_t>(earlier.size());
    return {{"after", before + 1}, {"since", json::array(first, since.end())}};
  }
  return request;
}

// The whole request again.
Result<json::object> lengthened(const std::vector<RecordedTurn>& turns, const json::object& request,
                                const std::string& pointer) {
  const json::value* since = request.if_contains("since");
  if (since == nullptr || !since->is_array()) {
    return malformed(pointer + "/since", "a request has an array of what happened since, empty at first.");
  }
  if (!request.contains("after")) return request;
  const auto after = core::integer_member(request, "after");
  if (!after || *after < 1 || static_cast<std::size_t>(*after) > turns.size() ||
      !turns[static_cast<std::size_t>(*after) - 1].request) {
    return malformed(pointer + "/after", "must be the number of an earlier turn that has a request, from 1.");
  }
  json::object whole = *turns[static_cast<std::size_t>(*after) - 1].request;
  json::array all = since_of(whole);
  for (const json::value& exchange : since->get_array()) all.push_back(exchange);
  whole["since"] = std::move(all);
  return whole;
}

Result<RecordedTurn> read_turn(const std::vector<RecordedTurn>& before, const json::value& value,
                               const std::string& pointer) {
  const json::object* object = value.if_object();
  if (object == nullptr) return malformed(pointer, "a turn is an object with the members request and turn.");
  for (const auto& member : *object) {
    if (member.key() == "request" || member.key() == "turn" || member.key() == "note") continue;
    return malformed(pointer + "/" + std::string(member.key()),
                     "is not known here; there are request, turn, note.");
  }
  RecordedTurn recorded;
  const json::value* turn = object->if_contains("turn");
  if (turn == nullptr) return malformed(pointer + "/turn", "is missing.");
  if (auto read = turn_from_record(*turn); !read) return malformed(pointer + "/turn", read.error().message);
  recorded.turn = *turn;
  if (const json::value* request = object->if_contains("request")) {
    if (!request->is_object()) return malformed(pointer + "/request", "must be an object.");
    BOOST_OUTCOME_TRY(recorded.request, lengthened(before, request->get_object(), pointer + "/request"));
  }
  return recorded;
}

}  // namespace

Result<CassetteContent> cassette_from_json(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr || core::text_member(*object, "format") != kFormat) {
    return malformed("/format", "this is no cassette: it must be \"" + std::string(kFormat) + "\".");
  }
  if (core::integer_member(*object, "version") != kVersion) {
    return malformed("/version", "this program reads version 1 of cassettes.");
  }
  const json::value* turns = object->if_contains("turns");
  if (turns == nullptr || !turns->is_array()) return malformed("/turns", "must be an array.");
  const json::array& list = turns->get_array();
  if (list.size() > CassetteContent::kMaxTurns) {
    return fail(ErrorCode::LimitExceeded,
                "/turns: a cassette has at most " + std::to_string(CassetteContent::kMaxTurns) + " turns.");
  }
  CassetteContent content{.agent = core::text_member(*object, "agent"),
                          .model = core::text_member(*object, "model")};
  for (std::size_t i = 0; i < list.size(); ++i) {
    BOOST_OUTCOME_TRY(auto turn, read_turn(content.turns, list[i], "/turns/" + std::to_string(i)));
    content.turns.push_back(std::move(turn));
  }
  return content;
}

json::value to_json(const CassetteContent& content) {
  json::array turns;
  for (std::size_t i = 0; i < content.turns.size(); ++i) {
    json::object turn;
    if (content.turns[i].request) turn["request"] = shortened(content.turns, i);
    turn["turn"] = content.turns[i].turn;
    turns.push_back(std::move(turn));
  }
  return json::object{{"format", json::string_view(kFormat.data(), kFormat.size())},
                      {"version", kVersion},
                      {"agent", content.agent},
                      {"model", content.model},
                      {"turns", std::move(turns)}};
}

Result<CassetteContent> read_cassette(const std::filesystem::path& file) {
  BOOST_OUTCOME_TRY(const auto text, core::read_whole_file(file, CassetteContent::kMaxBytes));
  auto content = [&]() -> Result<CassetteContent> {
    BOOST_OUTCOME_TRY(const auto value, core::parse_json(text));
    return cassette_from_json(value);
  }();
  if (!content) return fail(content.error().code, file.string() + ": " + content.error().message);
  return content;
}

Result<void> write_cassette(const std::filesystem::path& file, const CassetteContent& content) {
  const std::string text = core::write_json_pretty(to_json(content)) + "\n";
  if (text.size() > CassetteContent::kMaxBytes) {
    return fail(ErrorCode::LimitExceeded, "The cassette " + file.string() +
                                              " is full: it would have more than " +
                                              std::to_string(CassetteContent::kMaxBytes) + " bytes.");
  }
  return core::replace_file(file, text);
}

}  // namespace ebagent::models
