#include "server/authenticator.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/ids.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::server {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kKey = "AKIDEXAMPLE";
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kToken = "a-token-of-some-length";
constexpr std::string_view kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and "
    "signing method. Consult the service documentation for details.";

// Requests signed by this project's own signer, which is held against botocore's; then changed on the way.
class AuthenticatorTest : public ::testing::Test {
 protected:
  struct Sent {
    std::string method = "POST";
    std::string target = "/";
    std::string body = R"({"Entries":[]})";
    aws::Headers headers = {{"host", "events.example.com:4010"}, {"x-amz-target", "AWSEvents.PutEvents"}};
    aws::Headers unsigned_headers = {};
    std::string key{kKey};
    std::string secret{kSecret};
    std::string token = {};
    std::string service = "events";
    std::string payload_hash = {};
    std::chrono::seconds skew{0};
  };

  Request request(const Sent& sent) const {
    Request made;
    made.method = sent.method;
    made.target = sent.target;
    made.body = sent.body;
    const std::string hash = sent.payload_hash.empty() ? core::sha256_hex(sent.body) : sent.payload_hash;
    const auto added =
        aws::sign({.method = sent.method, .path = sent.target, .headers = sent.headers, .payload_hash = hash},
                  {.access_key_id = sent.key, .secret_access_key = sent.secret, .session_token = sent.token},
                  "eu-central-1", sent.service, clock_.now() + sent.skew);
    for (const auto* headers : {&sent.headers, &sent.unsigned_headers, &added}) {
      for (const auto& [name, value] : *headers) made.headers.add(name, value);
    }
    return made;
  }
  // "account/region" of who calls, or "status Type: message".
  static std::string told(const std::variant<Caller, Denial>& outcome) {
    if (const auto* caller = std::get_if<Caller>(&outcome)) return caller->account + "/" + caller->region;
    const auto& denial = std::get<Denial>(outcome);
    return std::to_string(denial.status) + " " + denial.type + ": " + denial.message;
  }
  std::string verify(const Request& what) const { return told(authenticator_.verify(what, "events")); }
  std::string verify(const Sent& sent) const { return verify(request(sent)); }

  static AccessKeys keys() {
    return AccessKeys::parse(
               "AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY 123456789012\n"
               "NOACCOUNT another-secret-of-length\n"
               "210987654321 a-third-secret-of-length\n"
               "Bearer a-token-of-some-length 123456789012\n",
               "keys")
        .value();
  }

  ebagent::testing::ManualClock clock_;
  Authenticator authenticator_{keys(), clock_, Authenticator::Tokens::OverTlsOnly};
};

TEST_F(AuthenticatorTest, KnowsACallerByItsSignature) {
  EXPECT_EQ(verify(Sent{}), "123456789012/eu-central-1");
  EXPECT_EQ(verify(Sent{.key = "NOACCOUNT", .secret = "another-secret-of-length"}), "/eu-central-1");
  EXPECT_EQ(verify(Sent{.key = "210987654321", .secret = "a-third-secret-of-length"}),
            "210987654321/eu-central-1");
}

TEST_F(AuthenticatorTest, RefusesAWrongSecretAndAnUnknownKey) {
  EXPECT_EQ(verify(Sent{.secret = "another-secret-of-length"}),
            "403 InvalidSignatureException: " + std::string{kMismatch});
  EXPECT_EQ(verify(Sent{.key = "UNKNOWN"}),
            "403 UnrecognizedClientException: The security token included in the request is invalid.");
  EXPECT_EQ(verify(Sent{.token = "a session"}),
            "403 UnrecognizedClientException: The security token included in the request is invalid.");
}

TEST_F(AuthenticatorTest, RefusesWhatWasChangedOnTheWay) {
  const std::string mismatch = "403 InvalidSignatureException: " + std::string{kMismatch};
  Request method = request({});
  method.method = "PUT";
  Request path = request({});
  path.target = "/other";
  Request query = request({});
  query.target = "/?a=1";
  Request body = request({});
  body.body += ' ';
  EXPECT_EQ(verify(method), mismatch);
  EXPECT_EQ(verify(path), mismatch);
  EXPECT_EQ(verify(query), mismatch);
  EXPECT_EQ(verify(body), mismatch);

  const Request whole = request({});
  for (const std::string_view changed : {"host", "x-amz-target"}) {
    Request tampered;
    tampered.method = whole.method;
    tampered.target = whole.target;
    tampered.body = whole.body;
    whole.headers.each([&](std::string_view name, std::string_view value) {
      tampered.headers.add(name, name == changed ? "elsewhere" : value);
    });
    EXPECT_EQ(verify(tampered), mismatch) << changed;
    tampered.headers.add(changed, "a second one");
    EXPECT_EQ(verify(tampered), mismatch) << changed;
  }
}

TEST_F(AuthenticatorTest, RefusesASecondHeaderBesideASignedOne) {
  Request doubled = request({});
  doubled.headers.add("X-Amz-Target", "AWSEvents.DeleteRule");

  EXPECT_EQ(verify(doubled), "403 InvalidSignatureException: " + std::string{kMismatch});
}

TEST_F(AuthenticatorTest, WantsTheHostAndAllAmazonHeadersSigned) {
  EXPECT_EQ(verify(Sent{.headers = {{"x-amz-target", "AWSEvents.PutEvents"}},
                        .unsigned_headers = {{"Host", "events.example.com"}}}),
            "403 InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(
      verify(Sent{.headers = {{"host", "h"}}, .unsigned_headers = {{"X-Amz-Target", "AWSEvents.PutEvents"}}}),
      "403 InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(verify(Sent{.unsigned_headers = {{"Accept", "*/*"}}}), "123456789012/eu-central-1");
}

TEST_F(AuthenticatorTest, TakesClocksThatAreOffByAQuarterOfAnHour) {
  EXPECT_EQ(verify(Sent{.skew = 15min}), "123456789012/eu-central-1");
  EXPECT_EQ(verify(Sent{.skew = -15min}), "123456789012/eu-central-1");
  EXPECT_EQ(verify(Sent{.skew = 15min + 1s}),
            "403 InvalidSignatureException: Signature not yet current: 20260126T161501Z is still later than "
            "20260126T161500Z (20260126T160000Z + 15 min.)");
  EXPECT_EQ(verify(Sent{.skew = -15min - 1s}),
            "403 InvalidSignatureException: Signature expired: 20260126T154459Z is now earlier than "
            "20260126T154500Z (20260126T160000Z - 15 min.)");
}

TEST_F(AuthenticatorTest, RefusesARequestThatIsSentAgainLater) {
  const Request recorded = request({});
  EXPECT_EQ(verify(recorded), "123456789012/eu-central-1");

  clock_.advance(16min);

  EXPECT_NE(verify(recorded).find("Signature expired"), std::string::npos);
}

TEST_F(AuthenticatorTest, HoldsTheDateOfTheScopeAgainstThatOfTheRequest) {
  Request redated;
  const Request whole = request(Sent{.skew = -24h});
  redated.method = whole.method;
  redated.target = whole.target;
  redated.body = whole.body;
  whole.headers.each([&](std::string_view name, std::string_view value) {
    redated.headers.add(name, name == "X-Amz-Date" ? aws::amz_date(clock_.now()) : std::string{value});
  });

  EXPECT_EQ(verify(redated),
            "403 InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 "
            "version of "
            "date from HTTP: '20260125' != '20260126'.");
}

TEST_F(AuthenticatorTest, RefusesASignatureForAnotherService) {
  EXPECT_EQ(verify(Sent{.service = "sqs"}),
            "403 InvalidSignatureException: Credential should be scoped to correct service: 'events'.");
  EXPECT_EQ(told(authenticator_.verify(request(Sent{.service = "scheduler"}), "scheduler")),
            "123456789012/eu-central-1");
}

TEST_F(AuthenticatorTest, TellsWhatIsMissing) {
  Request bare;
  bare.method = "POST";
  bare.target = "/";
  EXPECT_EQ(verify(bare), "403 MissingAuthenticationTokenException: Missing Authentication Token");

  for (const std::string_view header :
       {"Basic dTpw", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA512 Credential=x"}) {
    Request odd = bare;
    odd.headers.add("Authorization", header);
    EXPECT_TRUE(verify(odd).starts_with("403 IncompleteSignatureException: ")) << verify(odd);
  }

  Request undated = bare;
  undated.headers.add("Host", "h");
  undated.headers.add("Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260126/r/events/aws4_request, "
                      "SignedHeaders=host, Signature=" +
                          std::string(64, '0'));
  EXPECT_EQ(verify(undated),
            "403 IncompleteSignatureException: Authorization header requires existence of the header "
            "'X-Amz-Date'.");
  undated.headers.add("X-Amz-Date", "20260126Tnonsense");
  EXPECT_TRUE(verify(undated).starts_with("403 IncompleteSignatureException: Date must be in ISO-8601"));
}

TEST_F(AuthenticatorTest, TakesAnUnsignedBodyOverTlsOnly) {
  const Sent sent{.headers = {{"host", "h"}, {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}},
                  .payload_hash = "UNSIGNED-PAYLOAD"};
  Request encrypted = request(sent);
  encrypted.is_encrypted = true;

  EXPECT_EQ(verify(sent),
            "403 InvalidSignatureException: An unsigned payload (UNSIGNED-PAYLOAD) is taken over TLS only.");
  EXPECT_EQ(verify(encrypted), "123456789012/eu-central-1");
}

TEST_F(AuthenticatorTest, HoldsTheSaidHashOfTheBodyAgainstTheBody) {
  const std::string other = core::sha256_hex("another body");

  EXPECT_EQ(
      verify(Sent{.headers = {{"host", "h"}, {"x-amz-content-sha256", other}}, .payload_hash = other}),
      "403 InvalidSignatureException: The provided 'x-amz-content-sha256' header does not match what was "
      "computed.");
  const std::string own = core::sha256_hex(Sent{}.body);
  EXPECT_EQ(verify(Sent{.headers = {{"host", "h"}, {"x-amz-content-sha256", own}}}),
            "123456789012/eu-central-1");
}

TEST_F(AuthenticatorTest, RefusesBodiesSignedInChunks) {
  const std::string streaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

  EXPECT_EQ(verify(Sent{.headers = {{"host", "h"}, {"x-amz-content-sha256", streaming}},
                        .payload_hash = streaming}),
            "403 InvalidSignatureException: A body signed in chunks (STREAMING-AWS4-HMAC-SHA256-PAYLOAD) is "
            "not taken "
            "here: sign the whole body.");
}

TEST_F(AuthenticatorTest, IgnoresASecondCredentialInTheHeader) {
  Request forged;
  const Request whole = request(Sent{.key = "NOACCOUNT", .secret = "another-secret-of-length"});
  forged.method = whole.method;
  forged.target = whole.target;
  forged.body = whole.body;
  whole.headers.each([&](std::string_view name, std::string_view value) {
    std::string text{value};
    if (name == "Authorization") {
      text.insert(text.find("Credential="),
                  "Credential=123456789012/20260126/us-east-1/events/aws4_request, ");
    }
    forged.headers.add(name, text);
  });

  const std::string outcome = verify(forged);

  EXPECT_EQ(outcome.find("123456789012"), std::string::npos) << outcome;
}

class PresignedTest : public AuthenticatorTest {
 protected:
  // A presigned request to the health of an order; `expires` as it stands in the query.
  Request presigned(const std::string& expires, std::chrono::seconds skew = 0s) const {
    const std::string date = aws::amz_date(clock_.now() + skew);
    const aws::CredentialScope scope{.date = date.substr(0, 8), .region = "us-east-1", .service = "events"};
    const std::string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F" +
                              scope.date + "%2Fus-east-1%2Fevents%2Faws4_request&X-Amz-Date=" + date +
                              "&X-Amz-Expires=" + expires + "&X-Amz-SignedHeaders=host%3Bx-amz-target";
    const aws::Headers headers{{"host", "h"}, {"x-amz-target", "AWSEvents.ListRules"}};
    const std::string canonical = aws::canonical_request({.method = "POST",
                                                          .path = "/",
                                                          .query = query,
                                                          .headers = headers,
                                                          .payload_hash = core::sha256_hex("{}")},
                                                         "events");
    Request made;
    made.method = "POST";
    made.target =
        "/?" + query + "&X-Amz-Signature=" +
        aws::signature(aws::signing_key(kSecret, scope), aws::string_to_sign(canonical, date, scope));
    made.body = "{}";
    for (const auto& [name, value] : headers) made.headers.add(name, value);
    return made;
  }
};

TEST_F(PresignedTest, HoldsAsLongAsItSays) {
  EXPECT_EQ(verify(presigned("3600", -59min)), "123456789012/us-east-1");
  EXPECT_NE(verify(presigned("3600", -61min)).find("Signature expired"), std::string::npos);
  EXPECT_NE(verify(presigned("3600", 16min)).find("not yet current"), std::string::npos);
}

TEST_F(PresignedTest, HoldsForAWeekAtMost) {
  EXPECT_EQ(verify(presigned("604800", -6 * 24h)), "123456789012/us-east-1");
  for (const std::string expires : {"604801", "0", "-1", "x", "", "99999999999999999999"}) {
    EXPECT_EQ(
        verify(presigned(expires)),
        "403 IncompleteSignatureException: X-Amz-Expires must be a number of seconds between 1 and 604800.")
        << expires;
  }
}

TEST_F(PresignedTest, RefusesAChangedQuery) {
  Request changed = presigned("60");
  changed.target += "&more=1";

  EXPECT_EQ(verify(changed), "403 InvalidSignatureException: " + std::string{kMismatch});
}

TEST_F(AuthenticatorTest, TakesABearerTokenForOtherEndpointsOverTls) {
  Request with_token;
  with_token.method = "POST";
  with_token.target = "/cloudevents";
  with_token.headers.add("Authorization", "Bearer " + std::string{kToken});
  EXPECT_EQ(told(authenticator_.verify_other(with_token)),
            "403 AccessDeniedException: A bearer token is taken over TLS only.");

  with_token.is_encrypted = true;

  EXPECT_EQ(told(authenticator_.verify_other(with_token)), "123456789012/");
  EXPECT_TRUE(verify(with_token).starts_with("403 IncompleteSignatureException"));
  const Authenticator on_loopback{keys(), clock_, Authenticator::Tokens::Always};
  with_token.is_encrypted = false;
  EXPECT_EQ(told(on_loopback.verify_other(with_token)), "123456789012/");
}

TEST_F(AuthenticatorTest, RefusesAnUnknownTokenAndNone) {
  Request none;
  none.method = "POST";
  none.target = "/cloudevents";
  none.is_encrypted = true;
  EXPECT_TRUE(told(authenticator_.verify_other(none)).starts_with("401 MissingAuthenticationTokenException"));

  none.headers.add("Authorization", "Bearer a-token-of-some-lengtH");
  EXPECT_EQ(told(authenticator_.verify_other(none)),
            "401 AccessDeniedException: The bearer token is not known.");
  EXPECT_EQ(told(authenticator_.verify_other(request({}))), "123456789012/eu-central-1");
}

}  // namespace
}  // namespace ebagent::server
