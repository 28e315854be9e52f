#include "agent/agent_target.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

class AgentTargetTest : public ::testing::Test {
 protected:
  store::Delivery delivery_to(const std::string& arn) {
    auto route = std::make_shared<store::Route>();
    route->target_arn = arn;
    route->rule_arn = "arn:aws:events:us-west-2:123:rule/r";
    route->target_id = "1";
    store::Delivery delivery;
    delivery.event_id = "event-1";
    delivery.event = std::make_shared<const std::string>(to_json(order_event()));
    delivery.route = std::move(route);
    return delivery;
  }
  delivery::SendOutcome send_to(const std::string& name) {
    return target.send(delivery_to("arn:aws:lambda:us-west-2:123:function:" + name));
  }
  template <class Outcome>
  Outcome fails_with(ErrorCode code) {
    const std::string name = "fails-" + std::to_string(int(code));
    app.handler(name,
                [code](const Event&, ebagent::Run&) -> Result<std::string> { return fail(code, "why"); });
    const auto outcome = send_to(name);
    EXPECT_TRUE(std::holds_alternative<Outcome>(outcome)) << int(code);
    return std::holds_alternative<Outcome>(outcome) ? std::get<Outcome>(outcome) : Outcome{};
  }

  World world;
  App app = world.new_app();
  AgentTarget target{app};
};

TEST_F(AgentTargetTest, ResolvesAFunctionsArnToTheAgentOfItsName) {
  int runs = 0;
  app.handler("order-processor", [&](const Event& event, ebagent::Run&) {
    ++runs;
    EXPECT_EQ(event, order_event());
  });

  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(send_to("order-processor")));
  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(send_to("order-processor:live")));
  EXPECT_EQ(runs, 1) << "the second delivery is the same event for the same agent";
}

TEST_F(AgentTargetTest, DoesOneRunAgainWithTheStepsThatItTookOver) {
  int first = 0, second = 0, others = 0;
  app.handler("a", [&](const Event&, ebagent::Run& run) {
    run.step("first", [&] { ++first; });
    run.step("second", [&] { ++second; });
  });
  app.handler("b", [&](const Event&, ebagent::Run&) { ++others; });
  app.on(kOrders, "a");
  app.on(kOrders, "b");
  auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:eventbridge-agent");
  ASSERT_TRUE(std::holds_alternative<delivery::Delivered>(target.send(delivery)));
  store::Run again = world.store->runs({.agent = "a", .event_id = {}, .state = {}}).value().at(0);
  const auto steps = world.store->steps(again.id).value();
  const std::string id = "again";
  again.key += std::string(store::kRerunKey) + id;
  again.id = id;
  again.state = store::RunState::Running;
  again.attempts = 0;
  store::Step kept = steps.at(0);
  kept.run_id = id;
  ASSERT_TRUE(world.store->commit_and_wait({store::PutRun{again, {}}, store::PutStep{kept}}));
  delivery.run_id = id;

  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(target.send(delivery)));

  EXPECT_EQ(first, 1) << "it was taken over";
  EXPECT_EQ(second, 2);
  EXPECT_EQ(others, 1) << "the delivery carries one run alone";
  const auto done = world.store->run_by_id(id).value();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->state, store::RunState::Succeeded);
  EXPECT_EQ(done->attempts, 1);
  EXPECT_EQ(world.store->steps(id).value().size(), 2U);
}

TEST_F(AgentTargetTest, SaysThatARunWhoseAgentIsGoneCannotBeDoneAgain) {
  app.handler("a", [](const Event&, ebagent::Run&) {});
  auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:a");
  delivery.run_id = "gone";
  ASSERT_TRUE(world.store != nullptr);

  const auto outcome = target.send(delivery);

  ASSERT_TRUE(std::holds_alternative<delivery::Fail>(outcome));
  EXPECT_NE(std::get<delivery::Fail>(outcome).message.find("gone"), std::string::npos);
}

TEST_F(AgentTargetTest, ResolvesTheAppsNameToItsOwnRules) {
  int runs = 0;
  app.handler("a", [&](const Event&, ebagent::Run&) { ++runs; });
  app.on(kOrders, "a");

  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(send_to("eventbridge-agent")));
  EXPECT_EQ(runs, 1);
}

TEST_F(AgentTargetTest, FailsForGoodWhenNobodyAnswersToTheArn) {
  app.handler("order-processor", [](const Event&, ebagent::Run&) {});

  const auto outcome = std::get<delivery::Fail>(send_to("order-procesor"));

  EXPECT_EQ(outcome.code, "NO_RESOURCE");
  EXPECT_NE(outcome.message.find("Did you mean \"order-processor\"?"), std::string::npos) << outcome.message;
  for (const char* arn : {"", "arn:aws:lambda", "arn:aws:sqs:us-west-2:123:function:order-processor",
                          "arn:aws:lambda:us-west-2:123:function:", "order-processor"}) {
    EXPECT_TRUE(std::holds_alternative<delivery::Fail>(target.send(delivery_to(arn)))) << arn;
  }
}

TEST_F(AgentTargetTest, RetriesWhatMayHelpAndFailsForGoodOtherwise) {
  EXPECT_EQ(fails_with<delivery::Retry>(ErrorCode::Unavailable).message, "Agent fails-6: why");
  EXPECT_EQ(fails_with<delivery::Retry>(ErrorCode::TimedOut).code, "TIMEOUT");
  EXPECT_EQ(fails_with<delivery::Retry>(ErrorCode::Internal).code, "ERROR_FROM_TARGET");
  EXPECT_EQ(fails_with<delivery::Fail>(ErrorCode::InvalidArgument).code, "ERROR_FROM_TARGET");
  (void)fails_with<delivery::Fail>(ErrorCode::Malformed);
  (void)fails_with<delivery::Fail>(ErrorCode::LimitExceeded);
}

TEST_F(AgentTargetTest, FailsForGoodWhenAnOutcomeIsUnknown) {
  app.handler("a", [](const Event&, ebagent::Run&) -> std::string { throw OutcomeUnknown("nobody knows"); });

  EXPECT_EQ(std::get<delivery::Fail>(send_to("a")).message, "Agent a: nobody knows");
}

TEST_F(AgentTargetTest, RetriesTheWholeAppWhileOneOfItsAgentsMayStillSucceed) {
  app.handler("never", [](const Event&, ebagent::Run&) -> Result<std::string> {
    return fail(ErrorCode::InvalidArgument, "bad");
  });
  app.handler("later", [](const Event&, ebagent::Run&) -> Result<std::string> {
    return fail(ErrorCode::Unavailable, "down");
  });
  app.on(kOrders, "never").on(kOrders, "later");

  EXPECT_EQ(std::get<delivery::Retry>(send_to("eventbridge-agent")).message,
            "Agent never: bad; Agent later: down");
}

TEST_F(AgentTargetTest, GivesAReshapedInputBesideTheOriginalEnvelope) {
  std::string source, input;
  app.handler("a", [&](const Event& event, ebagent::Run& run) {
    source = event.source;
    input = run.input();
  });
  auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:a");
  delivery.input = R"({"order":"order_123"})";

  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(target.send(delivery)));

  EXPECT_EQ(source, "myapp.orders");
  EXPECT_EQ(input, R"({"order":"order_123"})");
}

TEST_F(AgentTargetTest, TakesAnInputThatIsAnEnvelopeForTheEventButKeepsTheId) {
  Event seen;
  app.handler("a", [&](const Event& event, ebagent::Run&) { seen = event; });
  auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:a");
  delivery.input = R"({"id":"always","source":"my.source","detail-type":"T","detail":{"task":"backup"}})";

  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(target.send(delivery)));

  EXPECT_EQ(seen.source, "my.source");
  EXPECT_EQ(seen.detail, R"({"task":"backup"})");
  EXPECT_EQ(seen.id, "event-1") << "a constant input must not make every delivery the same event";
}

TEST_F(AgentTargetTest, LeavesTheEndOfARunToTheRecordOfItsDelivery) {
  int runs = 0;
  app.handler("a", [&](const Event&, ebagent::Run&) { return "answer " + std::to_string(++runs); });
  const auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:a");
  {
    delivery::Record record;
    EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(target.send_on_record(delivery, record)));
    EXPECT_TRUE(world.store->runs({}).value().empty());

    delivery::Record second;
    EXPECT_TRUE(std::holds_alternative<delivery::Retry>(target.send_on_record(delivery, second)))
        << "until it is written, the event is in progress";
    ASSERT_TRUE(world.store->commit_and_wait(std::move(record.writes)));
  }

  EXPECT_EQ(world.store->runs({}).value().at(0).result, "answer 1");
  EXPECT_TRUE(std::holds_alternative<delivery::Delivered>(send_to("a")));
  EXPECT_EQ(runs, 1);
}

TEST_F(AgentTargetTest, KeepsTheEventWithARunUnlessItWasAcceptedUnderItsOwnId) {
  app.handler("a", [](const Event&, ebagent::Run&) {});
  app.handler("b", [](const Event&, ebagent::Run&) {});
  const auto run_of = [&](const std::string& agent, const std::string& accepted_as) {
    delivery::Record record{.event_id = accepted_as};
    (void)target.send_on_record(delivery_to("arn:aws:lambda:us-west-2:123:function:" + agent), record);
    return std::get<store::PutRun>(record.writes.at(0)).run;
  };

  EXPECT_TRUE(run_of("a", "event-1").is_event_accepted);
  EXPECT_FALSE(run_of("b", "event-1@arn:aws:events:eu-west-1:123:event-bus/default").is_event_accepted);
}

TEST_F(AgentTargetTest, PassesTheHopsOn) {
  auto sink = std::make_shared<RecordingSink>();
  app.use({.events = sink});
  app.handler("a", [](const Event&, ebagent::Run& run) { (void)run.put_event("myapp", "Next", "{}"); });
  auto delivery = delivery_to("arn:aws:lambda:us-west-2:123:function:a");
  delivery.hops = 7;

  (void)target.send(delivery);

  ASSERT_EQ(sink->puts.size(), 1u);
  EXPECT_EQ(sink->puts[0].chain.hops, 8);
}

}  // namespace
}  // namespace ebagent::agent
