#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "aws/sigv4.hpp"
#include "ebagent/clock.hpp"
#include "server/access_keys.hpp"
#include "server/http_message.hpp"

namespace ebagent::server {

// Why a request is refused, as AWS says it.
struct Denial {
  std::string type;
  std::string message;
  unsigned status = 403;

  bool operator==(const Denial&) const = default;
};

// Verifies who calls. A request to one of Amazon's APIs must carry a Signature Version 4, in its Authorization header or,
// presigned, in its query; the other endpoints take a bearer token as well.
//
// The signature covers method, path, query, host, every x-amz- header and the body. What it does not do is keep a request
// from being sent twice: whoever can read it can repeat it, as it is, for a quarter of an hour. TLS prevents the reading.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// Thread safety: all members may be called from any thread.
class Authenticator {
 public:
  enum class Tokens { Always, OverTlsOnly };

  // How far a caller's clock may be off, as at AWS.
  static constexpr std::chrono::minutes kMaxSkew{15};
  // The longest a presigned request may hold.
  static constexpr std::chrono::hours kMaxExpiry{7 * 24};

  // The clock must outlive it.
  Authenticator(AccessKeys keys, const Clock& clock, Tokens tokens)
      : keys_(std::move(keys)), clock_(clock), tokens_(tokens) {}

  // Of a request to the API of `service` ("events", "scheduler").
  [[nodiscard]] std::variant<Caller, Denial> verify(const Request& request, std::string_view service) const;
  // Of any other request: a bearer token, or a signature for "events".
  [[nodiscard]] std::variant<Caller, Denial> verify_other(const Request& request) const;

 private:
  struct Signed {
    aws::Authorization authorization;
    std::string amz_date;
    bool is_presigned = false;
  };
  [[nodiscard]] std::variant<Signed, Denial> read(const Request& request) const;
  [[nodiscard]] std::optional<Denial> check_scope(const Signed& what, std::string_view service) const;
  [[nodiscard]] std::optional<Denial> check_time(const Signed& what) const;

  const AccessKeys keys_;
  const Clock& clock_;
  const Tokens tokens_;
};

}  // namespace ebagent::server
