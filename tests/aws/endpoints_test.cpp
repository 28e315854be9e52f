#include "aws/endpoints.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ebagent::aws {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Endpoints> endpoints(const std::vector<std::string>& options, Variables variables = {}) {
  return Endpoints::from(options, [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string{} : found->second;
  });
}

std::string url(const Result<Endpoints>& endpoints, Service service, std::string_view region = "eu-west-1") {
  return endpoints.value().url(service, region).value_or("none");
}

TEST(Endpoints, NothingIsReachedUnlessItIsSet) {
  const auto none = endpoints({});

  EXPECT_EQ(url(none, Service::Sqs), "none");
  EXPECT_TRUE(none.value().is_empty());
  EXPECT_NE(Endpoints::how_to_set(Service::Sqs).find("--aws-endpoint SQS=URL"), std::string::npos);
}

TEST(Endpoints, TheNearestSettingWins) {
  const Variables variables{{"AWS_ENDPOINT_URL", "http://env"},
                            {"AWS_ENDPOINT_URL_SQS", "http://env-sqs"},
                            {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://env-logs/"}};

  EXPECT_EQ(url(endpoints({}, variables), Service::Sns), "http://env");
  EXPECT_EQ(url(endpoints({}, variables), Service::Sqs), "http://env-sqs");
  EXPECT_EQ(url(endpoints({}, variables), Service::Logs), "http://env-logs");
  EXPECT_EQ(url(endpoints({"sqs=http://option"}, variables), Service::Sqs), "http://option");
  EXPECT_EQ(url(endpoints({"sqs=http://option"}, variables), Service::Sns), "http://env");
  EXPECT_EQ(url(endpoints({"http://all"}, variables), Service::Sqs), "http://all");
  EXPECT_EQ(url(endpoints({"http://all", "SQS=http://one?a=b"}, variables), Service::Sqs), "http://one?a=b");
}

TEST(Endpoints, TheEnvironmentCanBeSwitchedOff) {
  EXPECT_EQ(url(endpoints({}, {{"AWS_ENDPOINT_URL", "http://env"},
                               {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}}),
                Service::Sqs),
            "none");
}

TEST(Endpoints, TheServersOwnAddressIsNotWhereItsTargetsAre) {
  auto own = endpoints({}, {{"AWS_ENDPOINT_URL", "http://localhost:4010/"}});
  auto other = endpoints({"SQS=http://localhost:4010"}, {{"AWS_ENDPOINT_URL", "http://localhost:4566"}});

  own.value().leave_out_own(4010);
  other.value().leave_out_own(4010);

  EXPECT_EQ(url(own, Service::Sqs), "none");
  EXPECT_EQ(url(other, Service::Sns), "http://localhost:4566");
  EXPECT_EQ(url(other, Service::Sqs), "http://localhost:4010");
}

TEST(Endpoints, AwsItselfIsReachedWhereItIsAskedFor) {
  const auto real = endpoints({"SFN=aws", "LOGS=aws"});

  EXPECT_EQ(url(real, Service::Sfn), "https://states.eu-west-1.amazonaws.com");
  EXPECT_EQ(url(real, Service::Logs, "cn-north-1"), "https://logs.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(url(real, Service::Sqs), "none");
}

TEST(Endpoints, WhatIsNoEndpointIsRefusedByName) {
  EXPECT_NE(endpoints({"S3=http://x"}).error().message.find("no service S3"), std::string::npos);
  EXPECT_NE(endpoints({"SQS=localhost:9324"}).error().message.find("--aws-endpoint SQS=localhost:9324"),
            std::string::npos);
  EXPECT_NE(endpoints({}, {{"AWS_ENDPOINT_URL_SNS", "x"}}).error().message.find("AWS_ENDPOINT_URL_SNS"),
            std::string::npos);
}

}  // namespace
}  // namespace ebagent::aws
