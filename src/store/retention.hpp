#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::store {

struct RetentionSettings {
  std::chrono::milliseconds keep =
      std::chrono::hours{24 * 7};                     // how long delivered events and ended runs are kept
  std::uint64_t max_bytes = std::uint64_t{10} << 30;  // in use by all that is kept
};

// Keeps a store from growing for ever: removes delivered events and ended runs once they are old, and the oldest of them
// earlier when the store uses more than its bound. What is still open, dead letters, and runs that answer for their
// event's key stay in any case, so the bound may be passed by them. Works in small steps between which the store serves
// others.
class Retention {
 public:
  // The references must outlive it.
  Retention(Store& store, const Clock& clock, RetentionSettings settings)
      : store_(store), clock_(clock), settings_(settings) {}

  // One sweep; ends early, with what it has done, once `should_stop` says so, which is asked after each step. Errors:
  // the store's.
  Result<Sweep> run(const std::function<bool()>& should_stop);

 private:
  Store& store_;
  const Clock& clock_;
  const RetentionSettings settings_;
};

}  // namespace ebagent::store
