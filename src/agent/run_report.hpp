#pragma once

#include <string_view>

#include "agent/run_feed.hpp"
#include "ebagent/app.hpp"
#include "store/store.hpp"

// How a run tells a feed what it does. Each costs nothing while nobody listens.
namespace ebagent::agent {

void tell_begun(RunFeed* feed, const store::Run& run, TimePoint now);
// A step that was begun or has ended.
void tell_step(RunFeed* feed, const store::Run& run, const store::Step& step, TimePoint now);
// A piece of what a model says in a step.
void tell_text(RunFeed* feed, const store::Run& run, std::string_view step, std::string_view text,
               TimePoint now);
// That the run has ended, or waits for a person.
void tell_outcome(RunFeed* feed, const AgentRun& run, TimePoint now);

}  // namespace ebagent::agent
