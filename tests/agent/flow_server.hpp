#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/agent_target.hpp"
#include "agent/dying_store.hpp"
#include "agent/fixtures.hpp"
#include "delivery/dispatcher.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::agent {

using namespace std::chrono_literals;

// Long enough for any machine; reached only by a test that fails.
inline constexpr auto kPatience = 20s;
inline constexpr const char* kArnPrefix = "arn:aws:lambda:us-west-2:123456789012:function:";

inline Event flow_event(std::string id, std::string detail = "{}") {
  Event event = order_event(std::move(id));
  event.detail = std::move(detail);
  return event;
}

// What a process is with agents behind a dispatcher: put events, let time pass. Another one on the same store is the process
// after a restart.
class FlowServer {
 public:
  FlowServer(const World& world, std::shared_ptr<store::Store> store, const std::function<void(App&)>& set_up,
             std::size_t workers = 8)
      : clock_(*world.clock), store_(std::move(store)), app_(world.new_app_on(store_)) {
    set_up(app_);
    target_ = std::make_shared<AgentTarget>(
        app_, AgentTarget::Settings{.flow = {}, .hand_over = [this](std::vector<store::Delivery> deliveries) {
                                      dispatcher_->take(std::move(deliveries));
                                    }});
    senders_.serve_service("lambda", target_);
    dispatcher_ = std::make_unique<delivery::Dispatcher>(
        *store_, senders_, clock_, *world.random, [](const Error&) {},
        delivery::DispatcherSettings{.workers = workers});
  }

  // Puts an event for an agent, by a rule. False when it could not be accepted.
  bool put(const Event& event, const std::string& agent = "a", const std::string& rule = "orders",
           const std::string& id = {}) {
    store::Route route{.bus = "default",
                       .rule_arn = "arn:aws:events:us-west-2:123456789012:rule/" + rule,
                       .target_id = agent,
                       .target_arn = kArnPrefix + agent,
                       .target_json = "{}"};
    auto interned = store_->put_route(std::move(route));
    if (!interned) return false;
    store::AcceptEvent accept{.id = id.empty() ? event.id : id,
                              .bus = "default",
                              .json = std::make_shared<const std::string>(to_json(event)),
                              .accepted = clock_.now()};
    accept.to.push_back({interned.value(), std::nullopt});
    store::Transaction writes;
    writes.emplace_back(std::move(accept));
    auto committed = store_->commit_and_wait(std::move(writes));
    if (!committed) return false;
    dispatcher_->take(std::move(committed).value().deliveries);
    return true;
  }
  // As put(), done when nothing more happens by itself.
  void put_and_settle(const Event& event, const std::string& agent = "a",
                      const std::string& rule = "orders") {
    put(event, agent, rule);
    settle();
  }
  bool settle(std::chrono::milliseconds patience = kPatience) { return dispatcher_->wait_idle(patience); }
  // Lets time pass, with all that comes due on the way.
  void pass(Duration time, Duration step = 100ms) {
    for (Duration passed{0}; passed < time; passed += step) {
      clock_.advance(std::min(step, time - passed));
      dispatcher_->poll();
      settle();
    }
  }

  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] delivery::Dispatcher& dispatcher() { return *dispatcher_; }
  [[nodiscard]] AgentTarget& target() { return *target_; }
  [[nodiscard]] App& app() { return app_; }

 private:
  testing::ManualClock& clock_;
  std::shared_ptr<store::Store> store_;
  App app_;
  std::shared_ptr<AgentTarget> target_;
  delivery::SenderTable senders_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
};

// What an agent was given, in order; safe to use from any thread.
class Journalist {
 public:
  struct Seen {
    std::string event;
    std::string input;
    TimePoint at;
  };
  void see(const Event& event, const ebagent::Run& run) {
    const std::scoped_lock lock{mutex_};
    seen_.push_back({event.id, run.input(), run.now()});
  }
  [[nodiscard]] std::vector<Seen> seen() const {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> events;
    for (const Seen& seen : seen()) events.push_back(seen.event);
    return events;
  }
  // When each was seen, after `start`.
  [[nodiscard]] std::vector<Duration> times(TimePoint start) const {
    std::vector<Duration> times;
    for (const Seen& seen : seen()) times.push_back(seen.at - start);
    return times;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;  // guarded by mutex_
};

// An app with the agent "a", which notes what it is given.
inline std::function<void(App&)> noting_agent(Journalist& journalist, FlowControl flow) {
  return [&journalist, flow = std::move(flow)](App& app) {
    app.handler("a", [&journalist](const Event& event, ebagent::Run& run) { journalist.see(event, run); });
    app.flow("a", flow);
  };
}

inline std::vector<store::Run> runs_in(store::Store& store, store::RunState state) {
  return store.runs({.state = state, .limit = 1'000}).value();
}

}  // namespace ebagent::agent
