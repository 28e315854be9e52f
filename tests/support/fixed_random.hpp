#pragma once

#include <atomic>
#include <cstdint>

#include "core/ids.hpp"

namespace ebagent::testing {

// A repeatable sequence (splitmix64). Safe to use from any thread.
class FixedRandom final : public core::Random {
 public:
  explicit FixedRandom(std::uint64_t seed = 1) : state_(seed) {}

  [[nodiscard]] std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace ebagent::testing
