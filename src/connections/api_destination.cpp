#include "connections/api_destination.hpp"

#include "core/json.hpp"

namespace ebagent::connections {

namespace json = boost::json;

std::string api_destination_arn(const bus::Scope& scope, std::string_view name, std::string_view uuid) {
  return "arn:aws:events:" + scope.region + ":" + scope.account + ":api-destination/" + std::string{name} +
         "/" + std::string{uuid};
}

std::string write_api_destination(const ApiDestination& destination) {
  return core::write_json(json::object{{"Account", destination.scope.account},
                                       {"Region", destination.scope.region},
                                       {"Name", destination.name},
                                       {"Arn", destination.arn},
                                       {"Description", destination.description},
                                       {"ConnectionArn", destination.connection_arn},
                                       {"InvocationEndpoint", destination.endpoint},
                                       {"HttpMethod", destination.method},
                                       {"RateLimit", destination.rate_limit},
                                       {"Created", destination.created.time_since_epoch().count()},
                                       {"Modified", destination.modified.time_since_epoch().count()}});
}

Result<ApiDestination> read_api_destination(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  const auto* object = parsed.if_object();
  if (object == nullptr) return fail(ErrorCode::Malformed, "it is no JSON object.");
  ApiDestination destination;
  destination.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")};
  destination.name = core::text_member(*object, "Name");
  destination.arn = core::text_member(*object, "Arn");
  destination.description = core::text_member(*object, "Description");
  destination.connection_arn = core::text_member(*object, "ConnectionArn");
  destination.endpoint = core::text_member(*object, "InvocationEndpoint");
  destination.method = core::text_member(*object, "HttpMethod");
  destination.rate_limit = static_cast<int>(core::integer_member(*object, "RateLimit").value_or(0));
  destination.created = TimePoint{Duration{core::integer_member(*object, "Created").value_or(0)}};
  destination.modified = TimePoint{Duration{core::integer_member(*object, "Modified").value_or(0)}};
  if (destination.name.empty() || destination.arn.empty() || destination.rate_limit < 1) {
    return fail(ErrorCode::Malformed, "it names no API destination.");
  }
  return destination;
}

}  // namespace ebagent::connections
