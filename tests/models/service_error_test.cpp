#include "models/service_error.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace ebagent::models {
namespace {

using namespace std::chrono_literals;

struct Case {
  ServiceError error;
  ErrorClass kind;
};

void expect_classes(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(classify(one.error), one.kind)
        << one.error.status << " " << one.error.type << " " << one.error.code << " " << one.error.message;
  }
}

TEST(ErrorClasses, OfBedrock) {
  expect_classes({
      {{429, "ThrottlingException", "", "Too many tokens, please wait before trying again."},
       ErrorClass::Throttled},
      {{429, "ModelNotReadyException", "", ""}, ErrorClass::Unavailable},
      {{503, "ServiceUnavailableException", "", ""}, ErrorClass::Unavailable},
      {{500, "InternalServerException", "", ""}, ErrorClass::Unavailable},
      {{424, "ModelErrorException", "", ""}, ErrorClass::Unavailable},
      {{408, "ModelTimeoutException", "", ""}, ErrorClass::TimedOut},
      {{400, "ValidationException", "", "The value is not valid."}, ErrorClass::Refused},
      {{400, "ValidationException", "", "Input is too long for requested model."}, ErrorClass::ContextFull},
      {{400, "ValidationException", "",
        "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum"},
       ErrorClass::ContextFull},
      {{403, "AccessDeniedException", "", ""}, ErrorClass::Forbidden},
      {{403, "UnrecognizedClientException", "", ""}, ErrorClass::Unauthorized},
      {{403, "ExpiredTokenException", "", ""}, ErrorClass::Unavailable},
      {{404, "ResourceNotFoundException", "", ""}, ErrorClass::NotFound},
      {{400, "ServiceQuotaExceededException", "", ""}, ErrorClass::Quota},
      // In the middle of a stream.
      {{0, "throttlingException", "", ""}, ErrorClass::Throttled},
      {{0, "modelStreamErrorException", "", ""}, ErrorClass::Unavailable},
      {{0, "validationException", "", "Input is too long for requested model."}, ErrorClass::ContextFull},
      {{0, "validationException", "", "no"}, ErrorClass::Refused},
      {{0, "internalServerException", "", ""}, ErrorClass::Unavailable},
      {{0, "somethingNewException", "", ""}, ErrorClass::Unavailable},
  });
}

TEST(ErrorClasses, OfAnthropic) {
  expect_classes({
      {{429, "rate_limit_error", "", ""}, ErrorClass::Throttled},
      {{429, "rate_limit_error", "enforced_spend_limit_reached", ""}, ErrorClass::Quota},
      {{529, "overloaded_error", "", "Overloaded"}, ErrorClass::Overloaded},
      {{500, "api_error", "", ""}, ErrorClass::Unavailable},
      {{504, "timeout_error", "", ""}, ErrorClass::TimedOut},
      {{409, "conflict_error", "", ""}, ErrorClass::Unavailable},
      {{400, "invalid_request_error", "", "max_tokens: Field required"}, ErrorClass::Refused},
      {{400, "invalid_request_error", "", "prompt is too long: 210266 tokens > 200000 maximum"},
       ErrorClass::ContextFull},
      {{400, "invalid_request_error", "",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"},
       ErrorClass::ContextFull},
      {{400, "invalid_request_error", "", "Your credit balance is too low to access the Anthropic API."},
       ErrorClass::Quota},
      {{401, "authentication_error", "", "invalid x-api-key"}, ErrorClass::Unauthorized},
      {{403, "permission_error", "", ""}, ErrorClass::Forbidden},
      {{404, "not_found_error", "", "model: x"}, ErrorClass::NotFound},
      {{413, "request_too_large", "", ""}, ErrorClass::ContextFull},
      {{402, "billing_error", "", ""}, ErrorClass::Quota},
      {{0, "overloaded_error", "", "Overloaded"}, ErrorClass::Overloaded},
      {{0, "invalid_request_error", "", ""}, ErrorClass::Refused},
  });
}

TEST(ErrorClasses, OfOpenAiAndServersThatSpeakAlike) {
  expect_classes({
      {{429, "requests", "rate_limit_exceeded", ""}, ErrorClass::Throttled},
      {{429, "insufficient_quota", "insufficient_quota", ""}, ErrorClass::Quota},
      {{400, "invalid_request_error", "context_length_exceeded", ""}, ErrorClass::ContextFull},
      {{400, "BadRequestError", "", "This model's maximum context length is 8192 tokens."},
       ErrorClass::ContextFull},
      {{400, "exceed_context_size_error", "", ""}, ErrorClass::ContextFull},
      {{500, "server_error", "", "the request exceeds the available context size, try increasing it"},
       ErrorClass::ContextFull},
      {{400, "invalid_request_error", "content_filter", ""}, ErrorClass::Filtered},
      {{401, "invalid_request_error", "invalid_api_key", ""}, ErrorClass::Unauthorized},
      {{404, "invalid_request_error", "model_not_found", ""}, ErrorClass::NotFound},
      {{404, "", "", "model 'x' not found"}, ErrorClass::NotFound},
      {{503, "unavailable_error", "", "Loading model"}, ErrorClass::Unavailable},
      {{500, "server_error", "", ""}, ErrorClass::Unavailable},
      {{501, "not_supported_error", "", "This server does not support tools."}, ErrorClass::Unsupported},
      {{422, "", "", "extra fields"}, ErrorClass::Refused},
      {{502, "", "", ""}, ErrorClass::Unavailable},
      {{301, "", "", ""}, ErrorClass::Refused},
      {{0, "server_error", "", ""}, ErrorClass::Unavailable},
  });
}

TEST(ErrorClasses, OfTheWayThere) {
  EXPECT_EQ(classify(http::Failure::Connect), ErrorClass::Unavailable);
  EXPECT_EQ(classify(http::Failure::Protocol), ErrorClass::Unavailable);
  EXPECT_EQ(classify(http::Failure::Tls), ErrorClass::Unavailable);
  EXPECT_EQ(classify(http::Failure::TimedOut), ErrorClass::TimedOut);
  EXPECT_EQ(classify(http::Failure::TooLarge), ErrorClass::TooLarge);
  EXPECT_EQ(classify(http::Failure::Cancelled), ErrorClass::Cancelled);
  EXPECT_EQ(classify(http::Failure::InvalidRequest), ErrorClass::Refused);
}

TEST(ErrorClasses, OnlyWhatMayPassIsWorthAnotherTryLater) {
  const auto is_worth_it = [](ErrorClass kind) {
    const ErrorCode code = code_of(kind);
    return code == ErrorCode::Unavailable || code == ErrorCode::Overloaded || code == ErrorCode::TimedOut;
  };

  for (const ErrorClass kind :
       {ErrorClass::Throttled, ErrorClass::Overloaded, ErrorClass::Unavailable, ErrorClass::TimedOut}) {
    EXPECT_TRUE(may_pass(kind));
    EXPECT_TRUE(is_worth_it(kind));
  }
  for (const ErrorClass kind :
       {ErrorClass::ContextFull, ErrorClass::Filtered, ErrorClass::Unauthorized, ErrorClass::Forbidden,
        ErrorClass::Quota, ErrorClass::NotFound, ErrorClass::Refused, ErrorClass::Unsupported,
        ErrorClass::TooLarge, ErrorClass::Cancelled}) {
    EXPECT_FALSE(may_pass(kind));
    EXPECT_FALSE(is_worth_it(kind));
  }
  // The next answer of a model may be one; when none was, another try later is not for the runtime to decide.
  EXPECT_TRUE(may_pass(ErrorClass::Garbled));
  EXPECT_EQ(code_of(ErrorClass::Garbled), ErrorCode::Malformed);
}

TEST(RetryHeaders, AreReadInEachForm) {
  const TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 10 / 21} + 7h};
  const auto wait = [&](http::Headers headers) {
    Failure failure;
    read_retry_headers({.status = 429, .headers = std::move(headers)}, now, failure);
    return failure.retry_after;
  };

  EXPECT_EQ(wait({}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "7"}}), Duration{7'000});
  EXPECT_EQ(wait({{"retry-after", "0.5"}}), Duration{500});
  EXPECT_EQ(wait({{"retry-after-ms", "250"}, {"retry-after", "1"}}), Duration{250});
  EXPECT_EQ(wait({{"Retry-After", "Wed, 21 Oct 2026 07:00:30 GMT"}}), Duration{30'000});
  EXPECT_EQ(wait({{"Retry-After", "Wed, 21 Oct 2026 06:00:00 GMT"}}), Duration{0});
  EXPECT_EQ(wait({{"Retry-After", "soon"}}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "-1"}}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "1e99"}}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "nan"}}), std::nullopt);
}

TEST(RetryHeaders, SayWhetherToRetry) {
  for (const std::string text : {"true", "false"}) {
    Failure failure;
    read_retry_headers({.status = 429, .headers = {{"X-Should-Retry", text}}}, {}, failure);
    EXPECT_EQ(failure.should_retry, text == "true");
  }
  Failure failure;
  read_retry_headers({.status = 429, .headers = {{"X-Should-Retry", "maybe"}}}, {}, failure);
  EXPECT_EQ(failure.should_retry, std::nullopt);
}

}  // namespace
}  // namespace ebagent::models
