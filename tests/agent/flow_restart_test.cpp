#include <gtest/gtest.h>

#include <map>
#include <set>

#include "flow_server.hpp"

namespace ebagent::agent {
namespace {

using store::RunState;

constexpr int kMostCommits =
    60;  // more than any story below makes; every boundary up to here is a place to crash

// As DyingStore, for callers from several threads.
class CrashingStore final : public testing::ForwardingStore {
 public:
  CrashingStore(std::shared_ptr<store::Store> behind, int commits_before, Crash crash)
      : ForwardingStore(std::move(behind)), left_(commits_before), crash_(crash) {}

  [[nodiscard]] bool has_crashed() const { return left_ < 0; }

  void commit(store::Transaction writes, store::OnCommitted done) override {
    const int left = left_.fetch_sub(1);
    if (left > 0) return behind().commit(std::move(writes), std::move(done));
    if (left == 0 && crash_ == Crash::AfterWrite) {
      return behind().commit(std::move(writes), [done = std::move(done)](const auto&) {
        done(fail(ErrorCode::Unavailable, "the process died"));
      });
    }
    left_ = -1;
    done(fail(ErrorCode::Unavailable, "the process died"));
  }

 private:
  std::atomic<int> left_;
  const Crash crash_;
};

// Four events in a row, a process that dies at its n-th commit, and one that does what is left.
struct Story {
  World world;
  testing::TemporaryFolder folder;
  Journalist seen;
  std::set<std::string> accepted;
  bool crashed = false;

  void play(const FlowControl& flow, int commits, Crash crash) {
    {
      std::shared_ptr<store::Store> disk = store::sqlite::open(folder.path()).value();
      auto dying = std::make_shared<CrashingStore>(disk, commits, crash);
      FlowServer server{world, dying, noting_agent(seen, flow), 4};
      for (const char* id : {"e1", "e2", "e3", "e4"}) {
        server.put(flow_event(id));
        settle(server, *dying);
      }
      for (int i = 0; i < 25 && !dying->has_crashed(); ++i) {
        world.clock->advance(500ms);
        server.dispatcher().poll();
        settle(server, *dying);
      }
      crashed = dying->has_crashed();
    }
    FlowServer server{world, store::sqlite::open(folder.path()).value(), noting_agent(seen, flow), 4};
    server.dispatcher().poll();
    server.settle();
    server.pass(20s, 500ms);
    for (const char* id : {"e1", "e2", "e3", "e4"}) {
      if (server.store().event_by_id(id).value()) accepted.insert(id);
    }
    counts = server.store().counts().value();
    for (const auto state : {RunState::Running, RunState::Waiting, RunState::Failed}) {
      unfinished += runs_in(server.store(), state).size();
    }
    succeeded = runs_in(server.store(), RunState::Succeeded);
    skipped = runs_in(server.store(), RunState::Skipped);
    records = server.store().catalog("flow").value().size();
  }
  static void settle(FlowServer& server, const CrashingStore& store) {
    while (!store.has_crashed() && !server.settle(20ms)) {
    }
  }
  [[nodiscard]] std::set<std::string> events_of(const std::vector<store::Run>& runs) const {
    std::set<std::string> events;
    for (const auto& run : runs) events.insert(run.event_id);
    return events;
  }

  store::EventCounts counts;
  std::size_t unfinished = 0;
  std::size_t records = 0;
  std::vector<store::Run> succeeded, skipped;
};

class FlowCrashTest : public ::testing::TestWithParam<Crash> {
 protected:
  // Plays the story with a crash at each commit until one ends without.
  void everywhere(const FlowControl& flow, const std::function<void(const Story&)>& check) {
    int crashes = 0;
    for (int commits = 0; commits < kMostCommits; ++commits) {
      SCOPED_TRACE("crash at commit " + std::to_string(commits));
      Story story;
      story.play(flow, commits, GetParam());
      EXPECT_EQ(story.counts.pending, 0);
      EXPECT_EQ(story.counts.dead, 0);
      EXPECT_EQ(story.unfinished, 0U);
      std::set<std::string> on_record = story.events_of(story.succeeded);
      on_record.merge(story.events_of(story.skipped));
      for (const auto& event : story.accepted) EXPECT_TRUE(on_record.contains(event)) << event;
      check(story);
      if (!story.crashed) break;
      ++crashes;
    }
    EXPECT_GT(crashes, 8);
    EXPECT_LT(crashes, kMostCommits - 1);
  }
};

TEST_P(FlowCrashTest, ABatchLosesNoEventAndHasEachOnce) {
  everywhere({.batch = Batch{.size = 3, .longest_wait = 2s}}, [](const Story& story) {
    std::map<std::string, std::set<std::string>> inputs;  // by event
    for (const auto& seen : story.seen.seen()) {
      for (const char* id : {"e1", "e2", "e3", "e4"}) {
        if (seen.input.find("\"" + std::string(id) + "\"") != std::string::npos)
          inputs[id].insert(seen.input);
      }
    }
    for (const auto& event : story.accepted)
      EXPECT_EQ(inputs[event].size(), 1U) << event << ": in one batch, which may run again as it was";
    EXPECT_EQ(story.records, 0U);
  });
}

TEST_P(FlowCrashTest, ADebounceRunsTheLastEventWhateverDied) {
  everywhere({.debounce = Debounce{.period = 2s}}, [](const Story& story) {
    if (story.accepted.empty()) return;
    EXPECT_TRUE(story.events_of(story.succeeded).contains(*story.accepted.rbegin()));
  });
}

TEST_P(FlowCrashTest, ARateLimitIsKept) {
  everywhere({.rate_limit = RateLimit{.limit = 1, .period = 24h}}, [](const Story& story) {
    EXPECT_LE(story.succeeded.size(), 1U);
    EXPECT_EQ(story.succeeded.empty(), story.accepted.empty());
  });
}

TEST_P(FlowCrashTest, AThrottleRunsAllAndNoneTooEarly) {
  everywhere({.throttle = Throttle{.limit = 1, .period = 3s}}, [](const Story& story) {
    EXPECT_EQ(story.events_of(story.succeeded), story.accepted);
    std::map<std::string, TimePoint> last;  // a run may be repeated, because what it did had not been written
    for (const auto& seen : story.seen.seen()) last[seen.event] = seen.at;
    std::set<TimePoint> times;
    for (const auto& [event, at] : last) times.insert(at);
    EXPECT_EQ(times.size(), last.size()) << "two began together";
  });
}

TEST_P(FlowCrashTest, ASingletonEndsEveryEventAsRunOrSkipped) {
  everywhere({.singleton = Singleton{}},
             [](const Story& story) { EXPECT_EQ(story.succeeded.empty(), story.accepted.empty()); });
}

INSTANTIATE_TEST_SUITE_P(Everywhere, FlowCrashTest, ::testing::Values(Crash::BeforeWrite, Crash::AfterWrite),
                         [](const auto& crash) {
                           return crash.param == Crash::BeforeWrite ? "BeforeTheWrite" : "AfterTheWrite";
                         });

}  // namespace
}  // namespace ebagent::agent
