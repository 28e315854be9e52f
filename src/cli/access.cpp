#include "cli/access.hpp"

#include <utility>

namespace ebagent::cli {

Result<Access> read_access(const ServeOptions& options, const Clock& clock) {
  Access access;
  const bool is_loopback = server::is_loopback_host(options.host);
  if (!is_loopback) access.bound = server::OriginGuard::Bound::Network;
  if (!options.access_keys && !is_loopback) {
    return fail(ErrorCode::InvalidArgument,
                "Listening on " + options.host +
                    " lets other machines in: name the access keys that may call with --access-keys FILE, "
                    "a line `ACCESS_KEY_ID SECRET [ACCOUNT]` each.");
  }
  if (options.access_keys) {
    BOOST_OUTCOME_TRY(auto keys, server::AccessKeys::load(*options.access_keys));
    access.authenticator.emplace(
        std::move(keys), clock,
        is_loopback ? server::Authenticator::Tokens::Always : server::Authenticator::Tokens::OverTlsOnly);
  }
  if (options.tls_certificate) {
    BOOST_OUTCOME_TRY(access.tls, server::TlsContext::load(*options.tls_certificate, *options.tls_key));
  }
  return access;
}

}  // namespace ebagent::cli
