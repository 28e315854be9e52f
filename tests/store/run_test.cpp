#include "builders.hpp"

namespace ebagent::store {
namespace {

class Runs : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, Runs, each_store, kind_of);

Run ended(Run run, RunState state, TimePoint expires) {
  run.state = state;
  run.ended = run.started + seconds{2};
  run.expires = expires;
  return run;
}

std::vector<std::string> ids_of(const std::vector<Run>& runs) {
  std::vector<std::string> ids;
  for (const Run& run : runs) ids.push_back(run.id);
  return ids;
}

TEST_P(Runs, AreFoundByKeyAndById) {
  const auto store = open();
  auto run = run_of("run-1", "key-1");
  run.hops = 2;

  value_of(store->commit_and_wait({PutRun{run}}));

  const auto by_key = value_of(store->run_by_key("key-1"));
  ASSERT_TRUE(by_key);
  EXPECT_EQ(by_key->id, "run-1");
  EXPECT_EQ(by_key->agent, "order-processor");
  EXPECT_EQ(by_key->input_hash, "abc");
  EXPECT_EQ(by_key->hops, 2);
  EXPECT_EQ(by_key->state, RunState::Running);
  EXPECT_EQ(by_key->ended, std::nullopt);
  EXPECT_TRUE(value_of(store->run_by_id("run-1")));
  EXPECT_FALSE(value_of(store->run_by_key("other")));
  EXPECT_FALSE(value_of(store->run_by_id("other")));
}

TEST_P(Runs, KeepStepsThatArePutWithThem) {
  const auto store = open();
  const auto run = ended(run_of("run-1", "key-1"), RunState::Succeeded, start_time() + hours{2});
  const Step first{.run_id = "run-1",
                   .index = 0,
                   .name = "turn 1",
                   .kind = "model",
                   .effect = "read",
                   .state = StepState::Succeeded,
                   .attempts = 1,
                   .started = start_time(),
                   .ended = start_time() + seconds{1},
                   .input = R"({"model":"pläy \"book\""})",
                   .output = "[1,2.5,null]"};
  Step second = first;
  second.index = 1;
  second.name = "turn 2";
  second.state = StepState::Started;
  second.ended.reset();
  second.error = "Io: the\nline";

  value_of(store->commit_and_wait({PutRun{run, {first, second}}}));
  value_of(store->commit_and_wait({PutRun{run}}));

  const auto steps = value_of(store->steps("run-1"));
  ASSERT_EQ(steps.size(), 2U);
  for (const auto& [found, put] : {std::pair{steps[0], first}, std::pair{steps[1], second}}) {
    EXPECT_EQ(found.run_id, "run-1");
    EXPECT_EQ(found.index, put.index);
    EXPECT_EQ(found.name, put.name);
    EXPECT_EQ(found.kind, put.kind);
    EXPECT_EQ(found.effect, put.effect);
    EXPECT_EQ(found.state, put.state);
    EXPECT_EQ(found.attempts, put.attempts);
    EXPECT_EQ(found.started, put.started);
    EXPECT_EQ(found.ended, put.ended);
    EXPECT_EQ(found.input, put.input);
    EXPECT_EQ(found.output, put.output);
    EXPECT_EQ(found.error, put.error);
  }
}

TEST_P(Runs, ShowTheAcceptedEventThatTheyDoNotKeepThemselves) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("target")));
  value_of(store->commit_and_wait({event_to("event-1", {route})}));
  auto run = run_of("run-1", "key-1");
  run.event_id = "event-1";
  run.is_event_accepted = true;

  value_of(store->commit_and_wait({PutRun{run}}));

  const auto found = value_of(store->run_by_id("run-1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->event, value_of(store->event_by_id("event-1")));
  EXPECT_TRUE(found->is_event_accepted);
}

TEST_P(Runs, AreReplacedWhenPutAgain) {
  const auto store = open();
  auto run = run_of("run-1", "key-1");
  value_of(store->commit_and_wait({PutRun{run}}));

  run = ended(run, RunState::Succeeded, start_time() + hours{2});
  run.attempts = 2;
  run.result = R"({"ok":true})";
  value_of(store->commit_and_wait({PutRun{run}}));

  const auto found = value_of(store->run_by_key("key-1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, RunState::Succeeded);
  EXPECT_EQ(found->attempts, 2);
  EXPECT_EQ(found->result, R"({"ok":true})");
  EXPECT_EQ(found->ended, start_time() + seconds{2});
  EXPECT_EQ(value_of(store->runs({})).size(), 1U);
}

TEST_P(Runs, ASecondRunOfAKeyIsRefusedWhileTheFirstAnswersForIt) {
  const auto store = open();
  value_of(store->commit_and_wait({PutRun{run_of("run-1", "key-1")}}));

  const auto while_running = store->commit_and_wait({PutRun{run_of("run-2", "key-1")}});
  value_of(store->commit_and_wait(
      {PutRun{ended(run_of("run-1", "key-1"), RunState::Succeeded, start_time() + hours{1})}}));
  const auto before_expiry = store->commit_and_wait({PutRun{run_of("run-2", "key-1")}});

  ASSERT_FALSE(while_running);
  EXPECT_EQ(while_running.error().code, ErrorCode::AlreadyExists);
  ASSERT_FALSE(before_expiry);
  EXPECT_EQ(before_expiry.error().code, ErrorCode::AlreadyExists);
}

TEST_P(Runs, ANewRunTakesTheKeyOverFromAnExpiredOne) {
  const auto store = open();
  value_of(store->commit_and_wait(
      {PutRun{ended(run_of("run-1", "key-1"), RunState::Succeeded, start_time() + hours{1})}}));
  auto next = run_of("run-2", "key-1");
  next.started = start_time() + hours{1};

  value_of(store->commit_and_wait({PutRun{next}}));

  EXPECT_EQ(value_of(store->run_by_key("key-1"))->id, "run-2");
  EXPECT_TRUE(value_of(store->run_by_id("run-1"))) << "the record of what was done stays";
}

TEST_P(Runs, AreListedNewestFirstAndNarrowedByTheFilter) {
  const auto store = open();
  auto other = run_of("run-2", "key-2");
  other.agent = "alarm-responder";
  auto failed = ended(run_of("run-3", "key-3"), RunState::Failed, start_time());
  failed.event_id = "event-3";
  value_of(store->commit_and_wait({PutRun{run_of("run-1", "key-1")}, PutRun{other}, PutRun{failed}}));

  EXPECT_EQ(ids_of(value_of(store->runs({}))), (std::vector<std::string>{"run-3", "run-2", "run-1"}));
  EXPECT_EQ(ids_of(value_of(store->runs({.limit = 1}))), (std::vector<std::string>{"run-3"}));
  EXPECT_EQ(ids_of(value_of(store->runs({.agent = "order-processor"}))),
            (std::vector<std::string>{"run-3", "run-1"}));
  EXPECT_EQ(ids_of(value_of(store->runs({.event_id = "event-1"}))),
            (std::vector<std::string>{"run-2", "run-1"}));
  EXPECT_EQ(ids_of(value_of(store->runs({.state = RunState::Running}))),
            (std::vector<std::string>{"run-2", "run-1"}));
  EXPECT_EQ(ids_of(value_of(store->runs(
                {.agent = "order-processor", .event_id = "event-1", .state = RunState::Running}))),
            (std::vector<std::string>{"run-1"}));
  EXPECT_TRUE(value_of(store->runs({.state = RunState::Succeeded})).empty());
}

class Steps : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, Steps, each_store, kind_of);

TEST_P(Steps, AreReadBackInOrder) {
  const auto store = open();
  const Step second{.run_id = "run-1", .index = 1, .name = "reserve", .kind = "tool", .effect = "once"};
  Step first{.run_id = "run-1", .index = 0, .name = "validate", .kind = "handler", .effect = "read"};
  first.started = start_time();
  first.input = R"({"order":1})";
  value_of(store->commit_and_wait({PutStep{second}, PutStep{first}}));

  first.state = StepState::Succeeded;
  first.ended = start_time() + seconds{1};
  first.attempts = 2;
  first.output = R"({"valid":true})";
  value_of(store->commit_and_wait({PutStep{first}}));

  const auto steps = value_of(store->steps("run-1"));
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].name, "validate");
  EXPECT_EQ(steps[0].kind, "handler");
  EXPECT_EQ(steps[0].effect, "read");
  EXPECT_EQ(steps[0].state, StepState::Succeeded);
  EXPECT_EQ(steps[0].attempts, 2);
  EXPECT_EQ(steps[0].started, start_time());
  EXPECT_EQ(steps[0].ended, start_time() + seconds{1});
  EXPECT_EQ(steps[0].input, R"({"order":1})");
  EXPECT_EQ(steps[0].output, R"({"valid":true})");
  EXPECT_EQ(steps[1].name, "reserve");
  EXPECT_EQ(steps[1].state, StepState::Started);
  EXPECT_TRUE(value_of(store->steps("run-2")).empty());
}

TEST_P(Steps, OfOneRunHaveDifferentNames) {
  const auto store = open();
  value_of(store->commit_and_wait({PutStep{{.run_id = "run-1", .index = 0, .name = "validate"}}}));

  const auto refused = store->commit_and_wait({PutStep{{.run_id = "run-1", .index = 1, .name = "validate"}}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::AlreadyExists);
  EXPECT_NE(refused.error().message.find("validate"), std::string::npos);
}

}  // namespace
}  // namespace ebagent::store
