#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ebagent/clock.hpp"

namespace ebagent::core {

// Where randomness comes from; a constructor argument, so that tests own it.
// Thread safety: next() may be called from any thread.
class Random {
 public:
  virtual ~Random() = default;
  // 64 uniformly distributed bits.
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

// Seeded from the operating system once per thread; not for secrets.
class SystemRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;
};

// A UUID version 7: 48 bits of time, then random. Time-ordered, so an index over ids grows at its right edge
// only (random ids make the embedded store three times dearer). Source:
// https://www.rfc-editor.org/rfc/rfc9562#section-5.7
[[nodiscard]] std::string uuid_v7(TimePoint now, Random& random);

// A UUID version 8 that is a function of `name` alone (SHA-256): the same name always gives the same id.
// Used where an id must survive a repetition, e.g. of an event put by a step that runs again.
// Source: https://www.rfc-editor.org/rfc/rfc9562#section-5.8
[[nodiscard]] std::string uuid_from_name(std::string_view name);

// Lower-case hexadecimal SHA-256, 64 characters.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace ebagent::core
