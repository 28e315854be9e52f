#include "cli/project_files.hpp"

#include <string_view>

namespace ebagent::cli {
namespace {

constexpr std::string_view kNamePlace = "@NAME@";

constexpr std::string_view kAgentsYaml =
    R"yaml(# The agent @NAME@, twice: driven by a language model, and as a playbook that needs none.
# The model's turns come from a cassette until you say otherwise (see README.md); its key is only needed then.
models:
  assistant:
    provider: anthropic                  # or bedrock, openai
    model: claude-sonnet-4-5
    cassette: {file: cassettes/@NAME@.json, mode: replay}

agents:
  - name: @NAME@
    description: Tells the team of orders that are worth a call
    model: assistant
    instructions: |
      Look at the order. Note it with log_event. If it is over 1000, tell the team with send_notification, in one sentence.
      Answer with what you did, in one sentence.
    trusts_events: true                  # our own shop puts these orders
    limits: {turns: 6, tool_calls: 6, seconds: 60}
    tools:
      - name: log_event
        bind: {event_id: {from: $.event.id}}     # not the model's to choose
      - name: send_notification
        bind: {topic_arn: {value: "arn:aws:sns:us-east-1:000000000000:orders"}}

  - name: @NAME@-playbook
    description: The same without a model
    tools: [log_event, send_notification]
    playbook:
      - tool: log_event
        input: {event_id: <$.event.id>, details: <$.event.detail>}
      - tool: send_notification
        when: {event: {detail: {amount: [{numeric: [">", 1000]}]}}}
        input:
          topic_arn: arn:aws:sns:us-east-1:000000000000:orders
          subject: Large order
          message: "Order <$.event.detail.order> is worth <$.event.detail.amount>."
    respond:
      - when: {steps: {send_notification: {output: {message_id: [{exists: true}]}}}}
        text: "Noted order <$.event.detail.order> and told the team."
      - text: "Noted order <$.event.detail.order>."

rules:
  - name: orders
    pattern: {source: [shop.orders], detail-type: [Order Placed]}
    agents: [@NAME@]
  - name: orders-playbook
    pattern: {source: [shop.orders], detail-type: [Order Placed]}
    agents: [@NAME@-playbook]
    state: DISABLED
)yaml";

constexpr std::string_view kEvent = R"json({
  "id": "order-event-1",
  "source": "shop.orders",
  "detail-type": "Order Placed",
  "time": "2026-01-26T16:00:00Z",
  "detail": {"order": "A-17", "amount": 1250, "customer": "cust_456"}
}
)json";

constexpr std::string_view kCassette = R"json({
  "format": "eventbridge-agent cassette",
  "version": 1,
  "agent": "@NAME@",
  "model": "written by hand",
  "turns": [
    {
      "note": "Written by hand, no model was asked. Without a request a turn is given in its place, whatever is asked.",
      "turn": {
        "calls": [
          {"tool": "log_event", "input": {"details": {"order": "A-17", "amount": 1250}}},
          {"tool": "send_notification", "input": {"subject": "Large order", "message": "Order A-17 is worth 1250."}}
        ]
      }
    },
    {"turn": {"text": "Noted order A-17 and told the team."}}
  ]
}
)json";

constexpr std::string_view kModelTest = R"json({
  "format": "eventbridge-agent test",
  "version": 1,
  "name": "@NAME@ tells the team of a large order",
  "agent": "@NAME@",
  "config": "../agents.yaml",
  "cassette": "../cassettes/@NAME@.json",
  "event": "../events/order-placed.json",
  "tools": "real",
  "expect": {
    "state": "succeeded",
    "steps": [
      {"step": "log_event"},
      {"step": "send_notification", "input": {
        "topic_arn": "arn:aws:sns:us-east-1:000000000000:orders",
        "subject": "Large order",
        "message": "Order A-17 is worth 1250."
      }}
    ],
    "answer": "Noted order A-17 and told the team."
  }
}
)json";

constexpr std::string_view kPlaybookTest = R"json({
  "format": "eventbridge-agent test",
  "version": 1,
  "name": "the playbook does the same",
  "agent": "@NAME@-playbook",
  "config": "../agents.yaml",
  "event": "../events/order-placed.json",
  "tools": "real",
  "expect": {
    "steps": [{"step": "log_event"}, {"step": "send_notification"}],
    "answer": "Noted order A-17 and told the team."
  }
}
)json";

constexpr std::string_view kYamlReadme = R"md(# @NAME@

An agent that looks at orders, made by `eventbridge-agent new`.

    eventbridge-agent test tests/*.json                                   # from the cassette: no model, no key
    eventbridge-agent invoke events/order-placed.json --config agents.yaml --data .data
    eventbridge-agent runs list --data .data
    eventbridge-agent serve --config agents.yaml --data .data             # the bus, on http://127.0.0.1:4010

`cassettes/@NAME@.json` was written by hand. To ask the real model and keep its turns:

    export ANTHROPIC_API_KEY=...
    rm cassettes/@NAME@.json
    EBAGENT_CASSETTE_MODE=record eventbridge-agent invoke events/order-placed.json --config agents.yaml --data .data

A run that is worth keeping becomes a test: `eventbridge-agent runs export ID --data .data --config agents.yaml --cassette
cassettes/one.json --test tests/one.json`. Set `mode: live` in agents.yaml for a server that asks the model each time. What you
change is first seen with `eventbridge-agent shadow --data .data --config agents.yaml`.
)md";

constexpr std::string_view kGitIgnore = ".data/\n.eventbridge-agent/\nbuild/\n";

constexpr std::string_view kCMake = R"cmake(cmake_minimum_required(VERSION 3.25)
project(agent LANGUAGES CXX)

# Where eventbridge-agent is installed (cmake --install ... --prefix DIR, then -DCMAKE_PREFIX_PATH=DIR), or was built
# (-Debagent_DIR=PATH/TO/build/release).
find_package(ebagent REQUIRED)

add_library(agents STATIC agents.cpp)
target_link_libraries(agents PUBLIC ebagent::agent)

add_executable(@NAME@ main.cpp)
target_link_libraries(@NAME@ PRIVATE agents ebagent::ebagent)

enable_testing()
add_executable(agents_test agents_test.cpp)
target_link_libraries(agents_test PRIVATE agents ebagent::testing)
add_test(NAME agents_test COMMAND agents_test)
)cmake";

constexpr std::string_view kAgentsHeader = R"cpp(#pragma once

#include <ebagent/ebagent.hpp>

                                                 // Sets the agents and their tools up.
                                                 void add_agents(ebagent::App& app);
)cpp";

constexpr std::string_view kAgentsSource =
    R"cpp(#include "agents.hpp"

          using namespace ebagent;

          void add_agents(App& app) {
            app.tool("send_notification", "Tells the team",
                     [](Arg<"message", std::string, "What to tell, in one sentence"> message,
                        const ToolContext& context) {
                       // Send it here, with context.idempotency_key(), so that a call repeated after a crash is recognised.
                       return "told: " + *message + " (" + context.idempotency_key().substr(0, 8) + ")";
                     },
                     {.effect = Effect::Idempotent});
            app.model("assistant", ModelSettings{.provider = "anthropic", .model = "claude-sonnet-4-5"});
            app.agent({.name = "@NAME@",
                       .description = "Tells the team of orders that are worth a call",
                       .model = "assistant",
                       .instructions = "If the order is over 1000, tell the team. Answer in one sentence.",
                       .tools = {"send_notification"},
                       .limits = {.turns = 6},
                       .trusts_events = true});
            app.on(R"({"source": ["shop.orders"], "detail-type": ["Order Placed"]})", "@NAME@");
          }
    )cpp";

constexpr std::string_view kMain = R"cpp(#include "agents.hpp"

                                         int main(int argc, char** argv) {
                                           ebagent::App app{"@NAME@"};
                                           add_agents(app);
                                           return app.main(argc, argv);
                                         }
)cpp";

constexpr std::string_view kTest =
    R"cpp(#include <cstdio>
#include <ebagent/testing.hpp>

#include "agents.hpp"

          using namespace ebagent;

          namespace {

          int failures = 0;

          void expect(bool holds, const char* what) {
            if (holds) return;
            std::fprintf(stderr, "FAILED: %s\n", what);
            ++failures;
          }

          const Event order = testing::event("shop.orders", "Order Placed", R"({"order": "A-17", "amount": 1250})");

          void tells_the_team_of_a_large_order() {
            App app{"test"};
            add_agents(app);
            testing::Stage stage{app};
            stage.script("@NAME@", {testing::calls("send_notification", {{"message", "A-17 is worth 1250."}}),
                                    testing::answers("Told the team.")});
            stage.fake("send_notification", R"({"sent": true})");

            const auto run = stage.run("@NAME@", order);

            expect(run.succeeded() && run.answer() == "Told the team.", "the agent answers");
            expect(run.steps() == std::vector<std::string>{"turn 1", "send_notification", "turn 2"},
                   "one call in two turns");
            expect(run.calls("send_notification").size() == 1, "the team is told once");
            expect(stage.check().has_value(), "every turn was asked for");
          }

          void tells_it_once_though_the_process_dies_and_the_service_throttles() {
            testing::Stage stage{[] {
              App app{"test"};
              add_agents(app);
              return app;
            }};
            stage.script("@NAME@", {testing::calls("send_notification", {{"message", "A-17 is worth 1250."}}),
                                    testing::overloaded(2), testing::answers("Told the team.")});
            stage.crash_after_intent("send_notification");

            const auto run = stage.run("@NAME@", order);

            expect(run.succeeded(), "the run goes on where it stood");
            expect(run.calls("send_notification").size() == 1, "the team is told once");
            expect(stage.check().has_value(), "the crash came and every turn was asked for");
          }

          }  // namespace

          int main() {
            tells_the_team_of_a_large_order();
            tells_it_once_though_the_process_dies_and_the_service_throttles();
            return failures == 0 ? 0 : 1;
          }
    )cpp";

constexpr std::string_view kCppReadme = R"md(# @NAME@

An agent in C++, made by `eventbridge-agent new --language cpp`.

    cmake -S . -B build -DCMAKE_PREFIX_PATH=/where/eventbridge-agent/is/installed
    cmake --build build
    ctest --test-dir build                                   # on scripted turns: no model, no key
    export ANTHROPIC_API_KEY=...
    build/@NAME@ invoke events/order-placed.json --data .data
    build/@NAME@ serve --data .data                          # the bus, on http://127.0.0.1:4010

`agents.cpp` has the agent and its tool, `agents_test.cpp` its tests with `ebagent/testing.hpp`.
)md";

std::string filled(std::string_view form, const std::string& name) {
  std::string text(form);
  for (auto at = text.find(kNamePlace); at != std::string::npos;
       at = text.find(kNamePlace, at + name.size())) {
    text.replace(at, kNamePlace.size(), name);
  }
  return text;
}

}  // namespace

std::vector<ProjectFile> yaml_project(const std::string& name) {
  return {{"agents.yaml", filled(kAgentsYaml, name)},
          {"events/order-placed.json", filled(kEvent, name)},
          {"cassettes/" + name + ".json", filled(kCassette, name)},
          {"tests/" + name + ".json", filled(kModelTest, name)},
          {"tests/" + name + "-playbook.json", filled(kPlaybookTest, name)},
          {"README.md", filled(kYamlReadme, name)},
          {".gitignore", filled(kGitIgnore, name)}};
}

std::vector<ProjectFile> cpp_project(const std::string& name) {
  return {{"CMakeLists.txt", filled(kCMake, name)},    {"agents.hpp", filled(kAgentsHeader, name)},
          {"agents.cpp", filled(kAgentsSource, name)}, {"main.cpp", filled(kMain, name)},
          {"agents_test.cpp", filled(kTest, name)},    {"events/order-placed.json", filled(kEvent, name)},
          {"README.md", filled(kCppReadme, name)},     {".gitignore", filled(kGitIgnore, name)}};
}

}  // namespace ebagent::cli
