#pragma once

#include <memory>
#include <optional>

#include "cli/options.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "server/authenticator.hpp"
#include "server/origin_guard.hpp"
#include "server/tls.hpp"

namespace ebagent::cli {

// Who may call the server, and how.
struct Access {
  server::OriginGuard::Bound bound = server::OriginGuard::Bound::Loopback;
  std::optional<server::Authenticator> authenticator = std::nullopt;  // absent: any credentials will do
  std::shared_ptr<const server::TlsContext> tls = nullptr;            // null: plain HTTP
};

// Reads what the options name. InvalidArgument when the server would be open to other machines without access keys. The
// clock must outlive what is returned.
[[nodiscard]] Result<Access> read_access(const ServeOptions& options, const Clock& clock);

}  // namespace ebagent::cli
