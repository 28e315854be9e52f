#include "targets/outcome.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace ebagent::targets {
namespace {

using delivery::Fail;
using delivery::Retry;
using delivery::SendOutcome;

// A target that wishes for more is asked again after this.
constexpr std::chrono::hours kMaxRetryAfter{1};

// Of an answer's text that goes into an error message.
constexpr std::size_t kMaxQuoted = 300;

// Names of errors, by what they mean, that services share or that one of ours has.
constexpr std::array<std::string_view, 14> kThrottlingCodes{"Throttling",
                                                            "ThrottlingException",
                                                            "ThrottledException",
                                                            "RequestThrottled",
                                                            "RequestThrottledException",
                                                            "TooManyRequestsException",
                                                            "RequestLimitExceeded",
                                                            "ProvisionedThroughputExceededException",
                                                            "SlowDown",
                                                            "OverLimit",
                                                            "EC2ThrottledException",
                                                            "KMSThrottlingException",
                                                            "ExecutionLimitExceeded",
                                                            "KmsThrottled"};
constexpr std::array<std::string_view, 8> kMissingCodes{"ResourceNotFoundException",
                                                        "QueueDoesNotExist",
                                                        "AWS.SimpleQueueService.NonExistentQueue",
                                                        "NotFound",
                                                        "NotFoundException",
                                                        "StateMachineDoesNotExist",
                                                        "StateMachineDeleting",
                                                        "NonExistentQueue"};
constexpr std::array<std::string_view, 13> kPermissionCodes{"AccessDenied",
                                                            "AccessDeniedException",
                                                            "AuthorizationError",
                                                            "AuthorizationErrorException",
                                                            "InvalidClientTokenId",
                                                            "UnrecognizedClientException",
                                                            "SignatureDoesNotMatch",
                                                            "InvalidSignatureException",
                                                            "MissingAuthenticationToken",
                                                            "MissingAuthenticationTokenException",
                                                            "KMSAccessDeniedException",
                                                            "KmsAccessDenied",
                                                            "NotAuthorized"};
// Keys that are renewed make these good.
constexpr std::array<std::string_view, 4> kExpiredCodes{"ExpiredToken", "ExpiredTokenException",
                                                        "RequestExpired", "RequestTimeTooSkewed"};
// Refusals that have nothing to do with what was sent.
constexpr std::array<std::string_view, 6> kTransientCodes{
    "ServiceUnavailable",       "ServiceUnavailableException", "InternalFailure",
    "InternalFailureException", "ResourceConflictException",   "ResourceNotReadyException"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Retry-After in seconds; a date, which no service of ours sends, is passed over.
std::optional<std::chrono::milliseconds> retry_after(const http::Response& response) {
  const std::string_view text = response.header("retry-after");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::min<std::chrono::milliseconds>(std::chrono::seconds{seconds}, kMaxRetryAfter);
}

Retry retry(std::string_view code, std::string message, const http::Response& response, bool is_down) {
  return {.code = std::string{code},
          .message = std::move(message),
          .retry_after = retry_after(response),
          .is_down = is_down};
}

}  // namespace

Fail no_resource(std::string message) {
  return {std::string{delivery::kNoResource}, std::move(message)};
}

Fail invalid_parameter(std::string message) {
  return {std::string{delivery::kInvalidParameter}, std::move(message)};
}

SendOutcome outcome_of(const http::TransportError& error) {
  switch (error.failure) {
    case http::Failure::InvalidRequest:
      return invalid_parameter(error.text);
    case http::Failure::TooLarge:  // it has acted; asking again would only repeat that
      return Fail{std::string{delivery::kErrorFromTarget}, error.text};
    case http::Failure::TimedOut:
      return Retry{.code = std::string{delivery::kTimeout}, .message = error.text, .is_down = true};
    case http::Failure::Connect:
    case http::Failure::Tls:
    case http::Failure::Protocol:
    case http::Failure::Cancelled:  // by the sender, which no target asks for
      break;
  }
  return Retry{.code = std::string{delivery::kConnectionFailure}, .message = error.text, .is_down = true};
}

SendOutcome outcome_of_service_error(const http::Response& response, std::string_view code,
                                     std::string message) {
  if (has(kThrottlingCodes, code) || response.status == 429) {
    return retry(delivery::kThrottling, std::move(message), response, false);
  }
  if (has(kExpiredCodes, code)) return retry(delivery::kNoPermissions, std::move(message), response, false);
  if (has(kTransientCodes, code))
    return retry(delivery::kErrorFromTarget, std::move(message), response, false);
  if (has(kMissingCodes, code)) return no_resource(std::move(message));
  const bool is_refused = response.status == 401 || response.status == 403;
  if (has(kPermissionCodes, code) || is_refused) {
    return Fail{std::string{delivery::kNoPermissions}, std::move(message)};
  }
  if (response.status >= 500) return retry(delivery::kErrorFromTarget, std::move(message), response, true);
  if (response.status == 408) return retry(delivery::kTimeout, std::move(message), response, false);
  if (response.status == 404) return no_resource(std::move(message));
  return invalid_parameter(std::move(message));
}

SendOutcome outcome_of_http_answer(const http::Response& response, std::string_view target) {
  if (response.is_success()) return delivery::Delivered{};
  std::string message = std::string{target} + " answered " + std::to_string(response.status);
  if (!response.body.empty()) message += ": " + response.body.substr(0, kMaxQuoted);
  switch (response.status) {
    case 401:
    case 403:
    case 407:
      return Fail{std::string{delivery::kNoPermissions}, std::move(message)};
    case 404:
    case 410:
      return no_resource(std::move(message));
    case 408:
      return retry(delivery::kTimeout, std::move(message), response, false);
    case 429:
      return retry(delivery::kThrottling, std::move(message), response, false);
    case 409:
    case 425:
      return retry(delivery::kErrorFromTarget, std::move(message), response, false);
    default:
      break;
  }
  if (response.status >= 500) return retry(delivery::kErrorFromTarget, std::move(message), response, true);
  return Fail{std::string{delivery::kErrorFromTarget}, std::move(message)};
}

}  // namespace ebagent::targets
