#include "examples/example_run.hpp"

namespace ebagent {
namespace {

using ::testing::HasSubstr;

class PatternsTest : public ebagent::testing::ExampleRun {};

TEST_F(PatternsTest, FanOutGivesOneEventToThreeAgents) {
  use_config("fan-out/agents.yaml");
  ASSERT_TRUE(services().objects->put("test-bucket", "uploads/test.csv", "order_id,amount\nA,1\nB,x\n"));

  const std::string text = answer("fan-out/events/upload.json");

  EXPECT_THAT(text, HasSubstr("Validate: 1 good rows, 1 bad ones"));
  EXPECT_THAT(text, HasSubstr("Transform: s3://test-bucket/documents/uploads/test.csv.md"));
  EXPECT_THAT(text, HasSubstr("Notify: kept in the outbox"));
  EXPECT_EQ(folder.read("buckets/test-bucket/documents/uploads/test.csv.md"),
            "# uploads/test.csv\n\norder_id,amount\nA,1\nB,x\n");
}

TEST_F(PatternsTest, FanOutRetriesOnlyTheAgentsThatFailed) {
  use_config("fan-out/agents.yaml");
  const Event event =
      ebagent::testing::event_in(ebagent::testing::example_file("fan-out/events/upload.json"));

  const Response first = app.respond(event);
  ASSERT_TRUE(services().objects->put("test-bucket", "uploads/test.csv", "order_id,amount\nA,1\n"));
  const Response second = app.respond(event);

  ASSERT_EQ(first.runs.size(), 3U);
  EXPECT_EQ(first.runs[0].state, AgentRunState::Failed);
  EXPECT_EQ(first.runs[1].state, AgentRunState::Failed);
  EXPECT_EQ(first.runs[2].state, AgentRunState::Succeeded);
  ASSERT_EQ(second.runs.size(), 3U);
  for (const AgentRun& run : second.runs) EXPECT_EQ(run.state, AgentRunState::Succeeded) << run.error.message;
  EXPECT_FALSE(second.runs[0].repeated);
  EXPECT_TRUE(second.runs[2].repeated);
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 1);
}

TEST_F(PatternsTest, ChainRunsThreeAgentsOneAfterTheOther) {
  use_config("chain/agents.yaml");

  const Response response = app.respond(
      ebagent::testing::event_in(ebagent::testing::example_file("chain/events/order-accepted.json")));

  ASSERT_EQ(response.runs.size(), 3U);
  EXPECT_EQ(response.runs[0].answer, "Checked order_123");
  EXPECT_EQ(response.runs[1].answer, "Packed order_123");
  EXPECT_EQ(response.runs[2].answer, "Shipped order_123");
  EXPECT_EQ(response.runs[2].hops, 2);
  EXPECT_EQ(number("SELECT count(*) FROM outbox WHERE recipient = 'jane.doe@example.com'"), 1);
  EXPECT_EQ(number("SELECT count(DISTINCT event_id) FROM event_log"), 3);
}

TEST_F(PatternsTest, ChainThatIsALoopEndsAtTheHopLimit) {
  use_config("chain/loop.yaml");

  const Response response =
      app.respond(ebagent::testing::event_in(ebagent::testing::example_file("chain/events/ping.json")));

  ASSERT_EQ(response.runs.size(), 6U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(response.runs[i].state, AgentRunState::Succeeded) << i;
  EXPECT_EQ(response.runs[5].state, AgentRunState::Failed);
  EXPECT_EQ(response.runs[5].error.code, ErrorCode::LimitExceeded) << response.runs[5].error.message;
  EXPECT_TRUE(response.runs[5].permanent);
}

TEST_F(PatternsTest, FilterSendsEveryTicketToOneAgentByItsContent) {
  use_config("filter/agents.yaml");

  EXPECT_EQ(answer("filter/events/high.json"), "High priority: The shop is down");
  EXPECT_EQ(answer("filter/events/many-users.json"), "High priority: Pictures load slowly");
  EXPECT_EQ(answer("filter/events/low.json"), "Low priority: A typing error in the imprint");
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM event_log"), 3);
}

}  // namespace
}  // namespace ebagent
