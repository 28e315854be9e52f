#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/environment.hpp"
#include "ebagent/result.hpp"

namespace ebagent::aws {

// The services that requests are sent to.
enum class Service { Sqs, Sns, Lambda, Sfn, Logs, Kinesis, Firehose };

// As options and error texts spell it: "SQS".
[[nodiscard]] std::string_view name_of(Service service);
// As a signature's scope has it: "states" of Sfn.
[[nodiscard]] std::string_view signing_name(Service service);

// Where each service is reached. Nothing is sent to AWS itself unless somebody asked for it by the word "aws".
//
// Of several settings the first wins: SERVICE=URL of the command line, URL of the command line, AWS_ENDPOINT_URL_SERVICE,
// AWS_ENDPOINT_URL; AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true leaves the environment out.
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
class Endpoints {
 public:
  // `options` are texts [SERVICE=]URL or [SERVICE=]aws. InvalidArgument, naming the option or variable, for one that is
  // neither.
  [[nodiscard]] static Result<Endpoints> from(const std::vector<std::string>& options,
                                              const Environment& environment);

  // URL without a slash at its end; nullopt when none is set. `region` chooses among those of AWS.
  [[nodiscard]] std::optional<std::string> url(Service service, std::string_view region) const;

  // Leaves out a setting for all services that is an address of this machine with `port`: a caller's AWS_ENDPOINT_URL,
  // which names the server itself, is not where its targets are.
  void leave_out_own(std::uint16_t port);

  // What to tell someone who needs an endpoint that is not set.
  [[nodiscard]] static std::string how_to_set(Service service);

  // True when nothing is set for any service.
  [[nodiscard]] bool is_empty() const { return urls_.empty(); }

 private:
  // By service name; "" stands for all services. The value "aws" stands for the regional endpoint.
  std::map<std::string, std::string, std::less<>> urls_;
};

}  // namespace ebagent::aws
