#include "models/service_error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <utility>

namespace ebagent::models {
namespace {

struct NamedClass {
  std::string_view name;
  ErrorClass kind;
};

// Types and codes of errors, whatever their case: Bedrock begins them small in streams.
// Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors,
// https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, https://docs.claude.com/en/api/errors,
// https://platform.openai.com/docs/guides/error-codes; llama.cpp's and vLLM's servers as their sources have them.
constexpr std::array kNames{
    NamedClass{"ThrottlingException", ErrorClass::Throttled},
    NamedClass{"TooManyRequestsException", ErrorClass::Throttled},
    NamedClass{"ServiceUnavailableException", ErrorClass::Unavailable},
    NamedClass{"ServiceUnavailable", ErrorClass::Unavailable},
    NamedClass{"InternalServerException", ErrorClass::Unavailable},
    NamedClass{"InternalFailure", ErrorClass::Unavailable},
    NamedClass{"ModelNotReadyException", ErrorClass::Unavailable},  // a 429 that is no throttling
    NamedClass{"ModelErrorException", ErrorClass::Unavailable},
    NamedClass{"ModelStreamErrorException", ErrorClass::Unavailable},
    NamedClass{"ModelTimeoutException", ErrorClass::TimedOut},
    NamedClass{"ServiceQuotaExceededException", ErrorClass::Quota},
    NamedClass{"ValidationException", ErrorClass::Refused},
    NamedClass{"ResourceNotFoundException", ErrorClass::NotFound},
    NamedClass{"AccessDeniedException", ErrorClass::Forbidden},
    NamedClass{"UnrecognizedClientException", ErrorClass::Unauthorized},
    NamedClass{"InvalidSignatureException", ErrorClass::Unauthorized},
    NamedClass{"IncompleteSignature", ErrorClass::Unauthorized},
    NamedClass{"MissingAuthenticationTokenException", ErrorClass::Unauthorized},
    NamedClass{"ExpiredTokenException", ErrorClass::Unavailable},  // keys that are renewed make these good
    NamedClass{"RequestExpired", ErrorClass::Unavailable},
    NamedClass{"rate_limit_error", ErrorClass::Throttled},
    NamedClass{"overloaded_error", ErrorClass::Overloaded},
    NamedClass{"api_error", ErrorClass::Unavailable},
    NamedClass{"timeout_error", ErrorClass::TimedOut},
    NamedClass{"authentication_error", ErrorClass::Unauthorized},
    NamedClass{"permission_error", ErrorClass::Forbidden},
    NamedClass{"not_found_error", ErrorClass::NotFound},
    NamedClass{"request_too_large", ErrorClass::ContextFull},
    NamedClass{"billing_error", ErrorClass::Quota},
    NamedClass{"enforced_spend_limit_reached", ErrorClass::Quota},
    NamedClass{"rate_limit_exceeded", ErrorClass::Throttled},
    NamedClass{"slow_down", ErrorClass::Overloaded},
    NamedClass{"insufficient_quota", ErrorClass::Quota},
    NamedClass{"billing_hard_limit_reached", ErrorClass::Quota},
    NamedClass{"context_length_exceeded", ErrorClass::ContextFull},
    NamedClass{"exceed_context_size_error", ErrorClass::ContextFull},
    NamedClass{"model_not_found", ErrorClass::NotFound},
    NamedClass{"invalid_api_key", ErrorClass::Unauthorized},
    NamedClass{"content_filter", ErrorClass::Filtered},
    NamedClass{"content_policy_violation", ErrorClass::Filtered},
    NamedClass{"server_error", ErrorClass::Unavailable},
    NamedClass{"unavailable_error", ErrorClass::Unavailable},
    NamedClass{"not_supported_error", ErrorClass::Unsupported},
    NamedClass{"timeout", ErrorClass::TimedOut},
};

// Words, small, of messages whose type says only that the request was refused.
constexpr std::array kWords{
    NamedClass{"input is too long", ErrorClass::ContextFull},       // Bedrock
    NamedClass{"prompt is too long", ErrorClass::ContextFull},      // Anthropic, also by way of Bedrock
    NamedClass{"exceed context limit", ErrorClass::ContextFull},    // Anthropic: input and max_tokens
    NamedClass{"too many input tokens", ErrorClass::ContextFull},   // Bedrock
    NamedClass{"maximum context length", ErrorClass::ContextFull},  // OpenAI, vLLM
    NamedClass{"context length", ErrorClass::ContextFull},
    NamedClass{"context size", ErrorClass::ContextFull},  // llama.cpp
    NamedClass{"context window", ErrorClass::ContextFull},
    NamedClass{"credit balance is too low", ErrorClass::Quota},  // Anthropic
    NamedClass{"api usage limits", ErrorClass::Quota},           // Anthropic
};

struct StatusClass {
  int status;
  ErrorClass kind;
};

constexpr std::array kStatuses{
    StatusClass{401, ErrorClass::Unauthorized}, StatusClass{402, ErrorClass::Quota},
    StatusClass{403, ErrorClass::Forbidden},    StatusClass{404, ErrorClass::NotFound},
    StatusClass{408, ErrorClass::TimedOut},     StatusClass{409, ErrorClass::Unavailable},
    StatusClass{413, ErrorClass::ContextFull},  StatusClass{424, ErrorClass::Unavailable},
    StatusClass{425, ErrorClass::Unavailable},  StatusClass{429, ErrorClass::Throttled},
    StatusClass{501, ErrorClass::Unsupported},  StatusClass{504, ErrorClass::TimedOut},
    StatusClass{529, ErrorClass::Overloaded},
};

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return small(a) == small(b); });
}

std::optional<ErrorClass> by_name(std::string_view name) {
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const NamedClass& known) { return is_same(known.name, name); });
  return found == kNames.end() ? std::nullopt : std::optional{found->kind};
}

std::optional<ErrorClass> by_words(const std::string& message) {
  std::string text = message;
  std::transform(text.begin(), text.end(), text.begin(), small);
  const auto* const found = std::find_if(kWords.begin(), kWords.end(), [&](const NamedClass& known) {
    return text.find(known.name) != std::string::npos;
  });
  return found == kWords.end() ? std::nullopt : std::optional{found->kind};
}

ErrorClass by_status(int status) {
  const auto* const found = std::find_if(kStatuses.begin(), kStatuses.end(),
                                         [&](const StatusClass& known) { return known.status == status; });
  if (found != kStatuses.end()) return found->kind;
  return status >= 500 ? ErrorClass::Unavailable : ErrorClass::Refused;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && value >= 0 && value < 1e9 ? std::optional{value} : std::nullopt;
}

// "Wed, 21 Oct 2026 07:28:00 GMT"
std::optional<TimePoint> http_date(const std::string& text) {
  std::tm parts{};
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return TimePoint{std::chrono::seconds{timegm(&parts)}};
}

}  // namespace

ErrorClass classify(const ServiceError& error) {
  std::optional<ErrorClass> kind = by_name(error.code);
  if (!kind) kind = by_name(error.type);
  const bool is_general = !kind || kind == ErrorClass::Refused || kind == ErrorClass::Unavailable;
  if (is_general && error.status != 429) {
    if (const auto worded = by_words(error.message)) return *worded;
  }
  if (kind) return *kind;
  if (error.status != 0) return by_status(error.status);
  return is_same(error.type, "invalid_request_error") ? ErrorClass::Refused : ErrorClass::Unavailable;
}

ErrorClass classify(http::Failure failure) {
  switch (failure) {
    case http::Failure::InvalidRequest:
      return ErrorClass::Refused;
    case http::Failure::TimedOut:
      return ErrorClass::TimedOut;
    case http::Failure::TooLarge:
      return ErrorClass::TooLarge;
    case http::Failure::Cancelled:
      return ErrorClass::Cancelled;
    case http::Failure::Connect:
    case http::Failure::Tls:
    case http::Failure::Protocol:
      break;
  }
  return ErrorClass::Unavailable;
}

bool may_pass(ErrorClass kind) {
  switch (kind) {
    case ErrorClass::Throttled:
    case ErrorClass::Overloaded:
    case ErrorClass::Unavailable:
    case ErrorClass::TimedOut:
    case ErrorClass::Garbled:
      return true;
    default:
      return false;
  }
}

ErrorCode code_of(ErrorClass kind) {
  switch (kind) {
    case ErrorClass::Throttled:
    case ErrorClass::Overloaded:
      return ErrorCode::Overloaded;
    case ErrorClass::Unavailable:
      return ErrorCode::Unavailable;
    case ErrorClass::TimedOut:
      return ErrorCode::TimedOut;
    case ErrorClass::Garbled:
      return ErrorCode::Malformed;
    case ErrorClass::NotFound:
      return ErrorCode::NotFound;
    case ErrorClass::Quota:
    case ErrorClass::TooLarge:
      return ErrorCode::LimitExceeded;
    case ErrorClass::Unsupported:
      return ErrorCode::Unsupported;
    case ErrorClass::Cancelled:
      return ErrorCode::Conflict;
    case ErrorClass::ContextFull:
    case ErrorClass::Filtered:
    case ErrorClass::Unauthorized:
    case ErrorClass::Forbidden:
    case ErrorClass::Refused:
      break;
  }
  return ErrorCode::InvalidArgument;
}

void read_retry_headers(const http::Response& response, TimePoint now, Failure& failure) {
  const std::string_view should = response.header("x-should-retry");
  if (should == "true" || should == "false") failure.should_retry = should == "true";
  if (const auto ms = number(response.header("retry-after-ms"))) {
    failure.retry_after = Duration{static_cast<Duration::rep>(*ms)};
    return;
  }
  const std::string text{response.header("retry-after")};
  if (const auto seconds = number(text)) {
    failure.retry_after = Duration{static_cast<Duration::rep>(*seconds * 1'000)};
  } else if (const auto date = http_date(text)) {
    failure.retry_after = std::max(Duration{0}, Duration{*date - now});
  }
}

}  // namespace ebagent::models
