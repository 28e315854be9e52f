#include "tools/event_log_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "core/json.hpp"

namespace ebagent::tools {
namespace {

// A DynamoDB item has at most 400 KB; what is larger would be refused on AWS and is refused here.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kMaxDetailsBytes = 400 * 1024;

}  // namespace

std::vector<Tool> event_log_tools(std::shared_ptr<EventLog> log) {
  namespace json = boost::json;
  const auto add = [log](Arg<"event_id", std::string, "Id of the event"> event_id,
                         Arg<"details", json::object, "What is worth remembering"> details,
                         const ToolContext& context) -> Result<json::object> {
    std::string text = core::write_json(json::value(*details));
    if (event_id->empty()) return fail(ErrorCode::InvalidArgument, "The event to log has no id.");
    if (text.size() > kMaxDetailsBytes) {
      return fail(ErrorCode::LimitExceeded, fmt::format("The details have {} bytes; at most {} are logged.",
                                                        text.size(), kMaxDetailsBytes));
    }
    const Event& event = context.event();
    BOOST_OUTCOME_TRY(log->add(context.idempotency_key(),
                               {*event_id, event.source, event.detail_type, event.time, std::move(text)},
                               context.now()));
    return json::object{{"event_id", *event_id}, {"logged", true}};
  };
  return {Tool::from("log_event", "Remembers an event and what was done about it", add,
                     {.effect = Effect::Idempotent})};
}

}  // namespace ebagent::tools
