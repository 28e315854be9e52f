#include "bus/replayer.hpp"

#include <future>

#include "bus/bus_fixture.hpp"

namespace ebagent::bus {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::kAgentArn;
using testing::kOrders;
using testing::refused;
using testing::target_to;

class ReplayerTest : public testing::BusFixture {
 protected:
  void SetUp() override {
    BusFixture::SetUp();
    ASSERT_TRUE(catalog->create_archive(scope, "all", bus_arn(scope, "default"), {}));
  }
  void put_orders(int count) {
    for (int i = 0; i < count; ++i) {
      Event event = order("order " + std::to_string(i));
      event.time += minutes{i};
      ASSERT_TRUE(put(event));
    }
  }
  ReplaySpec spec(const std::string& name) const {
    return {.name = name,
            .source_arn = archive_arn(scope, "all"),
            .from = noon - hours{1},
            .until = noon + hours{1},
            .destination_arn = bus_arn(scope, "default")};
  }
  void replay(const ReplaySpec& what) { ASSERT_TRUE(catalog->start_replay(scope, what)); }
  Result<bool> tick(std::size_t events = 100) {
    Replayer replayer{*catalog, *bus, store, clock, {.events_per_step = events}};
    return replayer.tick(clock.now());
  }
  void run_to_the_end() {
    for (int i = 0; i < 100; ++i) {
      const auto has_more = tick();
      ASSERT_TRUE(has_more) << has_more.error().message;
      if (!has_more.value()) return;
    }
    FAIL() << "it never ends";
  }
  Replay shown(const std::string& name) { return catalog->describe_replay(scope, name).value(); }
  // Envelopes of the deliveries that replays made.
  std::vector<Event> replayed() {
    std::vector<Event> events;
    for (const auto& delivery : handed_over()) {
      Event event = parse_event(*delivery.event, {}).value();
      if (event.replay_name) events.push_back(std::move(event));
    }
    return events;
  }

  const TimePoint noon = clock.now();
};

TEST_F(ReplayerTest, SendsTheEventsAgainInTheOrderOfTheirTimeWithTheNameOfTheReplay) {
  Event second = order("second");
  second.time = noon + minutes{2};
  ASSERT_TRUE(put(second));
  ASSERT_TRUE(put(order("first")));
  rule_with("r", {target_to("1")});
  replay(spec("again"));

  run_to_the_end();

  const auto events = replayed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, "first");
  EXPECT_EQ(events[1].id, "second");
  Event expected = order("first");
  expected.replay_name = "again";
  EXPECT_EQ(events[0], expected);
  EXPECT_NE(handed_over()[0].event->find(R"("region":"us-west-2","replay-name":"again","resources":)"),
            std::string::npos);
}

TEST_F(ReplayerTest, ReachesItsStatesAndShowsHowFarItIs) {
  put_orders(3);
  replay(spec("again"));
  EXPECT_EQ(shown("again").state, ReplayState::Starting);

  ASSERT_TRUE(tick(2));
  EXPECT_EQ(shown("again").state, ReplayState::Running);
  EXPECT_FALSE(shown("again").last_replayed);
  ASSERT_TRUE(tick(2));
  EXPECT_EQ(shown("again").last_replayed, noon + minutes{1});
  clock.advance(minutes{1});
  run_to_the_end();

  EXPECT_EQ(shown("again").state, ReplayState::Completed);
  EXPECT_EQ(shown("again").last_replayed, noon + minutes{2});
  EXPECT_EQ(shown("again").started, noon);
  EXPECT_EQ(shown("again").ended, noon + minutes{1});
}

TEST_F(ReplayerTest, TakesTheSpanThatIsAskedForBothEndsIncluded) {
  put_orders(4);
  rule_with("r", {target_to("1")});
  ReplaySpec middle = spec("middle");
  middle.from = noon + minutes{1};
  middle.until = noon + minutes{2};
  replay(middle);

  run_to_the_end();

  ASSERT_EQ(replayed().size(), 2U);
  EXPECT_EQ(replayed()[0].id, "order 1");
  EXPECT_EQ(replayed()[1].id, "order 2");
}

TEST_F(ReplayerTest, GoesToTheRulesOfItsFilterOnly) {
  rule_with("wanted", {target_to("1")});
  rule_with("other", {target_to("2")});
  put_orders(1);
  ReplaySpec filtered = spec("filtered");
  filtered.filter_arns = {rule_arn(scope, "default", "wanted")};
  replay(filtered);

  run_to_the_end();

  ASSERT_EQ(replayed().size(), 1U);
  EXPECT_EQ(handed_over().back().route->target_id, "1");
}

TEST_F(ReplayerTest, ArchivesNothingAgainAndWritesNothingThatGoesNowhere) {
  put_orders(3);
  replay(spec("again"));
  const auto accepted = store.counts().value().accepted;

  run_to_the_end();

  EXPECT_EQ(catalog->describe_archive(scope, "all").value().size.events, 3);
  EXPECT_EQ(store.counts().value().accepted, accepted);
}

TEST_F(ReplayerTest, TwoReplaysOfOneEventAreTwoDeliveries) {
  rule_with("r", {target_to("1")});
  put_orders(1);
  replay(spec("one"));
  replay(spec("two"));

  run_to_the_end();

  EXPECT_EQ(replayed().size(), 2U);
}

TEST_F(ReplayerTest, GoesOnWhereItWasAfterARestart) {
  rule_with("r", {target_to("1")});
  put_orders(5);
  replay(spec("again"));
  ASSERT_TRUE(tick(2));
  ASSERT_TRUE(tick(2));

  start();
  run_to_the_end();

  std::vector<std::string> ids;
  for (const Event& event : replayed()) ids.push_back(event.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"order 0", "order 1", "order 2", "order 3", "order 4"}));
}

TEST_F(ReplayerTest, AStepThatCouldNotBeWrittenIsMadeAgain) {
  rule_with("r", {target_to("1")});
  put_orders(2);
  replay(spec("again"));
  ASSERT_TRUE(tick());
  store.fail_commits(true);
  EXPECT_FALSE(tick());
  EXPECT_EQ(shown("again").state, ReplayState::Running);
  EXPECT_FALSE(shown("again").last_replayed);
  store.fail_commits(false);

  run_to_the_end();

  EXPECT_EQ(replayed().size(), 2U);
}

TEST_F(ReplayerTest, StopsWhenItIsCancelled) {
  rule_with("r", {target_to("1")});
  put_orders(4);
  replay(spec("again"));
  ASSERT_TRUE(tick(2));
  ASSERT_TRUE(tick(2));

  EXPECT_EQ(catalog->cancel_replay(scope, "again").value().state, ReplayState::Cancelling);
  run_to_the_end();

  EXPECT_EQ(shown("again").state, ReplayState::Cancelled);
  EXPECT_TRUE(shown("again").ended);
  EXPECT_EQ(replayed().size(), 2U);
  EXPECT_TRUE(refused(catalog->cancel_replay(scope, "again"), ErrorCode::Conflict,
                      "Replay again is not in a valid state for this operation."));
}

TEST_F(ReplayerTest, FailsWhenItsArchiveIsDeleted) {
  put_orders(2);
  replay(spec("again"));
  ASSERT_TRUE(tick(1));
  ASSERT_TRUE(catalog->delete_archive(scope, "all"));

  run_to_the_end();

  EXPECT_EQ(shown("again").state, ReplayState::Failed);
  EXPECT_EQ(shown("again").state_reason, "Archive all does not exist.");
}

TEST_F(ReplayerTest, IsRefusedInAwssWords) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  replay(spec("again"));
  const auto with = [&](auto change) {
    ReplaySpec changed = spec("other");
    change(changed);
    return catalog->start_replay(scope, changed);
  };

  EXPECT_TRUE(refused(catalog->start_replay(scope, spec("again")), ErrorCode::AlreadyExists,
                      "Replay again already exists."));
  EXPECT_TRUE(refused(with([](ReplaySpec& s) { s.destination_arn = kAgentArn; }), ErrorCode::InvalidArgument,
                      "Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN."));
  EXPECT_TRUE(refused(with([&](ReplaySpec& s) { s.destination_arn = bus_arn(scope, "none"); }),
                      ErrorCode::NotFound, "Event bus none does not exist."));
  EXPECT_TRUE(refused(
      with([&](ReplaySpec& s) { s.destination_arn = bus_arn(scope, "shop"); }), ErrorCode::InvalidArgument,
      "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."));
  EXPECT_TRUE(refused(with([&](ReplaySpec& s) { s.source_arn = archive_arn(scope, "none"); }),
                      ErrorCode::InvalidArgument,
                      "Parameter EventSourceArn is not valid. Reason: Archive none does not exist."));
  EXPECT_TRUE(
      refused(with([](ReplaySpec& s) { s.until = s.from; }), ErrorCode::InvalidArgument,
              "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."));
  EXPECT_FALSE(with([&](ReplaySpec& s) { s.filter_arns = {rule_arn(scope, "shop", "r")}; }));
  EXPECT_TRUE(
      refused(catalog->describe_replay(scope, "none"), ErrorCode::NotFound, "Replay none does not exist."));
}

TEST_F(ReplayerTest, TenMayBeActiveAtATime) {
  for (int i = 0; i < 10; ++i) replay(spec("replay-" + std::to_string(i)));

  EXPECT_TRUE(refused(catalog->start_replay(scope, spec("one-more")), ErrorCode::LimitExceeded,
                      "The requested resource exceeds the maximum number allowed."));

  run_to_the_end();
  EXPECT_TRUE(catalog->start_replay(scope, spec("one-more")));
}

TEST_F(ReplayerTest, AnEndedReplayIsForgottenAfterThreeMonths) {
  replay(spec("again"));
  run_to_the_end();
  clock.advance(hours{24 * 91});

  run_to_the_end();

  EXPECT_FALSE(catalog->describe_replay(scope, "again"));
  start();
  EXPECT_FALSE(catalog->describe_replay(scope, "again"));
}

TEST_F(ReplayerTest, ListsByOneFilter) {
  replay(spec("a"));
  run_to_the_end();
  replay(spec("b"));
  const auto names = [&](const ReplayFilter& filter) {
    std::string found;
    const auto page = catalog->list_replays(scope, filter);
    for (const Replay& one : page.value().items) found += one.spec.name;
    return found;
  };

  EXPECT_EQ(names({}), "ab");
  EXPECT_EQ(names({.name_prefix = "b"}), "b");
  EXPECT_EQ(names({.state = "COMPLETED"}), "a");
  EXPECT_EQ(names({.source_arn = archive_arn(scope, "all")}), "ab");
  EXPECT_EQ(names({.source_arn = archive_arn(scope, "none")}), "");
}

TEST_F(ReplayerTest, WaitsWhileDeliveriesWait) {
  put_orders(3);
  std::atomic<int> looked{0};
  Replayer replayer{
      *catalog, *bus, store, clock, {.events_per_step = 1, .is_crowded = [&] { return ++looked % 3 != 0; }}};
  std::stop_source stop;
  auto running = std::async(std::launch::async,
                            [&] { replayer.run_until_stopped(stop.get_token(), [](const Error&) {}); });

  replay(spec("again"));
  while (shown("again").state != ReplayState::Completed) std::this_thread::yield();
  stop.request_stop();
  running.get();

  EXPECT_GE(looked, 9) << "three steps, each after it was crowded twice";
}

TEST_F(ReplayerTest, RunsByItselfUntilItIsStopped) {
  rule_with("r", {target_to("1")});
  put_orders(3);
  Replayer replayer{*catalog, *bus, store, clock};
  std::stop_source stop;
  std::promise<void> heard;
  auto running = std::async(std::launch::async, [&] {
    replayer.run_until_stopped(stop.get_token(), [&](const Error&) { heard.set_value(); });
  });

  replay(spec("again"));
  while (shown("again").state != ReplayState::Completed) std::this_thread::yield();
  stop.request_stop();
  running.get();

  EXPECT_EQ(replayed().size(), 3U);
}

}  // namespace
}  // namespace ebagent::bus
