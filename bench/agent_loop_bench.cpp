// What the agent loop and its journal add to each step: runs of turns that cost nothing and tools that do nothing, on a store in
// memory and on a disk. A step is a model turn or a tool call.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ebagent/app.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace ebagent;
using Steady = std::chrono::steady_clock;

constexpr int kTurns = 10;  // each with one call, and one more for the answer

class Counting final : public Model {
 public:
  Result<Turn> next(const Conversation& so_far, const TurnRequest&) const override {
    const auto n = static_cast<std::int64_t>(so_far.exchanges.size());
    if (n == kTurns) return Turn{.text = "done"};
    return Turn{.calls = {{.tool = "count", .input = boost::json::object{{"n", n}}}},
                .end = TurnEnd::ToolCalls};
  }
  [[nodiscard]] std::string_view name() const override { return "counting"; }
};

App app_on(std::shared_ptr<store::Store> store, Effect effect) {
  App app{"bench", {.store = std::move(store)}};
  app.tool("count", "", [](Arg<"n", int> n) { return *n + 1; }, {.effect = effect});
  app.model("counting", std::make_shared<Counting>());
  app.agent({.name = "llm", .model = "counting", .tools = {"count"}});
  AgentSpec playbook{.name = "playbook", .tools = {"count"}};
  for (int i = 0; i < kTurns; ++i) {
    playbook.playbook.calls.push_back(
        {.name = "c" + std::to_string(i), .tool = "count", .input = R"({"n":1})"});
  }
  app.agent(std::move(playbook));
  return app;
}

Event event(int n) {
  Event made;
  made.id = "event-" + std::to_string(n);
  made.source = "bench";
  made.detail_type = "Bench";
  made.account = "000000000000";
  made.region = "us-east-1";
  made.detail = R"({"n":1})";
  return made;
}

double microseconds_per_step(App& app, const std::string& agent, int runs, int threads) {
  constexpr int kSteps = 2 * kTurns + 1;
  const auto begin = Steady::now();
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (int i = 0; i < runs; ++i) {
        auto done = app.process_event_with(agent, event(t * runs + i));
        if (!done) std::printf("failed: %s\n", done.error().message.c_str());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double, std::micro> took = Steady::now() - begin;
  return took.count() / (double(runs) * threads * kSteps);
}

void measure(const char* name, const std::shared_ptr<store::Store>& store, Effect effect,
             const std::string& agent, int runs, int threads) {
  App app = app_on(store, effect);
  std::printf("%-46s %4d runs on %2d threads  %9.1f us a step\n", name, runs * threads, threads,
              microseconds_per_step(app, agent, runs, threads));
}

}  // namespace

int main() {
  const testing::TemporaryFolder folder;
  int n = 0;
  const auto on_disk = [&] {
    return std::shared_ptr<store::Store>(store::sqlite::open(folder.path() / std::to_string(n++)).value());
  };
  const auto in_memory = [] { return std::shared_ptr<store::Store>(store::sqlite::open_memory().value()); };
  measure("(warm-up)", in_memory(), Effect::Read, "llm", 200, 1);
  measure("model, calls that read, store in memory", in_memory(), Effect::Read, "llm", 500, 1);
  measure("model, calls that change, store in memory", in_memory(), Effect::Once, "llm", 500, 1);
  measure("playbook, calls that read, store in memory", in_memory(), Effect::Read, "playbook", 500, 1);
  measure("model, calls that read, store on disk", on_disk(), Effect::Read, "llm", 30, 1);
  measure("model, calls that change, store on disk", on_disk(), Effect::Once, "llm", 30, 1);
  measure("model, calls that change, store on disk", on_disk(), Effect::Once, "llm", 20, 32);
  measure("playbook, calls that change, store on disk", on_disk(), Effect::Once, "playbook", 30, 1);
  return 0;
}
