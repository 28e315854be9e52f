#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "event/put_events.hpp"
#include "server/aws_api/operation.hpp"

namespace ebagent::server::aws_api {

// What PutEvents needs besides its request.
struct PutEventsContext {
  bus::Bus& bus;
  const Clock& clock;
  core::Random& random;
  const event::PutEventsSettings& settings;
  const bus::Catalog* policies =
      nullptr;  // whose bus policies are asked about other accounts; null: all may put
};

// The answer's JSON text, or an error.
using PutEventsOutcome = std::variant<std::string, ApiError>;

// Puts the entries of one request on the bus. `done` runs once, when all accepted entries are durable: on the
// store's writer thread, or on the caller's when there is nothing to write.
void put_events(const PutEventsContext& context, const bus::Scope& scope, std::string_view body,
                std::function<void(PutEventsOutcome)> done);

}  // namespace ebagent::server::aws_api
