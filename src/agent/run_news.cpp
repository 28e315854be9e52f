#include "agent/run_news.hpp"

#include <utility>

#include "agent/run_view.hpp"

namespace ebagent::agent {

RunEvent RunNews::about(RunEvent::Kind kind) const {
  RunEvent news;
  news.kind = kind;
  news.run_id = run_id_;
  news.agent = agent_;
  news.event_id = event_.id;
  news.at = clock_.now();
  return news;
}

void RunNews::begun() const {
  if (is_heard()) feed_->publish(about(RunEvent::Kind::RunBegun));
}

void RunNews::step(const store::Step& step) const {
  if (!is_heard()) return;
  RunEvent news = about(step.ended ? RunEvent::Kind::StepEnded : RunEvent::Kind::StepBegun);
  news.step = step.name;
  news.step_kind = step.kind;
  news.json = step.ended ? step.output : step.input;
  if (step.ended) {
    news.state = to_string(step.state);
    news.text = step.error;
  }
  feed_->publish(std::move(news));
}

void RunNews::text(const std::string& step, std::string_view piece) const {
  if (!is_heard()) return;
  RunEvent news = about(RunEvent::Kind::Text);
  news.step = step;
  news.step_kind = "model";
  news.text = piece;
  feed_->publish(std::move(news));
}

void RunNews::ended(const AgentRun& run) const {
  if (!is_heard()) return;
  const bool waits = run.state == AgentRunState::Waiting;
  RunEvent news = about(waits ? RunEvent::Kind::RunWaits : RunEvent::Kind::RunEnded);
  news.state = ebagent::to_string(run.state);
  news.text = run.state == AgentRunState::Succeeded ? run.answer : run.error.message;
  feed_->publish(std::move(news));
}

}  // namespace ebagent::agent
