#include "server/runs_api.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/json.hpp"
#include "raw_client.hpp"
#include "server/http_server.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace json = boost::json;

class RunsApiTest : public ::testing::Test {
 protected:
  RunsApiTest() {
    auto waiting = run_of("waits", store::RunState::Waiting);
    store::Step turn = step_of("waits", 0, "turn 1", "model", store::StepState::Succeeded);
    turn.input = R"({"model":"m"})";
    turn.output =
        R"({"text":"Let me refund.","calls":[{"tool":"refund","input":{}}],"usage":{"input":10,"output":5,"cache_read":1,"cache_write":0},"cost_usd":0.25})";
    store::Step question = step_of("waits", 1, "approval of refund", "approval", store::StepState::Started);
    const auto until = clock_.now() + std::chrono::hours{1};
    question.input = R"({"tool":"refund","arguments":{"order":"o-1"},"reason":"required","until":)" +
                     std::to_string(until.time_since_epoch().count()) + "}";
    auto failed = run_of("failed", store::RunState::Failed);
    failed.ended = clock_.now();
    EXPECT_TRUE(store_->commit_and_wait({store::PutRun{waiting, {}}, store::PutStep{turn},
                                         store::PutStep{question}, store::PutRun{failed, {}}}));
  }

  store::Run run_of(const std::string& id, store::RunState state) const {
    return {.id = id,
            .key = "key of " + id,
            .agent = id == "failed" ? "other" : "clerk",
            .event_id = "event of " + id,
            .event = R"({"id":"x"})",
            .state = state,
            .started = clock_.now(),
            .expires = clock_.now()};
  }
  store::Step step_of(const std::string& run, int index, const std::string& name, const std::string& kind,
                      store::StepState state) const {
    return {.run_id = run,
            .index = index,
            .name = name,
            .kind = kind,
            .effect = "read",
            .state = state,
            .started = clock_.now()};
  }
  Reply ask(const std::string& method, const std::string& path, const std::string& body = {},
            std::optional<Caller> caller = std::nullopt) {
    Request request;
    request.method = method;
    request.target = "/_eventbridge/runs" + path;
    request.body = body;
    request.caller = std::move(caller);
    std::promise<Reply> answered;
    api_.handle(std::move(request), [&](Reply reply) { answered.set_value(std::move(reply)); });
    return answered.get_future().get();
  }
  static json::object body_of(const Reply& reply) {
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return core::parse_json(reply.body).value().as_object();
  }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const json::object body = body_of(ask("GET", query));
    for (const auto& run : body.at("runs").as_array()) ids.emplace_back(run.at("id").as_string());
    return ids;
  }

  ebagent::testing::ManualClock clock_;
  ebagent::testing::FixedRandom random_;
  std::unique_ptr<store::Store> store_ = store::sqlite::open_memory().value();
  agent::RunFeed feed_;
  int due_ = 0;
  std::string cancelled_;
  RunsApi api_{{.store = *store_,
                .feed = feed_,
                .clock = clock_,
                .random = random_,
                .cancel = [this](const std::string& id, const std::string& reason) -> Result<void> {
                  BOOST_OUTCOME_TRYV(store_->cancel_run(id, reason, clock_.now()));
                  cancelled_ = id;
                  return success();
                },
                .on_due = [this] { ++due_; }}};
};

TEST_F(RunsApiTest, ListsRunsByAgentStateAndEvent) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(listed(""), (Ids{"failed", "waits"}));
  EXPECT_EQ(listed("?state=waiting"), Ids{"waits"});
  EXPECT_EQ(listed("?agent=other"), Ids{"failed"});
  EXPECT_EQ(listed("?event=event%20of%20waits"), Ids{"waits"});
  EXPECT_EQ(listed("?limit=1"), Ids{"failed"});
  EXPECT_EQ(listed("?agent=nobody"), Ids{});
}

TEST_F(RunsApiTest, RefusesAQueryThatSaysSomethingElse) {
  for (const char* query : {"?state=asleep", "?limit=0", "?limit=1001", "?limit=x", "?colour=red",
                            "?agent=a&agent=b", "?agent=%FF"}) {
    EXPECT_EQ(ask("GET", query).status, 400U) << query;
  }
}

TEST_F(RunsApiTest, ShowsARunWithItsStepsAndTotals) {
  clock_.advance(std::chrono::seconds{90});

  const json::object run = body_of(ask("GET", "/waits"));

  EXPECT_EQ(run.at("state"), "waiting");
  EXPECT_EQ(run.at("steps").as_array().size(), 2U);
  EXPECT_EQ(run.at("event").at("id"), "x");
  const json::object& totals = run.at("totals").as_object();
  EXPECT_EQ(totals.at("turns"), 1);
  EXPECT_EQ(totals.at("tokens").at("input"), 10);
  EXPECT_EQ(totals.at("cost_usd"), 0.25);
  EXPECT_EQ(totals.at("wall_ms"), 90'000);
  EXPECT_EQ(totals.at("waiting_ms"), 90'000);
  EXPECT_EQ(ask("GET", "/nobody").status, 404U);
}

TEST_F(RunsApiTest, TakesOneAnswer) {
  const json::object answered =
      body_of(ask("POST", "/waits/approve", R"({"step":"refund","comment":"fine","by":"ana"})",
                  Caller{.account = "123", .region = ""}));

  EXPECT_EQ(answered.at("step").at("output").at("approved"), true);
  EXPECT_EQ(answered.at("step").at("output").at("by"), "ana (account 123)");
  EXPECT_EQ(answered.at("step").at("output").at("comment"), "fine");
  EXPECT_EQ(due_, 1);
  EXPECT_EQ(ask("POST", "/waits/deny", R"({"step":"refund"})").status, 409U);
  EXPECT_EQ(due_, 1);
}

TEST_F(RunsApiTest, DeniesWithoutABody) {
  const json::object answered = body_of(ask("POST", "/waits/deny"));

  EXPECT_EQ(answered.at("step").at("output").at("approved"), false);
  EXPECT_EQ(answered.at("step").at("output").at("by"), "HTTP");
}

TEST_F(RunsApiTest, TakesNoAnswerThatComesTooLate) {
  clock_.advance(std::chrono::hours{1});

  const Reply late = ask("POST", "/waits/approve");

  EXPECT_EQ(late.status, 409U);
  EXPECT_THAT(late.body, HasSubstr("was over at"));
}

TEST_F(RunsApiTest, CancelsARunOnceAndTellsTheProcess) {
  const json::object run = body_of(ask("POST", "/waits/cancel", R"({"reason":"wrong order"})"));

  EXPECT_EQ(run.at("state"), "cancelled");
  EXPECT_EQ(run.at("error"), "Cancelled by HTTP: wrong order");
  EXPECT_EQ(cancelled_, "waits");
  EXPECT_EQ(ask("POST", "/waits/cancel").status, 409U);
  EXPECT_EQ(ask("POST", "/waits/approve").status, 409U);
}

TEST_F(RunsApiTest, DoesARunOfADeliveryAgain) {
  const auto route = store_->put_route({.bus = "default", .target_json = "{}"}).value();
  store::AcceptEvent event{.id = "e", .bus = "default", .accepted = clock_.now()};
  event.json = std::make_shared<const std::string>(R"({"id":"e"})");
  event.to.push_back({.route = route});
  const auto made = store_->commit_and_wait({event}).value();
  store::Run run = run_of("done", store::RunState::Succeeded);
  run.delivery = made.deliveries.at(0).seq;
  ASSERT_TRUE(store_->commit_and_wait(
      {store::PutRun{run, {}},
       store::MarkDelivered{.seq = run.delivery, .at = clock_.now(), .attempts = 1}}));

  const json::object again = body_of(ask("POST", "/done/rerun"));

  EXPECT_EQ(again.at("rerun_of"), "done");
  EXPECT_NE(again.at("id"), "done");
  EXPECT_EQ(due_, 1);
  EXPECT_EQ(ask("POST", "/done/rerun", R"({"from":"turn 9"})").status, 404U);
  EXPECT_EQ(ask("POST", "/failed/rerun").status, 409U) << "no delivery brought it";
  EXPECT_EQ(ask("POST", "/waits/rerun").status, 409U);
}

TEST_F(RunsApiTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(ask("POST", "/waits/approve", "[]").status, 400U);
  EXPECT_EQ(ask("POST", "/waits/approve", "{").status, 400U);
  EXPECT_EQ(ask("POST", "/waits/approve", R"({"step":1})").status, 400U);
  EXPECT_EQ(ask("POST", "/waits/approve", R"({"colour":"red"})").status, 400U);
  EXPECT_EQ(ask("POST", "/waits/approve", R"({"comment":")" + std::string(5'000, 'x') + "\"}").status, 400U);
  EXPECT_EQ(ask("POST", "/waits/applaud").status, 404U);
  EXPECT_EQ(ask("GET", "/waits/approve").status, 405U);
  EXPECT_EQ(ask("DELETE", "/waits").status, 405U);
  EXPECT_EQ(ask("POST", "/nobody/approve").status, 404U);
  EXPECT_EQ(due_, 0);
}

TEST_F(RunsApiTest, ServesItsOwnPathsOnly) {
  EXPECT_TRUE(RunsApi::serves("/_eventbridge/runs"));
  EXPECT_TRUE(RunsApi::serves("/_eventbridge/runs/x/approve"));
  EXPECT_FALSE(RunsApi::serves("/_eventbridge/runsaway"));
}

// The stream over a real socket.
class RunEventsTest : public RunsApiTest {
 protected:
  RunEventsTest() { EXPECT_TRUE(server_.start()); }
  ~RunEventsTest() override { server_.stop(); }

  void begin(testing::RawClient& client, const std::string& query = "") {
    client.send("GET /_eventbridge/runs/events" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until(": listening\n\n"), HasSubstr("Content-Type: text/event-stream"));
  }
  static agent::RunEvent event_of(std::string run, std::string text) {
    return {.kind = agent::RunEvent::Kind::Text,
            .run_id = std::move(run),
            .agent = "clerk",
            .step = "turn 1",
            .text = std::move(text)};
  }

  HttpServer server_{
      {.write_timeout = std::chrono::milliseconds{1'000}},
      [this](Request request, Respond respond) { api_.handle(std::move(request), std::move(respond)); }};
};

TEST_F(RunEventsTest, TellWhatRunsDoWhileTheyDoIt) {
  testing::RawClient client{server_.port()};
  begin(client);

  feed_.publish(event_of("run-1", "Hel"));
  feed_.publish({.kind = agent::RunEvent::Kind::StepEnded,
                 .run_id = "run-1",
                 .agent = "clerk",
                 .step = "count",
                 .step_kind = "tool",
                 .state = "succeeded",
                 .json = R"({"n":3})"});

  const std::string told = client.read_until("\"data\":{\"n\":3}}\n\n");
  EXPECT_THAT(told, HasSubstr("event: text\ndata: {\"run_id\":\"run-1\""));
  EXPECT_THAT(told, HasSubstr("\"text\":\"Hel\""));
  EXPECT_THAT(told, HasSubstr("event: step_ended\n"));
}

TEST_F(RunEventsTest, TellOfOneRunWhenAsked) {
  testing::RawClient client{server_.port()};
  begin(client, "?run=run-2");

  feed_.publish(event_of("run-1", "one"));
  feed_.publish(event_of("run-2", "two"));

  EXPECT_THAT(client.read_until("\n\n"), Not(HasSubstr("one")));
}

TEST_F(RunEventsTest, SayThatTheyAreAliveWhenNothingHappens) {
  testing::RawClient client{server_.port()};
  begin(client);

  clock_.advance(std::chrono::seconds{16});

  EXPECT_THAT(client.read_until("\n\n"), HasSubstr(": alive"));
}

TEST_F(RunEventsTest, CutOffAClientThatDoesNotTakeThem) {
  testing::RawClient client{server_.port()};
  begin(client);

  const std::string text(60'000, 'x');
  for (int i = 0; i < 400 && feed_.is_heard(); ++i) feed_.publish(event_of("run-1", text));

  const std::string all = client.read_to_end();
  EXPECT_THAT(all.substr(all.size() > 200 ? all.size() - 200 : 0), HasSubstr(": cut off"));
  EXPECT_FALSE(feed_.is_heard());
}

TEST_F(RunEventsTest, EndWithTheClientAndWithTheServer) {
  {
    testing::RawClient client{server_.port()};
    begin(client);
    EXPECT_TRUE(feed_.is_heard());
  }
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (feed_.is_heard() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  EXPECT_FALSE(feed_.is_heard());
  testing::RawClient other{server_.port()};
  begin(other);

  server_.stop();

  EXPECT_TRUE(other.is_ended());
  EXPECT_FALSE(feed_.is_heard());
}

TEST_F(RunEventsTest, AreRefusedWhenAsManyListenAsMay) {
  std::vector<std::unique_ptr<agent::RunFeed::Subscription>> listeners;
  for (std::size_t i = 0; i < agent::RunFeed::kMaxListeners; ++i) {
    listeners.push_back(feed_.subscribe([] {}).value());
  }
  EXPECT_EQ(ask("GET", "/events").status, 429U);
  EXPECT_EQ(ask("GET", "/events?colour=red").status, 400U);
}

}  // namespace
}  // namespace ebagent::server
