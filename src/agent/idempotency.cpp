#include "agent/idempotency.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "delivery/target_sender.hpp"

namespace ebagent::agent {
namespace {

// Of a chain that an event begins: a UUID is one already.
std::string trace_of(const std::string& event_id) {
  constexpr std::size_t kDigits = 32;
  std::string digits;
  for (const char c : event_id) {
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_digit) digits.push_back(c);
    if (!is_digit && c != '-') break;
  }
  const bool is_uuid = digits.size() == kDigits && event_id.size() == kDigits + 4;
  return is_uuid ? digits : core::sha256_hex("trace " + event_id).substr(0, kDigits);
}

}  // namespace

bool is_over(store::RunState state) {
  return state == store::RunState::Succeeded || state == store::RunState::Cancelled ||
         state == store::RunState::Skipped;
}

// What the agent is given, without the envelope's time: a file that leaves it out gets another one at each
// reading.
std::string payload_hash(const Event& event, const ProcessOptions& options) {
  std::string payload;
  for (const std::string_view part : {std::string_view(event.source), std::string_view(event.detail_type),
                                      std::string_view(event.detail)}) {
    core::append_json_string(payload, part);
  }
  for (const std::string& resource : event.resources) core::append_json_string(payload, resource);
  if (options.input) core::append_json_string(payload += '=', *options.input);
  return core::sha256_hex(payload);
}

store::Run new_run(core::Random& random, TimePoint now, const AppSettings& settings, const Event& event,
                   std::string_view agent, const ProcessOptions& options, std::string key) {
  store::Run run;
  run.id = core::uuid_v7(now, random);
  run.key = std::move(key);
  run.agent = agent;
  run.event_id = event.id;
  run.event = to_json(event);
  // Who writes the record of a delivery has accepted its event: a replayed one, or one from another region, under another id.
  run.is_event_accepted = options.record != nullptr && !options.input && options.record->event_id == event.id;
  run.input_hash = payload_hash(event, options);
  run.hops = options.chain.hops;
  run.trace = options.chain.trace.empty() ? trace_of(event.id) : options.chain.trace;
  run.delivery = options.delivery;
  run.started = now;
  run.expires = now + settings.idempotency_expiry;
  return run;
}

Result<InProgress::Claim> InProgress::claim(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (!held_.insert(key).second) {
    return fail(ErrorCode::Conflict, "The same event is already in progress; try again later.");
  }
  return Claim(*this, key);
}

void InProgress::release(const std::string& key) {
  const std::lock_guard lock(mutex_);
  held_.erase(key);
}

std::string idempotency_key_of(const Event& event, std::string_view agent, const ProcessOptions& options) {
  std::string key = event.id + "\n" + std::string(agent);
  if (options.input) key += "\n" + options.rule_arn + "\n" + options.target_id;
  if (event.replay_name) key += "\nreplay " + *event.replay_name;
  if (!options.resume_run.empty()) key += std::string(store::kRerunKey) + options.resume_run;
  return key;
}

Result<std::variant<Repeated, Begun>> begin_run(store::Store& store, core::Random& random, TimePoint now,
                                                const AppSettings& settings, const Event& event,
                                                std::string_view agent, const ProcessOptions& options) {
  const std::string key = idempotency_key_of(event, agent, options);
  BOOST_OUTCOME_TRY(auto found, store.run_by_key(key));
  store::Run fresh = new_run(random, now, settings, event, agent, options, key);
  const bool finished = found && is_over(found->state);
  if (!found || (finished && found->expires <= now)) {
    // An expired run stays on record; the new one takes its key over.
    store::PutRun write{fresh};
    return Begun{std::move(fresh), {}, {std::move(write)}};
  }
  if (found->input_hash != fresh.input_hash) {
    return fail(ErrorCode::InvalidArgument, "The event " + event.id + " was given to agent \"" +
                                                std::string(agent) +
                                                "\" before with other contents; a new event needs a new id.");
  }
  if (finished) return Repeated{std::move(*found)};
  BOOST_OUTCOME_TRY(auto steps, store.steps(found->id));
  found->state = store::RunState::Running;
  found->attempts += 1;
  found->ended.reset();
  found->error.clear();
  found->stop_reason.clear();
  found->wakes.reset();
  if (options.delivery != 0) found->delivery = options.delivery;
  found->expires = fresh.expires;
  store::PutRun write{*found};
  return Begun{std::move(*found), std::move(steps), {std::move(write)}};
}

}  // namespace ebagent::agent
