#include "agent/run_report.hpp"

#include <string>
#include <utility>

#include "agent/run_view.hpp"

namespace ebagent::agent {
namespace {

bool is_heard(const RunFeed* feed) {
  return feed != nullptr && feed->is_heard();
}

RunEvent about(const store::Run& run, RunEvent::Kind kind, TimePoint now) {
  return {.kind = kind, .run_id = run.id, .agent = run.agent, .event_id = run.event_id, .at = now};
}

}  // namespace

void tell_begun(RunFeed* feed, const store::Run& run, TimePoint now) {
  if (is_heard(feed)) feed->publish(about(run, RunEvent::Kind::RunBegun, now));
}

void tell_step(RunFeed* feed, const store::Run& run, const store::Step& step, TimePoint now) {
  if (!is_heard(feed)) return;
  const bool has_ended = step.ended.has_value();
  RunEvent event = about(run, has_ended ? RunEvent::Kind::StepEnded : RunEvent::Kind::StepBegun, now);
  event.step = step.name;
  event.step_kind = step.kind;
  event.state = to_string(step.state);
  event.text = step.error;
  event.json = has_ended ? step.output : step.input;
  feed->publish(std::move(event));
}

void tell_text(RunFeed* feed, const store::Run& run, std::string_view step, std::string_view text,
               TimePoint now) {
  if (!is_heard(feed)) return;
  RunEvent event = about(run, RunEvent::Kind::Text, now);
  event.step = step;
  event.step_kind = "model";
  event.text = text;
  feed->publish(std::move(event));
}

void tell_outcome(RunFeed* feed, const AgentRun& run, TimePoint now) {
  if (!is_heard(feed) || run.repeated || run.run_id.empty()) return;
  const bool waits = run.state == AgentRunState::Waiting;
  RunEvent event{.kind = waits ? RunEvent::Kind::RunWaits : RunEvent::Kind::RunEnded,
                 .run_id = run.run_id,
                 .agent = run.agent,
                 .event_id = run.event_id,
                 .at = now};
  if (!waits) {
    event.state = run.state == AgentRunState::Succeeded   ? "succeeded"
                  : run.state == AgentRunState::Cancelled ? "cancelled"
                                                          : "failed";
  }
  event.text = run.state == AgentRunState::Succeeded ? run.answer : run.error.message;
  feed->publish(std::move(event));
}

}  // namespace ebagent::agent
