#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ebagent/model_settings.hpp"
#include "models/key_reference.hpp"
#include "models/model_ports.hpp"
#include "models/protocol.hpp"

namespace ebagent::models {

// Amazon Bedrock's Converse and ConverseStream, signed or with a bearer key.
// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
class BedrockProtocol final : public Protocol {
 public:
  // InvalidArgument for a URL, region or key's reference that cannot be.
  [[nodiscard]] static Result<std::unique_ptr<const Protocol>> make(const ModelSettings& settings,
                                                                    const ModelPorts& ports);

  [[nodiscard]] std::string_view service() const override { return service_; }
  [[nodiscard]] std::string body(const Conversation& conversation, const Dialect& dialect) const override;
  [[nodiscard]] Result<http::Request> request(std::string body) const override;
  [[nodiscard]] std::unique_ptr<StreamReader> stream_reader(const OnText& on_text) const override;
  [[nodiscard]] Attempt read(std::string_view body) const override;
  [[nodiscard]] ServiceError error_of(const http::Response& response) const override;
  void concede(const ServiceError& error, Dialect& dialect) const override;

 private:
  BedrockProtocol(const ModelSettings& settings, const ModelPorts& ports)
      : settings_(settings), ports_(ports) {}

  // Empty when neither settings, model nor environment name one.
  [[nodiscard]] std::string region() const;
  [[nodiscard]] Result<std::string> origin(const std::string& region) const;
  // Nothing when requests are to be signed.
  [[nodiscard]] Result<std::string> bearer_key() const;
  [[nodiscard]] Result<aws::Credentials> credentials(bool is_loopback) const;

  const ModelSettings settings_;
  const ModelPorts ports_;
  KeyReference key_;
  std::string service_;
};

}  // namespace ebagent::models
