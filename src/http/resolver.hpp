#pragma once

#include <string>
#include <vector>

#include "ebagent/result.hpp"
#include "http/address.hpp"

namespace ebagent::http {

// Finds the addresses of a host; tests script their own.
// Thread safety: resolve() may be called from any thread.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // At least one address. NotFound when the host has none, Unavailable when that cannot be told now.
  [[nodiscard]] virtual Result<std::vector<Address>> resolve(const std::string& host) = 0;
};

// What the system's configuration says (files, DNS). Waits as long as that does: 5 to 30 seconds when no server answers.
class SystemResolver final : public Resolver {
 public:
  [[nodiscard]] Result<std::vector<Address>> resolve(const std::string& host) override;
};

}  // namespace ebagent::http
