#pragma once

#include <memory>

#include "ebagent/app.hpp"
#include "operations/shop.hpp"

namespace ebagent::operations {

// Adds the agent `order-processor`, a handler: validate, reserve the stock, confirm by email, update the CRM.
// An order that cannot be served is rejected in its answer, which says why; that is a result, not a failure.
void add_order_processor(App& app, std::shared_ptr<Shop> shop);

}  // namespace ebagent::operations
