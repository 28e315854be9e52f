#include "testing/recorded_tools.hpp"

#include <boost/json/object.hpp>
#include <utility>

#include "agent/error_text.hpp"
#include "core/json.hpp"
#include "core/json_difference.hpp"

namespace ebagent::testing {
namespace {

std::string text_of(const boost::json::value& arguments) {
  return core::write_json(core::with_sorted_members(arguments));
}

}  // namespace

std::vector<RecordedCall> recorded_calls(const std::vector<StageStep>& journal) {
  std::vector<RecordedCall> calls;
  for (const StageStep& step : journal) {
    if ((step.kind != "tool" && step.kind != "agent") || !step.has_ended) continue;
    calls.push_back({.tool = step.tool, .input = step.input, .output = step.output, .error = step.error});
  }
  return calls;
}

RecordedTools::RecordedTools(std::vector<RecordedCall> calls, UnknownCall unknown) : on_unknown_(unknown) {
  for (RecordedCall& call : calls) {
    std::string arguments = text_of(call.input);
    calls_.push_back({.call = std::move(call), .arguments = std::move(arguments)});
  }
}

Result<boost::json::value> RecordedTools::answer(std::string_view tool, const boost::json::value& arguments) {
  const std::string text = text_of(arguments);
  const std::scoped_lock lock{mutex_};
  Kept* found = nullptr;
  for (Kept& kept : calls_) {
    if (kept.call.tool != tool || kept.arguments != text) continue;
    found = &kept;
    if (!kept.was_given) break;
  }
  if (found != nullptr) {
    found->was_given = true;
    if (!found->call.error.empty()) return ebagent::fail(agent::error_from_text(found->call.error));
    return found->call.output;
  }
  unknown_.push_back({.tool = std::string(tool), .input = arguments});
  if (on_unknown_ == UnknownCall::StandsIn) return boost::json::object{{"shadow", "not executed"}};
  return ebagent::fail(ErrorCode::NotFound, "There is no recorded result of tool \"" + std::string(tool) +
                                                "\" with the arguments " + text + ".");
}

std::vector<RecordedCall> RecordedTools::unknown() const {
  const std::scoped_lock lock{mutex_};
  return unknown_;
}

}  // namespace ebagent::testing
