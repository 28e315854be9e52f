#include "agent/flow/records.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/ids.hpp"
#include "core/json.hpp"

namespace ebagent::agent::flow {
namespace {

namespace json = boost::json;

constexpr std::size_t kHashLength = 32;     // 128 bits: keys of one agent do not meet
constexpr std::size_t kMaxRemoved = 1'024;  // in one sweep, so that who comes by does not wait long for it
constexpr std::chrono::minutes kGrace{1};   // after which who has not come for its turn is looked for

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

std::int64_t millis(TimePoint time) {
  return time.time_since_epoch().count();
}

json::object to_object(const Member& member) {
  return {{"run", member.run_id}, {"delivery", member.delivery}};
}

Result<std::int64_t> number(const json::object& object, std::string_view name) {
  if (const auto value = core::integer_member(object, name)) return *value;
  return fail(ErrorCode::Malformed, "\"" + std::string(name) + "\" is missing.");
}

Result<TimePoint> time(const json::object& object, std::string_view name) {
  BOOST_OUTCOME_TRY(const auto value, number(object, name));
  return TimePoint{Duration{value}};
}

Result<Member> read_member(const json::value* value) {
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  if (object == nullptr) return fail(ErrorCode::Malformed, "A member is missing.");
  BOOST_OUTCOME_TRY(const auto delivery, number(*object, "delivery"));
  return Member{core::text_member(*object, "run"), delivery};
}

Result<State> read_batch(const json::object& object) {
  OpenBatch batch;
  BOOST_OUTCOME_TRY(batch.until, time(object, "until"));
  BOOST_OUTCOME_TRY(const auto bytes, number(object, "bytes"));
  batch.bytes = std::size_t(bytes);
  const json::value* members = object.if_contains("members");
  if (members == nullptr || !members->is_array())
    return fail(ErrorCode::Malformed, "\"members\" is missing.");
  for (const json::value& member : members->get_array()) {
    BOOST_OUTCOME_TRY(auto read, read_member(&member));
    batch.members.push_back(std::move(read));
  }
  return State{std::move(batch)};
}

Result<State> read_object(std::string_view mechanism, const json::object& object) {
  if (mechanism == "throttle") {
    BOOST_OUTCOME_TRY(const auto next, number(object, "next_us"));
    return State{Cells{next}};
  }
  if (mechanism == "rate_limit") {
    BOOST_OUTCOME_TRY(const auto began, time(object, "began"));
    BOOST_OUTCOME_TRY(const auto runs, number(object, "runs"));
    return State{RateWindow{began, int(runs)}};
  }
  if (mechanism == "debounce") {
    Pending pending;
    BOOST_OUTCOME_TRY(pending.last, read_member(object.if_contains("last")));
    BOOST_OUTCOME_TRY(pending.first, time(object, "first"));
    BOOST_OUTCOME_TRY(pending.until, time(object, "until"));
    return State{std::move(pending)};
  }
  if (mechanism == "batch") return read_batch(object);
  return fail(ErrorCode::Malformed, "There is no mechanism \"" + std::string(mechanism) + "\".");
}

// AGENT and MECHANISM of a record's name; names of agents have no slash.
std::pair<std::string_view, std::string_view> parts_of(std::string_view name) {
  const std::size_t first = name.find('/');
  const std::size_t second = first == std::string_view::npos ? first : name.find('/', first + 1);
  if (second == std::string_view::npos) return {name, {}};
  return {name.substr(0, first), name.substr(first + 1, second - first - 1)};
}

bool is_anyone_left(store::Store& store, const std::vector<Member>& members) {
  for (const Member& member : members) {
    const auto open = store.is_open(member.delivery);
    if (!open || open.value()) return true;
  }
  return false;
}

bool is_over(store::Store& store, const FlowControl& flow, const State& state, TimePoint now) {
  return std::visit(Match{[&](const Cells& cells) { return says_nothing(cells, now); },
                          [&](const RateWindow& window) {
                            return !flow.rate_limit || says_nothing(*flow.rate_limit, window, now);
                          },
                          [&](const Pending& pending) {
                            return now > pending.until + kGrace && !is_anyone_left(store, {pending.last});
                          },
                          [&](const OpenBatch& batch) {
                            return now > batch.until + kGrace && !is_anyone_left(store, batch.members);
                          }},
                    state);
}

}  // namespace

std::string record_name(std::string_view agent, std::string_view mechanism, std::string_view key) {
  return std::string(agent) + "/" + std::string(mechanism) + "/" +
         core::sha256_hex(key).substr(0, kHashLength);
}

std::string to_json(const State& state) {
  return core::write_json(std::visit(
      Match{[](const Cells& cells) {
              return json::object{{"next_us", cells.next_us}};
            },
            [](const RateWindow& window) {
              return json::object{{"began", millis(window.began)}, {"runs", window.runs}};
            },
            [](const Pending& pending) {
              return json::object{{"last", to_object(pending.last)},
                                  {"first", millis(pending.first)},
                                  {"until", millis(pending.until)}};
            },
            [](const OpenBatch& batch) {
              json::array members;
              for (const Member& member : batch.members) members.emplace_back(to_object(member));
              return json::object{
                  {"members", std::move(members)}, {"bytes", batch.bytes}, {"until", millis(batch.until)}};
            }},
      state));
}

Result<State> read_state(std::string_view name, std::string_view text) {
  BOOST_OUTCOME_TRY(const auto value, core::parse_json(text));
  if (!value.is_object())
    return fail(ErrorCode::Malformed, "The record " + std::string(name) + " is no object.");
  auto state = read_object(parts_of(name).second, value.get_object());
  if (state) return state;
  return fail(ErrorCode::Malformed,
              "The record " + std::string(name) + " of flow control is damaged: " + state.error().message);
}

void Records::Draft::set(const std::string& name, State state) {
  writes_.emplace_back(store::PutCatalog{{std::string(kCatalogKind), name, to_json(state)}});
  states_.emplace_back(name, std::move(state));
}

void Records::Draft::remove(const std::string& name) {
  writes_.emplace_back(store::DeleteCatalog{std::string(kCatalogKind), name});
  states_.emplace_back(name, std::nullopt);
}

Result<Records> Records::load(store::Store& store, std::string_view agent) {
  Records records;
  BOOST_OUTCOME_TRY(const auto all, store.catalog(kCatalogKind));
  for (const store::CatalogRecord& record : all) {
    if (parts_of(record.key).first != agent) continue;
    BOOST_OUTCOME_TRY(auto state, read_state(record.key, record.json));
    records.states_.emplace(record.key, std::move(state));
  }
  return records;
}

Result<void> Records::commit(store::Store& store, Draft draft) {
  if (draft.writes_.empty()) return success();
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(draft.writes_)));
  for (auto& [name, state] : draft.states_) {
    if (state) {
      states_.insert_or_assign(name, std::move(*state));
    } else {
      states_.erase(name);
    }
  }
  return success();
}

// Should the writing fail, what stays on disk says nothing and is found again by the next process.
void Records::sweep(store::Store& store, const FlowControl& flow, TimePoint now) {
  store::Transaction writes;
  for (auto state = states_.begin(); state != states_.end() && writes.size() < kMaxRemoved;) {
    if (!is_over(store, flow, state->second, now)) {
      ++state;
      continue;
    }
    writes.emplace_back(store::DeleteCatalog{std::string(kCatalogKind), state->first});
    state = states_.erase(state);
  }
  if (!writes.empty()) store.commit(std::move(writes), [](const Result<store::Committed>&) {});
}

Result<void> remove_unused(store::Store& store,
                           const std::function<bool(std::string_view, std::string_view)>& is_used) {
  BOOST_OUTCOME_TRY(const auto all, store.catalog(kCatalogKind));
  store::Transaction writes;
  for (const store::CatalogRecord& record : all) {
    const auto [agent, mechanism] = parts_of(record.key);
    if (!is_used(agent, mechanism))
      writes.emplace_back(store::DeleteCatalog{std::string(kCatalogKind), record.key});
  }
  if (writes.empty()) return success();
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));
  return success();
}

}  // namespace ebagent::agent::flow
