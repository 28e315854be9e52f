#include "tools/event_tools.hpp"

#include <boost/json.hpp>

namespace ebagent::tools {

std::vector<Tool> event_tools() {
  namespace json = boost::json;
  return {Tool::from("put_event", "Puts an event on the bus",
                     [](Arg<"source", std::string, "Who says it, e.g. myapp.orders"> source,
                        Arg<"detail_type", std::string, "What happened, e.g. Order Placed"> detail_type,
                        Arg<"detail", json::object, "The particulars"> detail,
                        const ToolContext& context) -> Result<json::object> {
                       BOOST_OUTCOME_TRY(auto id, context.put_event(*source, *detail_type, *detail));
                       return json::object{{"event_id", std::move(id)}};
                     },
                     {.effect = Effect::Idempotent})};
}

}  // namespace ebagent::tools
