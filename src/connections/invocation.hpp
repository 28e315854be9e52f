#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "connections/api_destination.hpp"
#include "ebagent/result.hpp"
#include "http/client.hpp"

namespace ebagent::connections {

// What an invocation of an API destination is made of.
struct Invocation {
  const ApiDestination& destination;
  const boost::json::object& target_parameters;  // HttpParameters of the rule's target
  const boost::json::object&
      connection_parameters;         // the connection's InvocationHttpParameters, secrets included
  http::Headers authorization = {};  // headers that say who asks
  std::string payload = {};          // what the target gets
};

// The request that invokes a destination. Where several say something of one header, query parameter or member of the body,
// the connection's word counts before the target's, and what authorizes before both. The path parameters of the
// target fill the `*` of the endpoint. Body parameters become members of the payload, which must be a JSON object then.
// Errors: InvalidArgument for parameters that do not fit; Malformed for a payload that body parameters cannot join.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
[[nodiscard]] Result<http::Request> make_request(const Invocation& invocation);

// The request that asks for a token with the OAuthParameters of a connection: client credentials in a form in the body,
// or in the query of a GET, with the connection's OAuthHttpParameters beside them.
// Source: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
[[nodiscard]] Result<http::Request> make_token_request(const boost::json::object& oauth);

// "Basic ..." of RFC 7617.
[[nodiscard]] std::string basic_credentials(std::string_view user, std::string_view password);

}  // namespace ebagent::connections
