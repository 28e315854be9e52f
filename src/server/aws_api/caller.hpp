#pragma once

#include "bus/scope.hpp"
#include "server/http_message.hpp"

namespace ebagent::server::aws_api {

// Whom a request speaks for. A verified caller is who it is; where nobody is verified, the SigV4 credential scope
// (Authorization, or X-Amz-Credential as a query parameter or a header) is believed: the scope's region, and the access
// key as the account when it is 12 digits. What the request does not say is taken from `defaults`; so is everything when
// it is not signed. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
[[nodiscard]] bus::Scope caller_scope(const Request& request, const bus::Scope& defaults);

}  // namespace ebagent::server::aws_api
