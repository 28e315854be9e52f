#include "agent/journalled_run.hpp"

#include "core/json.hpp"

namespace ebagent::agent {

Result<boost::json::value> JournalledRun::call(std::string_view tool, const boost::json::value& arguments) {
  return std::move(calls_.make({{.tool = std::string(tool), .input = arguments}}).front());
}

Result<std::string> JournalledRun::put_event(std::string_view source, std::string_view detail_type,
                                             std::string_view detail_json) {
  check_time(context_);
  boost::json::object input{{"source", boost::json::string_view(source.data(), source.size())},
                            {"detail-type", boost::json::string_view(detail_type.data(), detail_type.size())},
                            {"detail", boost::json::string_view(detail_json.data(), detail_json.size())}};
  // The event's id follows from the step's key, so putting it again changes nothing.
  const StepRequest request{.name = journal_.name_step("put_event"),
                            .kind = "event",
                            .effect = Effect::Idempotent,
                            .input = core::write_json(input)};
  auto id = journal_.perform(
      request, [&](const std::string& name, const std::string& key) -> Result<boost::json::value> {
        auto put = tool_context(context_, journal_, name, key).put_event(source, detail_type, detail_json);
        if (!put) return fail(put.error());
        return boost::json::value(put.value());
      });
  if (!id) return fail(id.error());
  return detail::read_back<std::string>("put_event", id.value());
}

Result<boost::json::value> JournalledRun::do_step(std::string_view name, Effect effect,
                                                  const StepFunction& function) {
  check_time(context_);
  const StepRequest request{
      .name = journal_.name_step(name), .kind = "handler", .effect = effect, .input = "null"};
  return journal_.perform(request, [&](const std::string& step, const std::string& key) {
    return function(tool_context(context_, journal_, step, key));
  });
}

}  // namespace ebagent::agent
