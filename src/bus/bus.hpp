#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/catalog.hpp"
#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

struct BusSettings {
  // How many agents' events may lead to one another before the chain is cut. A loop of two agents ends after
  // a handful of rounds; chains made on purpose are shorter.
  int max_hops = 8;
};

// An event on its way to a bus.
struct Incoming {
  Scope scope = {};
  std::string bus{kDefaultBus};                       // a name
  std::string id = {};                                // the envelope's
  std::shared_ptr<const std::string> json = nullptr;  // the finished envelope
  int hops = 0;                                       // agents that this event comes from: 0 from outside
  std::string trace = {};                             // of the chain it belongs to; empty: it begins one
};

// The same from an Event, whose envelope is written here.
[[nodiscard]] Incoming incoming(Scope scope, std::string bus, const Event& event, int hops = 0,
                                std::string trace = {});

// Where a bus puts what it made of events. Both are called on the store's writer thread: they must be short
// and may not wait for the store.
struct Handover {
  // Deliveries leased to this process, to be attempted now.
  std::function<void(std::vector<store::Delivery>)> deliver;
  // Deliveries whose input could not be made, each with the verdict to be written.
  std::function<void(std::vector<store::MarkDead>)> bury;
};

// One event for one rule, whatever the rule's pattern says.
struct Firing {
  Scope scope;
  std::string bus;
  std::string rule;
  Event event;
};

// Routes events: which rules match, what each target gets, and one durable write of it all.
// Thread safety: every member may be called from any thread.
class Bus {
 public:
  // The references must outlive the bus and every callback it has been given.
  Bus(const Catalog& catalog, store::Store& store, const Clock& clock, Handover handover,
      BusSettings settings = {});

  // Accepts events, all or none. `done` runs once they and their deliveries are on disk, on the store's
  // writer thread, or at once, on the caller's, when they are refused: LimitExceeded past `max_hops`,
  // Malformed for an event that cannot be matched. An event for a bus that does not exist is accepted and
  // goes nowhere, as on AWS. Never blocks: Overloaded, at once, while the store's queue is nearly full.
  void put(std::vector<Incoming> events, std::function<void(Result<void>)> done);
  // The same, waiting: for room in the queue, then for the outcome.
  Result<void> put_and_wait(std::vector<Incoming> events);

  // Accepts events again that an archive kept, and `also` in the same durable write. They go to the rules that match
  // and whose ARN is in `only_rules`, to all that match when it is empty; an event that goes nowhere is not written.
  // Errors as put().
  Result<void> replay(std::vector<Incoming> events, const std::vector<std::string>& only_rules,
                      store::Transaction also);

  // Accepts each event for its one rule, and `also` in the same durable write. A rule that is gone gets
  // nothing.
  void fire(std::vector<Firing> firings, store::Transaction also, std::function<void(Result<void>)> done);

 private:
  using Commit = void (store::Store::*)(store::Transaction, store::OnCommitted);
  void route(std::vector<Incoming> events, Commit commit, std::function<void(Result<void>)> done);

  const Catalog& catalog_;
  store::Store& store_;
  const Clock& clock_;
  const std::shared_ptr<const Handover> handover_;
  const BusSettings settings_;
};

}  // namespace ebagent::bus
