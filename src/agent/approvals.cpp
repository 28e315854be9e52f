#include "agent/approvals.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value_to.hpp>
#include <cstdint>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, json::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string{};
}

std::string input_of(const Question& question, TimePoint until) {
  auto arguments = core::parse_json(question.arguments);
  return core::write_json(
      json::object{{"tool", question.tool},
                   {"arguments", arguments ? std::move(arguments).value() : json::value(question.arguments)},
                   {"reason", question.why == Approval::Required ? "required" : "tainted"},
                   {"until", until.time_since_epoch().count()}});
}

// When the question of a step that is on record times out.
TimePoint until_of(const store::Step& step, TimePoint fallback) {
  const auto input = core::parse_json(step.input);
  if (!input || !input.value().is_object()) return fallback;
  const json::value* until = input.value().as_object().if_contains("until");
  if (until == nullptr || !until->is_int64()) return fallback;
  return TimePoint{Duration{until->as_int64()}};
}

// What the answer on record says.
Result<void> verdict(const json::value& output) {
  const json::object* answer = output.if_object();
  if (answer == nullptr)
    return fail(ErrorCode::Denied, "The call was not approved: the answer cannot be read.");
  const json::value* approved = answer->if_contains("approved");
  if (approved != nullptr && approved->is_bool() && approved->as_bool()) return success();
  const std::string by = text_of(*answer, "by"), comment = text_of(*answer, "comment");
  return fail(ErrorCode::Denied, "The call was denied" + (by.empty() ? "" : " by " + by) +
                                     (comment.empty() ? "" : ": " + comment) + ".");
}

}  // namespace

bool needs_approval(Approval approval, bool is_tainted) {
  return approval == Approval::Required || (approval == Approval::WhenTainted && is_tainted);
}

std::variant<Result<void>, StillWaiting> ask(Journal& journal, const Clock& clock,
                                             std::chrono::seconds timeout, const Question& question) {
  const TimePoint now = clock.now();
  const TimePoint until = now + timeout;
  const std::string name = journal.name_step("approval of " + question.step);
  auto asked = journal.wait(name, "approval", input_of(question, until));
  if (const auto* output = std::get_if<json::value>(&asked)) return verdict(*output);
  store::Step step = std::get<Journal::Waiting>(std::move(asked)).step;
  const TimePoint ends = until_of(step, until);
  if (now < ends) return StillWaiting{ends};
  const json::value denied = json::object{{"approved", false},
                                          {"by", "the time-out"},
                                          {"comment", "nobody answered in time"},
                                          {"at", core::format_utc_millis(now)}};
  journal.complete(std::move(step), denied);
  return verdict(denied);
}

}  // namespace ebagent::agent
