#pragma once

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "ebagent/clock.hpp"
#include "server/http_message.hpp"

namespace ebagent::server {

// Takes CloudEvents 1.0 over HTTP, in structured, binary and batched mode, and puts them on an event bus: the default
// bus, or that of the query's `bus`. A batch is accepted as a whole or not at all.
// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
// Thread safety: handle() may be called from any thread.
class CloudEventsApi {
 public:
  // The references must outlive it. Events belong to the verified caller, or to `scope` where nobody is verified.
  CloudEventsApi(const bus::Catalog& catalog, bus::Bus& bus, const Clock& clock, bus::Scope scope)
      : catalog_(catalog), bus_(bus), clock_(clock), scope_(std::move(scope)) {}

  // Answers 200 with {"EventIds":[..]} once the events are on disk, 400 with the reason for what is no event, 404 for a bus
  // that does not exist, 415 for another Content-Type, 503 when the store cannot write.
  void handle(const Request& request, Respond respond);

 private:
  [[nodiscard]] bus::Scope scope_of(const Request& request) const;

  const bus::Catalog& catalog_;
  bus::Bus& bus_;
  const Clock& clock_;
  const bus::Scope scope_;
};

}  // namespace ebagent::server
