#pragma once

#include <string>
#include <string_view>

#include "delivery/target_sender.hpp"
#include "http/client.hpp"

// What answers of targets mean for a delivery; docs/targets.md has the table.
namespace ebagent::targets {

// Of a request that got no answer.
[[nodiscard]] delivery::SendOutcome outcome_of(const http::TransportError& error);

// Of an answer of an AWS service that is no success. `code` is the service's own name of the error.
[[nodiscard]] delivery::SendOutcome outcome_of_service_error(const http::Response& response,
                                                             std::string_view code, std::string message);

// Of an answer of a plain HTTP target, success or not. `target` names it in the message.
[[nodiscard]] delivery::SendOutcome outcome_of_http_answer(const http::Response& response,
                                                           std::string_view target);

[[nodiscard]] delivery::Fail no_resource(std::string message);
[[nodiscard]] delivery::Fail invalid_parameter(std::string message);

}  // namespace ebagent::targets
