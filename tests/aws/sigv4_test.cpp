#include "aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "core/ids.hpp"

namespace ebagent::aws {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 11h + 29min + 4s;

// Made by make_sigv4_vectors.py with botocore's signer.
const json::array& vectors() {
  static const json::value kStored = [] {
    std::ifstream file{std::string{EBAGENT_TEST_DATA} + "/sigv4_vectors.json"};
    return json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
  }();
  return kStored.at("vectors").as_array();
}

std::string text(const json::value& vector, std::string_view name) {
  return std::string{vector.at(name).as_string()};
}

Headers headers_of(const json::value& vector) {
  Headers headers;
  for (const json::value& header : vector.at("headers").as_array()) {
    headers.emplace_back(header.at(0).as_string(), header.at(1).as_string());
  }
  return headers;
}

Credentials credentials_of(const json::value& vector) {
  return {.access_key_id = text(vector, "access_key_id"),
          .secret_access_key = text(vector, "secret_access_key"),
          .session_token = text(vector, "session_token")};
}

CredentialScope scope_of(const json::value& vector) {
  return {.date = "20261124", .region = text(vector, "region"), .service = text(vector, "service")};
}

TEST(SigV4, SignsHundredsOfRequestsAsBotocoreDoes) {
  int signed_requests = 0;
  for (const json::value& vector : vectors()) {
    if (text(vector, "form") != "header") continue;
    SCOPED_TRACE(json::serialize(vector));
    const std::string path = text(vector, "path");
    const std::string query = text(vector, "query");
    const std::string method = text(vector, "method");
    const std::string hash = core::sha256_hex(text(vector, "body"));
    const Headers headers = headers_of(vector);

    const Headers added =
        sign({.method = method, .path = path, .query = query, .headers = headers, .payload_hash = hash},
             credentials_of(vector), text(vector, "region"), text(vector, "service"), kNow);

    EXPECT_EQ(added.front(), (std::pair<std::string, std::string>{"X-Amz-Date", "20261124T112904Z"}));
    EXPECT_EQ(added.size(), text(vector, "session_token").empty() ? 2U : 3U);
    ASSERT_EQ(added.back().first, "Authorization");
    EXPECT_EQ(added.back().second, text(vector, "authorization"));
    ++signed_requests;
  }
  EXPECT_GT(signed_requests, 250);
}

// What a server does: it takes the names of the headers from the caller and computes the rest.
TEST(SigV4, VerifiesWhatBotocoreHasSignedInHeaders) {
  for (const json::value& vector : vectors()) {
    if (text(vector, "form") != "header") continue;
    SCOPED_TRACE(json::serialize(vector));
    const std::string path = text(vector, "path");
    const std::string query = text(vector, "query");
    const std::string method = text(vector, "method");
    const auto authorization = parse_authorization(text(vector, "authorization"));
    ASSERT_TRUE(authorization) << authorization.error().message;
    Headers headers = headers_of(vector);
    headers.emplace_back("x-amz-date", "20261124T112904Z");
    if (const auto token = text(vector, "session_token"); !token.empty()) {
      headers.emplace_back("x-amz-security-token", token);
    }

    const std::string canonical = canonical_request({.method = method,
                                                     .path = path,
                                                     .query = query,
                                                     .headers = headers,
                                                     .payload_hash = text(vector, "payload_hash")},
                                                    authorization.value().scope.service);
    const std::string to_sign = string_to_sign(canonical, "20261124T112904Z", authorization.value().scope);

    EXPECT_EQ(canonical, text(vector, "canonical_request"));
    EXPECT_EQ(to_sign, text(vector, "string_to_sign"));
    EXPECT_EQ(authorization.value().access_key_id, text(vector, "access_key_id"));
    EXPECT_EQ(authorization.value().scope, scope_of(vector));
    EXPECT_TRUE(is_same_signature(
        authorization.value().signature,
        signature(signing_key(text(vector, "secret_access_key"), authorization.value().scope), to_sign)));
  }
}

TEST(SigV4, VerifiesUrlsThatBotocoreHasPresigned) {
  int verified = 0;
  for (const json::value& vector : vectors()) {
    if (text(vector, "form") != "query") continue;
    SCOPED_TRACE(json::serialize(vector));
    const std::string path = text(vector, "path");
    const std::string query = text(vector, "query");
    const std::string method = text(vector, "method");
    const auto authorization = parse_presigned_query(query);
    ASSERT_TRUE(authorization) << authorization.error().message;

    const Headers headers = headers_of(vector);
    const std::string canonical = canonical_request({.method = method,
                                                     .path = path,
                                                     .query = query,
                                                     .headers = headers,
                                                     .payload_hash = text(vector, "payload_hash")},
                                                    text(vector, "service"));
    const std::string to_sign =
        string_to_sign(canonical, authorization.value().amz_date, authorization.value().scope);

    EXPECT_EQ(canonical, text(vector, "canonical_request"));
    EXPECT_EQ(authorization.value().expires, "3600");
    EXPECT_EQ(authorization.value().security_token, text(vector, "session_token"));
    EXPECT_EQ(authorization.value().signature,
              signature(signing_key(text(vector, "secret_access_key"), scope_of(vector)), to_sign));
    ++verified;
  }
  EXPECT_GT(verified, 50);
}

TEST(SigV4, ASignatureHoldsForNothingElse) {
  const Headers headers{{"host", "sqs.us-east-1.amazonaws.com"}};
  const Credentials credentials{.access_key_id = "A", .secret_access_key = "B"};
  const auto signed_as = [&](std::string_view method, std::string_view path, std::string_view query,
                             std::string_view hash, std::string_view region, std::string_view service,
                             TimePoint now) {
    return sign({.method = method, .path = path, .query = query, .headers = headers, .payload_hash = hash},
                credentials, region, service, now)
        .back()
        .second;
  };
  const std::string one = signed_as("POST", "/", "", "h", "us-east-1", "sqs", kNow);

  EXPECT_EQ(one, signed_as("post", "", "", "h", "us-east-1", "sqs", kNow));
  EXPECT_NE(one, signed_as("GET", "/", "", "h", "us-east-1", "sqs", kNow));
  EXPECT_NE(one, signed_as("POST", "/a", "", "h", "us-east-1", "sqs", kNow));
  EXPECT_NE(one, signed_as("POST", "/", "a", "h", "us-east-1", "sqs", kNow));
  EXPECT_NE(one, signed_as("POST", "/", "", "i", "us-east-1", "sqs", kNow));
  EXPECT_NE(one, signed_as("POST", "/", "", "h", "us-east-2", "sqs", kNow));
  EXPECT_NE(one, signed_as("POST", "/", "", "h", "us-east-1", "sns", kNow));
  EXPECT_NE(one, signed_as("POST", "/", "", "h", "us-east-1", "sqs", kNow + 1s));
}

TEST(SigV4, TheCanonicalQueryDoesNotDependOnHowThePairsWereWritten) {
  EXPECT_EQ(canonical_query("b=1&a=%2f&a=%2F&c"), "a=%2F&a=%2F&b=1&c=");
  EXPECT_EQ(canonical_query("a=x+y:z"), "a=x%2By%3Az");
  EXPECT_EQ(canonical_query("X-Amz-Signature=abc&a=1"), "a=1");
  EXPECT_EQ(canonical_query(""), "");
}

TEST(SigV4, OnlyS3TakesThePathAsItIs) {
  EXPECT_EQ(canonical_path("/a/../b//c:d/", "sqs"), "/b/c%3Ad/");
  EXPECT_EQ(canonical_path("/model/x%3A0", "bedrock"), "/model/x%253A0");
  EXPECT_EQ(canonical_path("/a/../b//c:d/", "s3"), "/a/../b//c:d/");
  EXPECT_EQ(canonical_path("/..", "sqs"), "/");
  EXPECT_EQ(canonical_path("", "s3"), "/");
}

TEST(SigV4, AnAuthorizationThatIsIncompleteIsRefusedWithWhatIsMissing) {
  const std::string good =
      "AWS4-HMAC-SHA256 Credential=A/20261124/us-east-1/sqs/aws4_request,SignedHeaders=host;x-amz-date,"
      "Signature=" +
      std::string(64, '0');
  ASSERT_TRUE(parse_authorization(good));
  EXPECT_EQ(parse_authorization(good).value().signed_headers,
            (std::vector<std::string>{"host", "x-amz-date"}));

  EXPECT_FALSE(parse_authorization(""));
  EXPECT_FALSE(parse_authorization("AWS4-HMAC-SHA256"));
  EXPECT_FALSE(parse_authorization("Bearer abc"));
  EXPECT_NE(parse_authorization("AWS4-HMAC-SHA256 Credential=A/20261124/r/s/aws4_request, Signature=0")
                .error()
                .message.find("'SignedHeaders'"),
            std::string::npos);
  for (const char* credential : {"A/20261124/r/s", "A/2026112/r/s/aws4_request", "/20261124/r/s/aws4_request",
                                 "A/20261124/r/s/aws3_request", "A/x/20261124/r/s/aws4_request"}) {
    EXPECT_FALSE(parse_authorization("AWS4-HMAC-SHA256 Credential=" + std::string{credential} +
                                     ", SignedHeaders=host, Signature=" + std::string(64, '0')))
        << credential;
  }
  EXPECT_FALSE(parse_authorization(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(parse_presigned_query("X-Amz-Algorithm=AWS4-HMAC-SHA256"));
}

TEST(SigV4, ComparesSignaturesWhole) {
  EXPECT_TRUE(is_same_signature("abc", "abc"));
  EXPECT_FALSE(is_same_signature("abc", "abd"));
  EXPECT_FALSE(is_same_signature("abc", "ab"));
  EXPECT_FALSE(is_same_signature("", "ab"));
}

}  // namespace
}  // namespace ebagent::aws
