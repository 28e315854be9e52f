#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/flow/gates.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/app.hpp"

namespace ebagent::agent {

// Delivers events to the agents of an app, under the ARNs that rules written for AWS Lambda name:
// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:ALIAS] is the agent NAME, or the whole app with its own rules
// when NAME is the app's. Region, account and alias are not looked at: there is one app. A target that
// reshapes its input gives the agent the envelope it made, if it is one, or otherwise the original envelope
// and the input beside it (run.input()). The event keeps its id in both cases, so that a constant input does
// not make every delivery the same event.
// An agent's flow control decides when its events become runs. Reached through the app's own ARN, an agent with flow control gets
// a delivery of its own.
// Errors of the event or its payload, limits and unknown outcomes fail for good; all else is retried, which
// resumes only the agents that failed. Thread safety: as delivery::TargetSender.
class AgentTarget final : public delivery::TargetSender {
 public:
  struct Settings {
    flow::Gates::Settings flow = {};
    // Takes deliveries that are leased to this process. Without it, flow control does not hold for the app's own ARN.
    std::function<void(std::vector<store::Delivery>)> hand_over = {};
  };

  // `app` must outlive the target and be set up already.
  explicit AgentTarget(App& app) : AgentTarget(app, Settings{}) {}
  AgentTarget(App& app, Settings settings)
      : app_(app), hand_over_(std::move(settings.hand_over)), gates_(app, std::move(settings.flow)) {}

  // Forgets what it knows of runs and keys, after the store was cleared.
  void forget() { gates_.forget(); }

  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;
  // How the runs ended is on record when the outcome of the delivery is.
  [[nodiscard]] delivery::SendOutcome send_on_record(const store::Delivery& delivery,
                                                     delivery::Record& record) override;
  // A run that is repeated goes on where it stood, and must get what it got.
  [[nodiscard]] delivery::AttemptNumber attempt_number() const override {
    return delivery::AttemptNumber::AlwaysOne;
  }

 private:
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery, delivery::Record* record);

  [[nodiscard]] delivery::SendOutcome send_again(const store::Delivery& delivery, const Event& event,
                                                 const ProcessOptions& options);
  [[nodiscard]] delivery::SendOutcome send_to_app(const store::Delivery& delivery, const Event& event,
                                                  const ProcessOptions& options);
  [[nodiscard]] delivery::SendOutcome send_through_gate(const store::Delivery& delivery,
                                                        const AgentSpec& spec, const Event& event,
                                                        ProcessOptions options);
  [[nodiscard]] Result<void> forward(const store::Delivery& delivery, const std::string& agent);

  App& app_;
  const std::function<void(std::vector<store::Delivery>)> hand_over_;
  flow::Gates gates_;
};

}  // namespace ebagent::agent
