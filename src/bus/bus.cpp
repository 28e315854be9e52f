#include "bus/bus.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "bus/input.hpp"
#include "bus/routing.hpp"
#include "core/json.hpp"
#include "event/envelope.hpp"

namespace ebagent::bus {
namespace {

// Why a delivery has no input.
struct Spoiled {
  std::string event_id;
  std::int64_t route = 0;
  std::string reason;
};

// The event as a JSON value, parsed when the first target wants it.
class ParsedOnDemand {
 public:
  explicit ParsedOnDemand(const std::string& text) : text_(text) {}

  const Result<boost::json::value>& get() {
    if (!parsed_) parsed_ = core::parse_json(text_);
    return *parsed_;
  }

 private:
  const std::string& text_;
  std::optional<Result<boost::json::value>> parsed_;
};

Result<std::string> make_input(const RoutedRule& rule, const Input& input, const std::string& event_json,
                               ParsedOnDemand& parsed, TimePoint now) {
  static const boost::json::value kNotRead;
  if (!input.reads_event()) return input.make(kNotRead, {});
  if (!parsed.get()) return fail(parsed.get().error());
  return input.make(
      parsed.get().value(),
      {.rule_arn = rule.arn, .rule_name = rule.name, .ingestion_time = now, .event_json = event_json});
}

void add_targets(const RoutedRule& rule, store::AcceptEvent& accepted, ParsedOnDemand& parsed,
                 std::vector<Spoiled>& spoiled) {
  for (const RoutedTarget& target : rule.targets) {
    store::AcceptEvent::To& to = accepted.to.emplace_back(store::AcceptEvent::To{target.route, std::nullopt});
    if (!target.input.reshapes()) continue;
    auto input = make_input(rule, target.input, *accepted.json, parsed, accepted.accepted);
    if (input) {
      to.input = std::move(input).value();
    } else {
      spoiled.push_back({accepted.id, target.route->id, std::move(input).error().message});
    }
  }
}

store::AcceptEvent accept(Incoming&& event, TimePoint now) {
  return {.id = std::move(event.id),
          .bus = std::move(event.bus),
          .json = std::move(event.json),
          .hops = event.hops,
          .trace = event.trace,
          .accepted = now,
          .to = {}};
}

// The rule of an archive has the event kept, the others make deliveries.
void add_rule(const RoutedRule& rule, store::AcceptEvent& accepted, ParsedOnDemand& parsed,
              std::vector<Spoiled>& spoiled) {
  if (rule.archive == 0) return add_targets(rule, accepted, parsed, spoiled);
  if (accepted.archives.empty()) {
    const auto time = event::envelope_time(*accepted.json);
    accepted.time = time ? time.value() : accepted.accepted;
  }
  accepted.archives.push_back(rule.archive);
}

Result<void> wait_for(const std::function<void(std::function<void(Result<void>)>)>& begin) {
  std::promise<Result<void>> outcome;
  begin([&outcome](Result<void> result) { outcome.set_value(std::move(result)); });
  return outcome.get_future().get();
}

// Hands over what a commit has made: deliveries to be attempted, and verdicts on those without input.
class Delivering {
 public:
  Delivering(std::shared_ptr<const Handover> handover, std::vector<Spoiled> spoiled, TimePoint now)
      : handover_(std::move(handover)), spoiled_(std::move(spoiled)), now_(now) {}

  void operator()(std::vector<store::Delivery> deliveries) const {
    if (!spoiled_.empty()) bury(deliveries);
    if (!deliveries.empty() && handover_->deliver) handover_->deliver(std::move(deliveries));
  }

 private:
  void bury(std::vector<store::Delivery>& deliveries) const {
    std::vector<store::MarkDead> verdicts;
    std::erase_if(deliveries, [&](const store::Delivery& delivery) {
      const Spoiled* spoiled = find(delivery);
      if (spoiled == nullptr) return false;
      verdicts.push_back({.seq = delivery.seq,
                          .at = now_,
                          .attempts = 0,
                          .error_code = std::string{kInvalidJson},
                          .error_message = spoiled->reason,
                          .exhausted_condition = {}});
      return true;
    });
    if (!verdicts.empty() && handover_->bury) handover_->bury(std::move(verdicts));
  }

  [[nodiscard]] const Spoiled* find(const store::Delivery& delivery) const {
    for (const Spoiled& spoiled : spoiled_) {
      if (spoiled.event_id == delivery.event_id && spoiled.route == delivery.route->id) return &spoiled;
    }
    return nullptr;
  }

  std::shared_ptr<const Handover> handover_;
  std::vector<Spoiled> spoiled_;
  TimePoint now_;
};

store::OnCommitted deliver_and_tell(Delivering delivering, std::function<void(Result<void>)> done) {
  return [delivering = std::move(delivering), done = std::move(done)](Result<store::Committed> committed) {
    if (!committed) return done(fail(std::move(committed).error()));
    delivering(std::move(committed.value().deliveries));
    done(success());
  };
}

}  // namespace

Incoming incoming(Scope scope, std::string bus, const Event& event, int hops, std::string trace) {
  std::string json;
  event::append_envelope(json, event);
  return {.scope = std::move(scope),
          .bus = std::move(bus),
          .id = event.id,
          .json = std::make_shared<const std::string>(std::move(json)),
          .hops = hops,
          .trace = std::move(trace)};
}

Bus::Bus(const Catalog& catalog, store::Store& store, const Clock& clock, Handover handover,
         BusSettings settings)
    : catalog_(catalog),
      store_(store),
      clock_(clock),
      handover_(std::make_shared<const Handover>(std::move(handover))),
      settings_(settings) {}

void Bus::put(std::vector<Incoming> events, std::function<void(Result<void>)> done) {
  route(std::move(events), &store::Store::offer, std::move(done));
}

void Bus::route(std::vector<Incoming> events, Commit commit, std::function<void(Result<void>)> done) {
  // Matching reuses its buffers; callers are pool threads, so there are as few as threads.
  thread_local pattern::Scratch scratch;
  const TimePoint now = clock_.now();
  store::Transaction writes;
  writes.reserve(events.size());
  std::vector<Spoiled> spoiled;
  std::vector<RoutedRulePtr> matched;
  for (Incoming& event : events) {
    if (event.hops > settings_.max_hops) {
      return done(fail(ErrorCode::LimitExceeded,
                       "Event " + event.id + " comes from a chain of " + std::to_string(event.hops) +
                           " events that agents put; the limit is " + std::to_string(settings_.max_hops) +
                           ". Do two agents trigger each other?"));
    }
    if (!catalog_.has_bus(event.scope, event.bus)) continue;
    matched.clear();
    const auto match = catalog_.routing().match(event.scope, event.bus, *event.json, scratch, matched);
    if (!match) {
      return done(
          fail(match.error().code, "Event " + event.id + " cannot be matched: " + match.error().message));
    }
    store::AcceptEvent accepted = accept(std::move(event), now);
    ParsedOnDemand parsed{*accepted.json};
    for (const RoutedRulePtr& rule : matched) add_rule(*rule, accepted, parsed, spoiled);
    writes.emplace_back(std::move(accepted));
  }
  if (writes.empty()) return done(success());
  (store_.*commit)(std::move(writes),
                   deliver_and_tell({handover_, std::move(spoiled), now}, std::move(done)));
}

Result<void> Bus::put_and_wait(std::vector<Incoming> events) {
  return wait_for([&](auto done) { route(std::move(events), &store::Store::commit, std::move(done)); });
}

Result<void> Bus::replay(std::vector<Incoming> events, const std::vector<std::string>& only_rules,
                         store::Transaction also) {
  pattern::Scratch scratch;
  const TimePoint now = clock_.now();
  std::vector<Spoiled> spoiled;
  std::vector<RoutedRulePtr> matched;
  for (Incoming& event : events) {
    matched.clear();
    BOOST_OUTCOME_TRY(catalog_.routing().match(event.scope, event.bus, *event.json, scratch, matched));
    std::erase_if(matched, [&](const RoutedRulePtr& rule) {
      return rule->archive != 0 || (!only_rules.empty() && std::find(only_rules.begin(), only_rules.end(),
                                                                     rule->arn) == only_rules.end());
    });
    store::AcceptEvent accepted = accept(std::move(event), now);
    ParsedOnDemand parsed{*accepted.json};
    for (const RoutedRulePtr& rule : matched) add_targets(*rule, accepted, parsed, spoiled);
    if (!accepted.to.empty()) also.emplace_back(std::move(accepted));
  }
  return wait_for([&](auto done) {
    store_.commit(std::move(also), deliver_and_tell({handover_, std::move(spoiled), now}, std::move(done)));
  });
}

void Bus::fire(std::vector<Firing> firings, store::Transaction also, std::function<void(Result<void>)> done) {
  const TimePoint now = clock_.now();
  std::vector<Spoiled> spoiled;
  for (const Firing& firing : firings) {
    const RoutedRulePtr rule = catalog_.routing().rule(firing.scope, firing.bus, firing.rule);
    if (rule == nullptr) continue;
    store::AcceptEvent accepted = accept(incoming(firing.scope, firing.bus, firing.event), now);
    ParsedOnDemand parsed{*accepted.json};
    add_targets(*rule, accepted, parsed, spoiled);
    also.emplace_back(std::move(accepted));
  }
  if (also.empty()) return done(success());
  store_.commit(std::move(also), deliver_and_tell({handover_, std::move(spoiled), now}, std::move(done)));
}

}  // namespace ebagent::bus
