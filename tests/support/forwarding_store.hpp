#pragma once

#include "store/forwarding_store.hpp"

namespace ebagent::testing {

using store::ForwardingStore;

}  // namespace ebagent::testing
