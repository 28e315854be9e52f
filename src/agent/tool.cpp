#include "ebagent/tool.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"

namespace ebagent {

std::string_view to_string(Effect effect) {
  switch (effect) {
    case Effect::Read:
      return "read";
    case Effect::Idempotent:
      return "idempotent";
    case Effect::Once:
      break;
  }
  return "once";
}

Result<std::string> ToolContext::put_event(std::string_view source, std::string_view detail_type,
                                           std::string_view detail_json) const {
  auto detail = core::parse_json(detail_json);
  if (!detail)
    return fail(ErrorCode::InvalidArgument, "The detail of the event to put: " + detail.error().message);
  if (!detail.value().is_object()) {
    return fail(ErrorCode::InvalidArgument, "The detail of the event to put is no JSON object.");
  }
  if (source.empty() || detail_type.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "An event to put needs a source and a detail-type that are not empty.");
  }
  if (source.starts_with("aws.")) {
    return fail(ErrorCode::InvalidArgument,
                "The source \"" + std::string(source) +
                    "\" is reserved for AWS; choose one that does not begin with aws.");
  }
  if (call_.chain.hops + 1 > call_.hop_limit) {
    return fail(ErrorCode::LimitExceeded,
                "The chain of events ends here: " + std::to_string(call_.chain.hops) +
                    " agents' events led to this one, and the hop limit is " +
                    std::to_string(call_.hop_limit) + ". Do two agents trigger each other?");
  }
  if (sink_ == nullptr) return fail(ErrorCode::Unsupported, "There is no bus to put events on.");
  Event event;
  event.id = core::uuid_from_name(call_.idempotency_key + "/event/" + std::to_string(events_put_));
  event.source = source;
  event.detail_type = detail_type;
  event.account = event_.account;
  event.region = event_.region;
  event.time = std::chrono::floor<std::chrono::seconds>(clock_.now());
  event.detail = detail_json;
  if (auto put = sink_->put_event(event, {.hops = call_.chain.hops + 1, .trace = call_.chain.trace}); !put)
    return fail(put.error());
  ++events_put_;
  return event.id;
}

Result<std::string> ToolContext::put_event(std::string_view source, std::string_view detail_type,
                                           const boost::json::object& detail) const {
  return put_event(source, detail_type, core::write_json(detail));
}

Tool::Tool(std::string name, std::string description, boost::json::value input_schema, Function function,
           ToolOptions options)
    : parts_(std::make_shared<const Parts>(Parts{.name = std::move(name),
                                                 .description = std::move(description),
                                                 .input_schema = std::move(input_schema),
                                                 .function = std::move(function),
                                                 .options = options})) {}

Result<boost::json::value> Tool::invoke(const boost::json::value& arguments,
                                        const ToolContext& context) const {
  try {
    return parts_->function(arguments, context);
  } catch (const std::exception& error) {
    return fail(ErrorCode::Internal, std::string("The tool threw: ") + error.what());
  } catch (...) {
    return fail(ErrorCode::Internal, "The tool threw something that is no std::exception.");
  }
}

}  // namespace ebagent
