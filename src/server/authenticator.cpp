#include "server/authenticator.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/time_format.hpp"

namespace ebagent::server {
namespace {

constexpr std::string_view kOwnService = "events";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kStreaming = "STREAMING-";
constexpr std::size_t kAccountDigits = 12;

Denial invalid(std::string message) {
  return {"InvalidSignatureException", std::move(message)};
}
Denial incomplete(std::string message) {
  return {"IncompleteSignatureException", std::move(message)};
}
Denial missing() {
  return {"MissingAuthenticationTokenException", "Missing Authentication Token"};
}
Denial unknown_key() {
  return {"UnrecognizedClientException", "The security token included in the request is invalid."};
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::string_view query_of(std::string_view target) {
  const auto at = target.find('?');
  return at == std::string_view::npos ? std::string_view{} : target.substr(at + 1);
}

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "20261124T112904Z"
std::optional<TimePoint> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::string iso;
  iso.append(text.substr(0, 4)).append("-").append(text.substr(4, 2)).append("-").append(text.substr(6, 2));
  iso.append("T").append(text.substr(9, 2)).append(":").append(text.substr(11, 2)).append(":");
  iso.append(text.substr(13, 2)).append("Z");
  auto time = core::parse_rfc3339(iso);
  if (!time) return std::nullopt;
  return time.value();
}

std::optional<std::chrono::seconds> parse_expiry(std::string_view text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return std::chrono::seconds{number};
}

// The headers that the signature names. Every one must be there, and host and all x-amz- headers be named: what is not
// signed could have been changed on the way.
std::variant<aws::Headers, Denial> signed_headers(const Request& request,
                                                  const std::vector<std::string>& names) {
  const auto is_named = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!is_named("host")) return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  if (!std::is_sorted(names.begin(), names.end(), std::less_equal<>{})) {
    return invalid("The signed headers must be sorted and each named once.");
  }
  aws::Headers headers;
  std::optional<Denial> denial;
  request.headers.each([&](std::string_view name, std::string_view value) {
    const std::string small = lower(name);
    if (is_named(small)) {
      headers.emplace_back(small, value);
    } else if (small.starts_with("x-amz-")) {
      denial = invalid("'" + small + "' must be a 'SignedHeader' in the AWS Authorization.");
    }
  });
  if (denial) return *denial;
  for (const std::string& name : names) {
    if (!request.headers.has(name)) return invalid("The signed header '" + name + "' is not in the request.");
  }
  return headers;
}

// What stands for the body in the signature: its hash, whatever the caller says it is.
std::variant<std::string, Denial> payload_hash(const Request& request) {
  const std::string_view said = request.headers.get("x-amz-content-sha256");
  if (said == aws::kUnsignedPayload) {
    if (request.is_encrypted) return std::string{said};
    return invalid("An unsigned payload (UNSIGNED-PAYLOAD) is taken over TLS only.");
  }
  if (said.starts_with(kStreaming)) {
    return invalid("A body signed in chunks (" + std::string{said.substr(0, 64)} +
                   ") is not taken here: sign the whole body.");
  }
  std::string hash = core::sha256_hex(request.body);
  if (!said.empty() && said != hash) {
    return invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return hash;
}

}  // namespace

std::variant<Authenticator::Signed, Denial> Authenticator::read(const Request& request) const {
  const std::string_view header = request.headers.get("authorization");
  const std::string_view query = query_of(request.target);
  const bool is_presigned = header.empty() && query.find("X-Amz-Signature=") != std::string_view::npos;
  if (header.empty() && !is_presigned) return missing();
  auto parsed = is_presigned ? aws::parse_presigned_query(query) : aws::parse_authorization(header);
  if (!parsed) return incomplete(parsed.error().message);
  Signed what{.authorization = std::move(parsed).value(), .amz_date = {}, .is_presigned = is_presigned};
  what.amz_date = is_presigned ? what.authorization.amz_date : std::string{request.headers.get("x-amz-date")};
  if (what.amz_date.empty())
    return incomplete("Authorization header requires existence of the header 'X-Amz-Date'.");
  // The keys of this server are no temporary ones: a session token belongs to a key that is not known here.
  if (request.headers.has("x-amz-security-token") || !what.authorization.security_token.empty())
    return unknown_key();
  return what;
}

std::optional<Denial> Authenticator::check_scope(const Signed& what, std::string_view service) const {
  const aws::CredentialScope& scope = what.authorization.scope;
  if (scope.service != service) {
    return invalid("Credential should be scoped to correct service: '" + std::string{service} + "'.");
  }
  if (what.amz_date.substr(0, scope.date.size()) != scope.date) {
    return invalid(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
        scope.date + "' != '" + what.amz_date.substr(0, 8) + "'.");
  }
  return std::nullopt;
}

std::optional<Denial> Authenticator::check_time(const Signed& what) const {
  const auto signed_at = parse_amz_date(what.amz_date);
  if (!signed_at) {
    return incomplete("Date must be in ISO-8601 'basic format'. Got '" + what.amz_date.substr(0, 32) +
                      "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
  const TimePoint now = clock_.now();
  if (*signed_at > now + kMaxSkew) {
    return invalid("Signature not yet current: " + what.amz_date + " is still later than " +
                   aws::amz_date(now + kMaxSkew) + " (" + aws::amz_date(now) + " + 15 min.)");
  }
  std::chrono::seconds valid_for = kMaxSkew;
  if (what.is_presigned) {
    const auto expiry = parse_expiry(what.authorization.expires);
    if (!expiry || *expiry > kMaxExpiry)
      return incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800.");
    valid_for = *expiry;
  }
  if (*signed_at + valid_for < now) {
    return invalid("Signature expired: " + what.amz_date + " is now earlier than " +
                   aws::amz_date(now - valid_for) + " (" + aws::amz_date(now) + " - " +
                   std::to_string(valid_for.count() / 60) + " min.)");
  }
  return std::nullopt;
}

std::variant<Caller, Denial> Authenticator::verify(const Request& request, std::string_view service) const {
  auto read_request = read(request);
  if (auto* denial = std::get_if<Denial>(&read_request)) return std::move(*denial);
  const Signed& what = std::get<Signed>(read_request);
  const aws::Authorization& authorization = what.authorization;
  if (auto denial = check_scope(what, service)) return *denial;
  if (auto denial = check_time(what)) return *denial;
  const AccessKeys::Key* key = keys_.key(authorization.access_key_id);
  if (key == nullptr) return unknown_key();
  auto headers = signed_headers(request, authorization.signed_headers);
  if (auto* denial = std::get_if<Denial>(&headers)) return std::move(*denial);
  auto hash = payload_hash(request);
  if (auto* denial = std::get_if<Denial>(&hash)) return std::move(*denial);

  const aws::RequestToSign to_sign{.method = request.method,
                                   .path = path_of(request.target),
                                   .query = query_of(request.target),
                                   .headers = std::get<aws::Headers>(headers),
                                   .payload_hash = std::get<std::string>(hash)};
  const std::string expected = aws::signature(
      aws::signing_key(key->secret, authorization.scope),
      aws::string_to_sign(aws::canonical_request(to_sign, service), what.amz_date, authorization.scope));
  if (!aws::is_same_signature(expected, authorization.signature)) {
    return invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS "
        "Secret Access "
        "Key and signing method. Consult the service documentation for details.");
  }
  // A key of 12 digits names its account where the file does not.
  std::string account = key->account;
  if (account.empty() && is_account(authorization.access_key_id)) account = authorization.access_key_id;
  return Caller{.account = std::move(account), .region = authorization.scope.region};
}

std::variant<Caller, Denial> Authenticator::verify_other(const Request& request) const {
  const std::string_view header = request.headers.get("authorization");
  if (header.starts_with(kBearer)) {
    if (tokens_ == Tokens::OverTlsOnly && !request.is_encrypted)
      return Denial{"AccessDeniedException", "A bearer token is taken over TLS only."};
    const AccessKeys::Token* token = keys_.token(header.substr(kBearer.size()));
    if (token == nullptr) return Denial{"AccessDeniedException", "The bearer token is not known.", 401};
    return Caller{.account = token->account, .region = {}};
  }
  auto verified = verify(request, kOwnService);
  if (auto* denial = std::get_if<Denial>(&verified); denial != nullptr && *denial == missing()) {
    return Denial{denial->type, "A bearer token or a signature is needed (see docs/security.md).", 401};
  }
  return verified;
}

}  // namespace ebagent::server
