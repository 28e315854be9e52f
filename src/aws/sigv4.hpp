#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

// AWS Signature Version 4 as pure functions: a client signs with them, a server computes with them what a caller should
// have signed. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
namespace ebagent::aws {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
// In place of the payload's hash, where a service allows that (S3, presigned URLs).
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// What a signature holds for.
struct CredentialScope {
  std::string date = {};  // "20261124", the day of the request in UTC
  std::string region = {};
  std::string service = {};

  // "20261124/us-east-1/sqs/aws4_request"
  [[nodiscard]] std::string text() const;
  bool operator==(const CredentialScope&) const = default;
};

// A request as it goes over the wire.
struct RequestToSign {
  std::string_view method;
  std::string_view path;          // percent-encoded, without the query; empty stands for "/"
  std::string_view query = {};    // percent-encoded, without the '?'
  const Headers& headers;         // those that are signed and no others; a name may come several times
  std::string_view payload_hash;  // lower-case hexadecimal SHA-256 of the body, or kUnsignedPayload
};

// The path is normalised (dot segments, repeated slashes) and encoded once more, but for S3, which takes it as it is.
[[nodiscard]] std::string canonical_path(std::string_view path, std::string_view service);

// Sorted by name, then value, each encoded anew. X-Amz-Signature, which signs the others, is left out.
[[nodiscard]] std::string canonical_query(std::string_view query);

// Names of `headers` as SignedHeaders lists them: lower case, sorted, each once, joined by ';'.
[[nodiscard]] std::string signed_headers(const Headers& headers);

[[nodiscard]] std::string canonical_request(const RequestToSign& request, std::string_view service);

// `amz_date` as X-Amz-Date carries it: "20261124T112904Z".
[[nodiscard]] std::string string_to_sign(std::string_view canonical_request, std::string_view amz_date,
                                         const CredentialScope& scope);

// 32 bytes, good for a day; as secret as the key it is made of.
[[nodiscard]] std::string signing_key(std::string_view secret_access_key, const CredentialScope& scope);

// Lower-case hexadecimal.
[[nodiscard]] std::string signature(std::string_view signing_key, std::string_view string_to_sign);

// Takes the same time wherever the two differ.
[[nodiscard]] bool is_same_signature(std::string_view one, std::string_view other);

// "20261124T112904Z"
[[nodiscard]] std::string amz_date(TimePoint time);

// What a client adds to its request: X-Amz-Date, X-Amz-Security-Token for temporary credentials, Authorization.
// `request.headers` holds `host` and all else that is to be signed.
[[nodiscard]] Headers sign(const RequestToSign& request, const Credentials& credentials,
                           std::string_view region, std::string_view service, TimePoint now);

// What a caller says about its signature, in the Authorization header or in the query of a presigned URL.
struct Authorization {
  std::string access_key_id = {};
  CredentialScope scope = {};
  std::vector<std::string> signed_headers = {};  // lower case
  std::string signature = {};
  // Of presigned URLs; a signed header says the rest in headers of its own.
  std::string amz_date = {};
  std::string security_token = {};
  std::string expires = {};  // seconds, as written
};

// Both return Malformed, saying which part is missing or wrong.
[[nodiscard]] Result<Authorization> parse_authorization(std::string_view header);
[[nodiscard]] Result<Authorization> parse_presigned_query(std::string_view query);

}  // namespace ebagent::aws
