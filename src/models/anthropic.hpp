#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aws/environment.hpp"
#include "ebagent/model_settings.hpp"
#include "models/key_reference.hpp"
#include "models/protocol.hpp"

namespace ebagent::models {

// Anthropic's Messages API. Source: https://docs.claude.com/en/api/messages, …/messages-streaming, …/errors
class AnthropicProtocol final : public Protocol {
 public:
  // InvalidArgument for a URL or a key's reference that cannot be.
  [[nodiscard]] static Result<std::unique_ptr<const Protocol>> make(const ModelSettings& settings,
                                                                    const aws::Environment& environment);

  [[nodiscard]] std::string_view service() const override { return service_; }
  [[nodiscard]] std::string body(const Conversation& conversation, const Dialect& dialect) const override;
  [[nodiscard]] Result<http::Request> request(std::string body) const override;
  [[nodiscard]] std::unique_ptr<StreamReader> stream_reader(const OnText& on_text) const override;
  [[nodiscard]] Attempt read(std::string_view body) const override;
  [[nodiscard]] ServiceError error_of(const http::Response& response) const override;
  void concede(const ServiceError& error, Dialect& dialect) const override;

 private:
  AnthropicProtocol() = default;

  ModelSettings settings_;
  aws::Environment environment_;
  KeyReference key_;
  std::string url_;
  std::string service_;
};

}  // namespace ebagent::models
