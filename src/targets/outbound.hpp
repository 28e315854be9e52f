#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "aws/credential_source.hpp"
#include "aws/endpoints.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "http/client.hpp"
#include "targets/aws_client.hpp"

namespace ebagent::targets {

struct OutboundSettings {
  aws::Endpoints endpoints = {};
  std::optional<std::filesystem::path> file_targets =
      {};  // folder below which file: targets may write; absent: none
  enum class HttpTargets { Closed, Open } http_targets = HttpTargets::Open;
};

// All that a server sends to targets outside of it: owns the client of the AWS services and registers the senders.
class Outbound {
 public:
  // The references must outlive it.
  Outbound(http::Client& http, std::vector<std::unique_ptr<aws::CredentialSource>> credentials,
           OutboundSettings settings, const Clock& clock);

  // Registers a sender for every kind of target: AWS services, http, https, file, stdout. `agents` serves the functions
  // that are agents of this server. NotFound when the folder for files does not exist.
  [[nodiscard]] Result<void> serve(delivery::SenderTable& senders,
                                   std::shared_ptr<delivery::TargetSender> agents);

  [[nodiscard]] AwsClient& aws() { return aws_; }

 private:
  http::Client& http_;
  const OutboundSettings settings_;
  aws::CredentialChain credentials_;
  AwsClient aws_;
};

}  // namespace ebagent::targets
