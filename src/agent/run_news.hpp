#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/run_feed.hpp"
#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "store/store.hpp"

namespace ebagent::agent {

// Tells the feed what one run does, if anybody listens. Belongs to the run's thread, but for text().
class RunNews {
 public:
  // The references must outlive it.
  RunNews(RunFeed* feed, const Clock& clock, const std::string& run_id, const std::string& agent,
          const Event& event)
      : feed_(feed), clock_(clock), run_id_(run_id), agent_(agent), event_(event) {}

  void begun() const;
  void step(const store::Step& step) const;
  // A piece of what a model says in `step`.
  void text(const std::string& step, std::string_view piece) const;
  void ended(const AgentRun& run) const;

 private:
  [[nodiscard]] bool is_heard() const { return feed_ != nullptr && feed_->is_heard(); }
  [[nodiscard]] RunEvent about(RunEvent::Kind kind) const;

  RunFeed* const feed_;
  const Clock& clock_;
  const std::string& run_id_;
  const std::string& agent_;
  const Event& event_;
};

}  // namespace ebagent::agent
