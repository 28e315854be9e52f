#include "tools/scaling_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

namespace ebagent::tools {
namespace {

namespace json = boost::json;

json::object described(const Capacity& capacity) {
  json::object result{
      {"group", capacity.group}, {"desired", capacity.desired}, {"min", capacity.min}, {"max", capacity.max}};
  if (capacity.is_simulated) result["simulated"] = true;
  return result;
}

// "group web from 2 to 3 instances (simulated)"
std::string activity_text(const ScalingActivity& activity) {
  const Capacity& after = activity.after;
  std::string text =
      after.desired == activity.before
          ? fmt::format("group {} stays at {} instances, its maximum", after.group, after.desired)
          : fmt::format("group {} from {} to {} instances", after.group, activity.before, after.desired);
  return after.is_simulated ? text + " (simulated)" : text;
}

}  // namespace

std::vector<Tool> scaling_tools(std::shared_ptr<Scaling> scaling) {
  using Group = Arg<"group", std::string, "Name of the Auto Scaling group">;
  std::vector<Tool> tools;
  tools.push_back(Tool::from("describe_capacity",
                             "Desired, smallest and largest number of instances of an Auto Scaling group",
                             [scaling](Group group) -> Result<json::object> {
                               BOOST_OUTCOME_TRY(const auto capacity, scaling->describe(*group));
                               return described(capacity);
                             },
                             {.effect = Effect::Read}));
  tools.push_back(Tool::from(
      "scale_out", "Adds instances to an Auto Scaling group, as far as its maximum",
      [scaling](Group group, Arg<"by", std::optional<std::int64_t>, "Instances to add; none: 1"> by,
                Arg<"reason", std::optional<std::string>, "Why, for the group's history"> reason,
                const ToolContext& context) -> Result<json::object> {
        BOOST_OUTCOME_TRY(const auto activity,
                          scaling->scale_out(context.idempotency_key(), *group, by->value_or(1),
                                             reason->value_or(""), context.now()));
        json::object result = described(activity.after);
        result["before"] = activity.before;
        result["is_at_max"] = activity.is_at_max;
        result["text"] = activity_text(activity);
        return result;
      },
      {.effect = Effect::Idempotent, .traits = {.acts_outside = true, .destinations = {"group"}}}));
  return tools;
}

}  // namespace ebagent::tools
