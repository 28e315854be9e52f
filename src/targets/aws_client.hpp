#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "aws/credential_source.hpp"
#include "aws/endpoints.hpp"
#include "aws/sigv4.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "http/client.hpp"

namespace ebagent::targets {

// One request to a service, before it has an endpoint and a signature.
struct AwsCall {
  aws::Service service;
  std::string region;
  std::string path = "/";  // percent-encoded
  std::string query = {};
  http::Headers headers = {};
  std::string body = {};
};

// Why a service did not do what it was asked.
struct AwsRefusal {
  std::string code;  // as the service names the error, "QueueDoesNotExist"; empty when it did not answer
  delivery::SendOutcome outcome;
};

// The body of a successful answer, or why there is none.
using AwsAnswer = std::variant<std::string, AwsRefusal>;

// Signs requests to AWS services and sends them where the endpoints say. Endpoints of this machine take the keys
// test/test when there are no others, as the emulators that listen there do. Thread safety: call() may be called from any
// thread.
class AwsClient {
 public:
  // The references must outlive it.
  AwsClient(http::Client& http, aws::Endpoints endpoints, aws::CredentialChain& credentials,
            const Clock& clock)
      : http_(http), endpoints_(std::move(endpoints)), credentials_(credentials), clock_(clock) {}

  [[nodiscard]] AwsAnswer call(const AwsCall& call);

  // The JSON protocols: POST / with X-Amz-Target; `version` is "1.0" or "1.1".
  [[nodiscard]] AwsAnswer call_json(aws::Service service, const std::string& region, std::string_view version,
                                    std::string_view target, std::string body);

  // Where the service is reached; nullopt when no endpoint is set.
  [[nodiscard]] std::optional<std::string> endpoint(aws::Service service, std::string_view region) const {
    return endpoints_.url(service, region);
  }

 private:
  [[nodiscard]] Result<aws::Credentials> credentials_for(const std::string& endpoint);

  http::Client& http_;
  const aws::Endpoints endpoints_;
  aws::CredentialChain& credentials_;
  const Clock& clock_;
};

}  // namespace ebagent::targets
