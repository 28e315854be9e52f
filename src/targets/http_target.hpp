#pragma once

#include <string>
#include <utility>

#include "delivery/target_sender.hpp"
#include "http/client.hpp"

namespace ebagent::targets {

// A target whose Arn is an http or https URL: the input is POSTed to it. HttpParameters add headers and a query and fill
// the `*` of the path, as they do for API destinations. The URL's fragment, which is never sent, chooses the form:
// `#cloudevents=binary` or `#cloudevents=structured` sends the event as CloudEvents 1.0. The header Idempotency-Key is the
// same for every attempt at one delivery. A redirect is not followed.
class HttpTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit HttpTarget(http::Client& http) : http_(http) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  http::Client& http_;
};

// A kind of target that this server does not serve; says so.
class ClosedTarget final : public delivery::TargetSender {
 public:
  explicit ClosedTarget(std::string why) : why_(std::move(why)) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery&) override {
    return delivery::Fail{std::string{delivery::kNoResource}, why_};
  }

 private:
  const std::string why_;
};

}  // namespace ebagent::targets
