#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "models/model_ports.hpp"
#include "models/protocol.hpp"

namespace ebagent::models {

// A model behind a service: asks for each turn over HTTP, streaming or not, and tries again what may pass. A turn is whole or
// it is an error: what was cut in its middle is asked for anew.
class ServiceModel final : public Model {
 public:
  // `ports` as make_model() has them.
  ServiceModel(ModelSettings settings, std::unique_ptr<const Protocol> protocol, ModelPorts ports);

  Result<Turn> next(const Conversation& conversation, const TurnRequest& request) const override;
  [[nodiscard]] std::string_view name() const override { return name_; }

 private:
  class Answer;
  [[nodiscard]] Attempt attempt(const std::string& body, const TurnRequest& request) const;
  [[nodiscard]] Attempt send(http::Request request, const TurnRequest& turn) const;
  [[nodiscard]] Attempt refuse(const http::Response& response) const;
  [[nodiscard]] Dialect dialect() const;

  const ModelSettings settings_;
  const std::string name_;
  const std::unique_ptr<const Protocol> protocol_;
  const ModelPorts ports_;
  mutable std::mutex mutex_;
  mutable Dialect dialect_;  // guarded by mutex_
};

}  // namespace ebagent::models
