#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "builders.hpp"

namespace ebagent::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kYes = R"({"approved":true})";
constexpr const char* kNo = R"({"approved":false})";

TimePoint until() {
  return start_time() + hours{1};
}

Step step_of(int index, std::string name, std::string kind, StepState state, std::string effect = "read") {
  return {.run_id = "run-1",
          .index = index,
          .name = std::move(name),
          .kind = std::move(kind),
          .effect = std::move(effect),
          .state = state,
          .started = start_time(),
          .ended = state == StepState::Started ? std::nullopt : std::optional{start_time() + seconds{1}},
          .input = "{}",
          .output = state == StepState::Succeeded ? "1" : ""};
}

Step question_of(int index, const std::string& call) {
  Step step = step_of(index, "approval of " + call, "approval", StepState::Started);
  step.input = R"({"tool":"refund","arguments":{},"reason":"required","until":)" +
               std::to_string(until().time_since_epoch().count()) + "}";
  return step;
}

// A run that an event on a bus brought about, as the loop leaves it.
class RunsUnderControl : public EachStore {
 protected:
  // Accepts an event and gives its delivery a run in this state.
  static std::int64_t begin(Store& store, RunState state, const std::vector<Step>& steps,
                            Route route = route_named("1")) {
    const auto interned = value_of(store.put_route(route));
    AcceptEvent event = event_to("event-1", {interned});
    if (route.reshapes_input) event.to[0].input = R"({"shaped":1})";
    const std::int64_t seq = value_of(store.commit_and_wait({event})).deliveries.at(0).seq;
    store::Run run = run_of("run-1", "key-1");
    run.is_event_accepted = true;
    run.state = state;
    run.delivery = seq;
    if (state == RunState::Waiting) run.wakes = until();
    const bool is_over = state != RunState::Running && state != RunState::Waiting;
    if (is_over) run.ended = start_time() + seconds{5};
    Transaction writes{PutRun{run}};
    for (const Step& step : steps) writes.emplace_back(PutStep{step});
    value_of(store.commit_and_wait(std::move(writes)));
    return seq;
  }
  // The same for a run that waits for answers, its delivery back in the store.
  static std::int64_t park(Store& store, const std::vector<Step>& steps) {
    const std::int64_t seq = begin(store, RunState::Waiting, steps);
    value_of(
        store.commit_and_wait({Reschedule{.seq = seq, .due = until(), .attempts = 1, .last_error = ""}}));
    return seq;
  }
  static std::int64_t deliver(Store& store, RunState state, const std::vector<Step>& steps,
                              Route route = route_named("1")) {
    const std::int64_t seq = begin(store, state, steps, std::move(route));
    value_of(store.commit_and_wait({MarkDelivered{.seq = seq, .at = start_time(), .attempts = 1}}));
    return seq;
  }
  static std::vector<std::string> names_of(const std::vector<Step>& steps) {
    std::vector<std::string> names;
    for (const Step& step : steps) names.push_back(step.name);
    return names;
  }
  template <class T>
  static ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::Internal : result.error().code;
  }
  const TimePoint now_ = start_time() + minutes{5};
};
INSTANTIATE_TEST_SUITE_P(, RunsUnderControl, each_store, kind_of);

TEST_P(RunsUnderControl, GoOnAtOnceWhenTheirQuestionIsAnswered) {
  const auto store = open();
  const std::int64_t seq =
      park(*store, {step_of(0, "turn 1", "model", StepState::Succeeded), question_of(1, "refund")});
  ASSERT_TRUE(value_of(store->lease_due(now_, 10)).empty());

  const Step answered = value_of(store->answer_step("run-1", "", kYes, now_));

  EXPECT_EQ(answered.name, "approval of refund");
  const auto steps = value_of(store->steps("run-1"));
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].state, StepState::Succeeded);
  EXPECT_EQ(steps[1].output, kYes);
  EXPECT_EQ(steps[1].ended, now_);
  const auto leased = value_of(store->lease_due(now_, 10));
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].seq, seq);
}

TEST_P(RunsUnderControl, AreAnsweredOnce) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});
  value_of(store->answer_step("run-1", "refund", kYes, now_));

  const auto by_call = store->answer_step("run-1", "refund", kNo, now_);
  const auto by_step = store->answer_step("run-1", "approval of refund", kNo, now_);

  EXPECT_EQ(code_of(by_call), ErrorCode::Conflict);
  EXPECT_EQ(code_of(by_step), ErrorCode::Conflict);
  EXPECT_THAT(by_call.error().message, HasSubstr("answered before"));
  EXPECT_EQ(code_of(store->answer_step("run-1", "", kNo, now_)), ErrorCode::NotFound);
  EXPECT_EQ(value_of(store->steps("run-1"))[0].output, kYes);
}

TEST_P(RunsUnderControl, AreAskedWhichQuestionWhenSeveralWait) {
  const auto store = open();
  park(*store, {question_of(0, "refund"), question_of(1, "mail")});

  const auto any = store->answer_step("run-1", "", kYes, now_);

  EXPECT_EQ(code_of(any), ErrorCode::Conflict);
  EXPECT_THAT(any.error().message, HasSubstr("\"refund\", \"mail\""));
  EXPECT_TRUE(store->answer_step("run-1", "mail", kYes, now_));
  EXPECT_TRUE(store->answer_step("run-1", "", kNo, now_)) << "one is left";
}

TEST_P(RunsUnderControl, AreNotAnsweredWhenTheTimeIsOver) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});

  const auto late = store->answer_step("run-1", "", kYes, until());

  EXPECT_EQ(code_of(late), ErrorCode::Conflict);
  EXPECT_THAT(late.error().message, HasSubstr("was over at"));
  EXPECT_EQ(value_of(store->steps("run-1"))[0].state, StepState::Started);
}

TEST_P(RunsUnderControl, KeepAnAnswerThatCameBeforeTheTimeOutWasWritten) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});
  value_of(store->answer_step("run-1", "", kYes, until() - seconds{1}));
  Step timed_out = question_of(0, "refund");
  timed_out.state = StepState::Succeeded;
  timed_out.output = kNo;

  const auto written = store->commit_and_wait({PutStep{timed_out}});

  EXPECT_EQ(code_of(written), ErrorCode::AlreadyExists) << "Conflict would say that the run was cancelled";
  EXPECT_EQ(value_of(store->steps("run-1"))[0].output, kYes);
}

TEST_P(RunsUnderControl, WithoutAQuestionSaySo) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});

  EXPECT_EQ(code_of(store->answer_step("run-2", "", kYes, now_)), ErrorCode::NotFound);
  EXPECT_EQ(code_of(store->answer_step("run-1", "mail", kYes, now_)), ErrorCode::NotFound);
}

TEST_P(RunsUnderControl, AreNotAnsweredWhenTheyAreOver) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});
  value_of(store->cancel_run("run-1", "not needed", now_));

  const auto late = store->answer_step("run-1", "", kYes, now_);

  EXPECT_EQ(code_of(late), ErrorCode::Conflict);
  EXPECT_THAT(late.error().message, HasSubstr("was cancelled"));
}

TEST_P(RunsUnderControl, StayCancelledAndLetTheirDeliveryEnd) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});

  const store::Run cancelled = value_of(store->cancel_run("run-1", "not needed", now_));

  EXPECT_EQ(cancelled.state, RunState::Cancelled);
  EXPECT_EQ(cancelled.stop_reason, "cancelled");
  EXPECT_EQ(cancelled.error, "not needed");
  EXPECT_EQ(cancelled.ended, now_);
  EXPECT_EQ(cancelled.wakes, std::nullopt);
  EXPECT_EQ(value_of(store->lease_due(now_, 10)).size(), 1U);
  EXPECT_EQ(code_of(store->commit_and_wait({PutRun{run_of("run-1", "key-1")}})), ErrorCode::Conflict);
  EXPECT_EQ(code_of(store->cancel_run("run-1", "again", now_)), ErrorCode::Conflict);
  EXPECT_EQ(code_of(store->cancel_run("run-2", "", now_)), ErrorCode::NotFound);
}

TEST_P(RunsUnderControl, AreCancelledAtWorkWithoutTakingTheirDeliveryFromWhoHasIt) {
  const auto store = open();
  begin(*store, RunState::Running, {});

  value_of(store->cancel_run("run-1", "", now_));

  EXPECT_TRUE(value_of(store->lease_due(now_ + hours{9}, 10)).empty());
}

TEST_P(RunsUnderControl, ThatFailedAreCancelledWhileTheyWouldBeTriedAgain) {
  const auto store = open();
  const std::int64_t seq = begin(*store, RunState::Failed, {});
  value_of(store->commit_and_wait(
      {Reschedule{.seq = seq, .due = now_ + hours{1}, .attempts = 1, .last_error = ""}}));

  value_of(store->cancel_run("run-1", "enough", now_));

  EXPECT_EQ(value_of(store->run_by_id("run-1"))->state, RunState::Cancelled);
  EXPECT_EQ(value_of(store->lease_due(now_, 10)).size(), 1U);
}

TEST_P(RunsUnderControl, ThatAreOverCannotBeCancelled) {
  const auto store = open();
  deliver(*store, RunState::Failed, {});

  const auto cancelled = store->cancel_run("run-1", "", now_);

  EXPECT_EQ(code_of(cancelled), ErrorCode::Conflict);
  EXPECT_EQ(value_of(store->run_by_id("run-1"))->state, RunState::Failed);
}

TEST_P(RunsUnderControl, AreDoneAgainByTheirOwnDelivery) {
  const auto store = open();
  const std::int64_t seq =
      deliver(*store, RunState::Succeeded, {step_of(0, "turn 1", "model", StepState::Succeeded)});

  const store::Run again =
      value_of(store->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-2"}, now_));

  EXPECT_EQ(again.id, "run-2");
  EXPECT_EQ(again.key, "key-1\nrerun run-2");
  EXPECT_EQ(again.state, RunState::Running);
  EXPECT_EQ(again.attempts, 0);
  EXPECT_EQ(again.expires - again.started, hours{1});
  EXPECT_TRUE(value_of(store->steps("run-2")).empty());
  const auto leased = value_of(store->lease_due(now_, 10));
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].seq, seq);
  EXPECT_EQ(leased[0].run_id, "run-2");
  EXPECT_EQ(leased[0].accepted, now_) << "its age counts from here, or it would die of age at once";
  EXPECT_EQ(value_of(store->counts()).delivered, 0);
  EXPECT_EQ(value_of(store->counts()).pending, 1);
  EXPECT_EQ(value_of(store->run_by_id("run-1"))->state, RunState::Succeeded)
      << "the earlier one stays as it was";
}

TEST_P(RunsUnderControl, AreDoneAgainFromAStepWithWhatWasCompletedBeforeIt) {
  const auto store = open();
  Step answered = question_of(2, "refund");
  answered.state = StepState::Succeeded;
  Step other = question_of(3, "mail");
  other.state = StepState::Succeeded;
  Step denied = question_of(1, "never made");
  denied.state = StepState::Succeeded;
  deliver(*store, RunState::Failed,
          {step_of(0, "turn 1", "model", StepState::Succeeded), denied, answered, other,
           step_of(4, "refund", "tool", StepState::Succeeded, "once"),
           step_of(5, "mail", "tool", StepState::Failed, "once"),
           step_of(6, "turn 2", "model", StepState::Succeeded)});

  value_of(store->rerun({.run_id = "run-1", .from_step = "mail", .new_id = "run-2"}, now_));

  const auto steps = value_of(store->steps("run-2"));
  EXPECT_THAT(names_of(steps),
              ElementsAre("turn 1", "approval of never made", "approval of refund", "refund"))
      << "the call that is done again goes to a person again";
  EXPECT_EQ(steps[3].index, 4);
  EXPECT_EQ(steps[3].state, StepState::Succeeded);
}

TEST_P(RunsUnderControl, KeepStepsThatStandInTheirRowWhenTheyAreDoneAgain) {
  const auto store = open();
  const std::int64_t seq = deliver(*store, RunState::Succeeded, {});
  store::Run run = *value_of(store->run_by_id("run-1"));
  value_of(store->commit_and_wait({PutRun{run,
                                          {step_of(0, "turn 1", "model", StepState::Succeeded),
                                           step_of(1, "count", "tool", StepState::Succeeded)}}}));

  value_of(store->rerun({.run_id = "run-1", .from_step = "count", .new_id = "run-2"}, now_));

  EXPECT_THAT(names_of(value_of(store->steps("run-2"))), ElementsAre("turn 1"));
  EXPECT_EQ(value_of(store->lease_due(now_, 1)).at(0).seq, seq);
}

TEST_P(RunsUnderControl, AreNotDoneAgainBehindAStepOfUnknownOutcome) {
  const auto store = open();
  deliver(*store, RunState::Failed,
          {step_of(0, "pay", "tool", StepState::Started, "once"),
           step_of(1, "turn 2", "model", StepState::Succeeded)});

  const auto behind = store->rerun({.run_id = "run-1", .from_step = "turn 2", .new_id = "run-2"}, now_);

  EXPECT_EQ(code_of(behind), ErrorCode::Conflict);
  EXPECT_THAT(behind.error().message, HasSubstr("\"pay\""));
  EXPECT_TRUE(value_of(store->lease_due(now_, 10)).empty()) << "nothing of a refused rerun is kept";
  EXPECT_TRUE(store->rerun({.run_id = "run-1", .from_step = "pay", .new_id = "run-2"}, now_));
}

TEST_P(RunsUnderControl, AreDoneAgainOneAtATime) {
  const auto store = open();
  const std::int64_t seq = deliver(*store, RunState::Succeeded, {});
  value_of(store->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-2"}, now_));

  EXPECT_EQ(code_of(store->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-3"}, now_)),
            ErrorCode::Conflict);
  EXPECT_EQ(code_of(store->rerun({.run_id = "run-2", .from_step = {}, .new_id = "run-3"}, now_)),
            ErrorCode::Conflict);

  value_of(store->lease_due(now_, 1));
  store::Run second = *value_of(store->run_by_id("run-2"));
  second.state = RunState::Succeeded;
  second.ended = now_;
  value_of(store->commit_and_wait({PutRun{second}, MarkDelivered{.seq = seq, .at = now_, .attempts = 1}}));
  const store::Run third =
      value_of(store->rerun({.run_id = "run-2", .from_step = {}, .new_id = "run-3"}, now_));
  EXPECT_EQ(third.key, "key-1\nrerun run-3");
}

TEST_P(RunsUnderControl, AreDoneAgainAfterTheirDeliveryDied) {
  const auto store = open();
  const std::int64_t seq = begin(*store, RunState::Failed, {});
  value_of(store->commit_and_wait({MarkDead{seq, now_, 4, "TIMEOUT", "no answer", ""}}));

  value_of(store->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-2"}, now_));

  EXPECT_EQ(value_of(store->lease_due(now_, 1)).at(0).run_id, "run-2");
  EXPECT_EQ(value_of(store->counts()).dead, 0);
  value_of(store->commit_and_wait({MarkDead{seq, now_, 1, "TIMEOUT", "again", ""}}));
  value_of(store->redrive(seq, now_));
  EXPECT_EQ(value_of(store->lease_due(now_, 1)).at(0).run_id, "run-2") << "a redrive goes on with it";
}

TEST_P(RunsUnderControl, GetTheSameReshapedInputAgain) {
  const auto store = open();
  Route route = route_named("1");
  route.reshapes_input = true;
  deliver(*store, RunState::Succeeded, {}, route);

  value_of(store->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-2"}, now_));

  EXPECT_EQ(value_of(store->lease_due(now_, 1)).at(0).input, R"({"shaped":1})");
}

TEST_P(RunsUnderControl, SayWhyTheyCannotBeDoneAgain) {
  const auto store = open();
  deliver(*store, RunState::Succeeded, {});
  store::Run invoked = run_of("invoked", "key-2");
  invoked.state = RunState::Succeeded;
  store::Run gone = run_of("gone", "key-3");
  gone.state = RunState::Succeeded;
  gone.delivery = 999;
  store::Run asked = run_of("asked", "key-4");
  asked.state = RunState::Succeeded;
  asked.delivery = value_of(store->run_by_id("run-1"))->delivery;
  asked.hops = 1;
  store::Run running = run_of("running", "key-5");
  value_of(store->commit_and_wait({PutRun{invoked}, PutRun{gone}, PutRun{asked}, PutRun{running}}));
  const auto rerun = [&](const std::string& id) {
    return store->rerun({.run_id = id, .from_step = {}, .new_id = "new"}, now_);
  };

  EXPECT_EQ(code_of(rerun("invoked")), ErrorCode::Unsupported);
  EXPECT_THAT(rerun("invoked").error().message, HasSubstr("Invoke the event again"));
  EXPECT_EQ(code_of(rerun("gone")), ErrorCode::NotFound);
  EXPECT_EQ(code_of(rerun("asked")), ErrorCode::Unsupported);
  EXPECT_EQ(code_of(rerun("running")), ErrorCode::Conflict);
  EXPECT_EQ(code_of(rerun("unknown")), ErrorCode::NotFound);
  EXPECT_EQ(code_of(store->rerun({.run_id = "run-1", .from_step = "turn 9", .new_id = "new"}, now_)),
            ErrorCode::NotFound);
}

TEST_P(RunsUnderControl, AreAnsweredByOneOfManyWhoTryAtOnce) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});
  std::atomic<int> accepted = 0;
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] {
      const auto answered = store->answer_step("run-1", "refund", "{\"by\":" + std::to_string(i) + "}", now_);
      if (answered) ++accepted;
      EXPECT_TRUE(answered || answered.error().code == ErrorCode::Conflict);
    });
  }
  for (auto& person : people) person.join();

  EXPECT_EQ(accepted, 1);
}

TEST_P(RunsUnderControl, AreEitherAnsweredOrCancelledFirst) {
  const auto store = open();
  park(*store, {question_of(0, "refund")});
  Result<Step> answered = fail(ErrorCode::Internal, "");
  Result<store::Run> cancelled = fail(ErrorCode::Internal, "");
  std::thread one{[&] { answered = store->answer_step("run-1", "", kYes, now_); }};
  std::thread other{[&] { cancelled = store->cancel_run("run-1", "", now_); }};
  one.join();
  other.join();

  EXPECT_TRUE(cancelled) << "an answered run is still under way";
  EXPECT_TRUE(answered || answered.error().code == ErrorCode::Conflict);
  EXPECT_EQ(value_of(store->run_by_id("run-1"))->state, RunState::Cancelled);
}

TEST(RunsBesideTheOwner, AreControlledWhileTheOwnerWrites) {
  const testing::TemporaryFolder folder;
  const auto owner = open_at(folder.path());
  const auto route = value_of(owner->put_route(route_named("1")));
  Transaction parked;
  for (int i = 0; i < 20; ++i) {
    const std::string id = "run-" + std::to_string(i);
    store::Run run = run_of(id, "key-" + std::to_string(i));
    run.state = RunState::Waiting;
    Step question = question_of(0, "refund");
    question.run_id = id;
    parked.emplace_back(PutRun{run});
    parked.emplace_back(PutStep{question});
  }
  value_of(owner->commit_and_wait(std::move(parked)));
  const auto beside = value_of(sqlite::open_beside_owner(folder.path()));
  const auto reader = value_of(sqlite::open_read_only(folder.path()));

  std::thread load{[&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(owner->commit_and_wait({event_to("live-" + std::to_string(i), {route})}));
    }
  }};
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(beside->answer_step("run-" + std::to_string(i), "", kYes, start_time()));
    EXPECT_TRUE(beside->cancel_run("run-" + std::to_string(i), "", start_time()));
  }
  load.join();

  EXPECT_EQ(value_of(owner->runs({.agent = {}, .event_id = {}, .state = RunState::Cancelled})).size(), 20U);
  EXPECT_EQ(value_of(owner->counts()).pending, 200);
  EXPECT_EQ(reader->answer_step("run-1", "", kYes, start_time()).error().code, ErrorCode::Conflict);
}

TEST(RunsBesideTheOwner, AreDoneAgainByTheOwner) {
  const testing::TemporaryFolder folder;
  const auto owner = open_at(folder.path());
  const auto route = value_of(owner->put_route(route_named("1")));
  const std::int64_t seq =
      value_of(owner->commit_and_wait({event_to("event-1", {route})})).deliveries.at(0).seq;
  store::Run run = run_of("run-1", "key-1");
  run.state = RunState::Succeeded;
  run.delivery = seq;
  value_of(
      owner->commit_and_wait({PutRun{run}, MarkDelivered{.seq = seq, .at = start_time(), .attempts = 1}}));
  const auto beside = value_of(sqlite::open_beside_owner(folder.path()));

  value_of(beside->rerun({.run_id = "run-1", .from_step = {}, .new_id = "run-2"}, start_time()));

  const auto leased = value_of(owner->lease_due(start_time(), 10));
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].run_id, "run-2");
  const auto later = value_of(owner->commit_and_wait({event_to("event-2", {route})}));
  EXPECT_NE(later.deliveries.at(0).seq, seq);
}

}  // namespace
}  // namespace ebagent::store
