#include "agent/agent_yaml.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "agent/app_yaml.hpp"
#include "agent/model_settings_yaml.hpp"
#include "agent/model_table.hpp"
#include "agent/price_table.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

class AgentYamlTest : public ::testing::Test {
 protected:
  AgentYamlTest() {
    EXPECT_TRUE(registry.add(Tool::from(
        "notify", "", [](Arg<"topic", std::string> topic, Arg<"text", std::string>) { return *topic; })));
  }

  std::string load(const std::string& yaml) {
    Registry into = registry;
    ModelTable models{std::make_shared<SystemClock>(), std::make_shared<core::SystemRandom>()};
    const Sections sections;
    const ConfigPorts ports{.sections = sections,
                            .find_model = [&](const AgentSpec& of, const AppSettings& with) {
                              return models.find(of, with.models);
                            }};
    const auto loaded = load_yaml(yaml, "agents.yaml", into, settings, ports);
    if (!loaded) return loaded.error().message;
    if (const Agent* agent = into.agent("a")) spec = agent->spec;
    return "";
  }

  Registry registry;
  AppSettings settings;
  AgentSpec spec;
};

TEST_F(AgentYamlTest, TellsWhatIsWrongWithAModelWhereItIsDeclared) {
  EXPECT_EQ(load(R"(
models:
  clever: {provider: anthropic, model: x, region: eu-central-1}
)"),
            "agents.yaml:3:3: Model \"clever\": A model's region is a thing of bedrock only.");
}

TEST_F(AgentYamlTest, ReadsUsesOfToolsLimitsAndOptions) {
  ASSERT_EQ(load(R"(
agents:
  - name: a
    tools:
      - name: notify
        bind: {topic: {from: $.detail.topic}}
        allow: {text: {prefix: "Hi", pattern: "[^<>]*", values: ["Hi", "Hi there"]}}
        approval: when-tainted
        timeout: 1500ms
    limits: {turns: 6, tool_calls: 7, seconds: 8, tokens: 50000, cost_usd: 0.10, same_calls: 2}
    output_schema: {type: object, properties: {severity: {enum: [low, high]}}, required: [severity]}
    trusts_events: true
    approval_timeout: 2h
)"),
            "");
  ASSERT_EQ(spec.tools.size(), 1U);
  const ToolUse& use = spec.tools[0];
  EXPECT_EQ(use.bind.at("topic").from, "$.detail.topic");
  EXPECT_EQ(use.constraints.at("text").prefix, "Hi");
  EXPECT_EQ(use.constraints.at("text").pattern, "[^<>]*");
  EXPECT_EQ(use.constraints.at("text").allowed, (std::vector<std::string>{"Hi", "Hi there"}));
  EXPECT_EQ(use.approval, Approval::WhenTainted);
  EXPECT_EQ(use.timeout, std::chrono::milliseconds(1'500));
  EXPECT_EQ(spec.limits.tokens, 50'000);
  EXPECT_EQ(spec.limits.cost_usd, 0.10);
  EXPECT_EQ(spec.limits.same_calls, 2);
  EXPECT_EQ(spec.output_schema.at("required"), json::parse(R"(["severity"])"));
  EXPECT_TRUE(spec.trusts_events);
  EXPECT_EQ(spec.approval_timeout, std::chrono::hours(2));
}

TEST_F(AgentYamlTest, BoundValuesKeepTheirTypes) {
  ASSERT_EQ(
      load("agents: [{name: a, tools: [{name: notify, bind: {topic: {value: {a: [1, true, \"2\"]}}}}]}]\n"),
      "");
  EXPECT_EQ(spec.tools[0].bind.at("topic").value, json::parse(R"({"a":[1,true,"2"]})"));
}

TEST_F(AgentYamlTest, ErrorsSayWhereAndWhat) {
  const auto error_of_use = [&](const std::string& use) {
    return load("agents:\n- name: a\n  tools:\n  - " + use + "\n");
  };
  EXPECT_EQ(error_of_use("{name: notfy}"),
            "agents.yaml:4:12: There is no tool \"notfy\". Did you mean \"notify\"?");
  EXPECT_EQ(error_of_use("{name: notify, bnd: {}}"),
            "agents.yaml:4:20: \"bnd\" is unknown in a use of a tool. Did you mean \"bind\"?");
  EXPECT_EQ(error_of_use("{name: notify, bind: {topc: {value: 1}}}"),
            "agents.yaml:4:27: Argument \"topc\" of tool \"notify\" does not exist. Did you mean \"topic\"?");
  EXPECT_EQ(error_of_use("{name: notify, bind: {topic: {}}}"),
            "agents.yaml:4:27: Argument \"topic\" of tool \"notify\" is bound to nothing; give either from "
            "or value.");
  EXPECT_EQ(error_of_use("{name: notify, allow: {text: {pattern: \"(\"}}}")
                .find("agents.yaml:4:28: Argument \"text\""),
            0U);
  EXPECT_EQ(error_of_use("{name: notify, bind: {text: {value: 1}}, allow: {text: {prefix: a}}}"),
            "agents.yaml:4:5: Argument \"text\" of tool \"notify\" is both bound and constrained; what is "
            "bound is not the "
            "model's to choose.");
  EXPECT_EQ(error_of_use("{name: notify, approval: maybe}"),
            "agents.yaml:4:30: \"approval\" is one of never, when-tainted, required.");
  EXPECT_EQ(
      error_of_use("{name: notify, timeout: 10}").find("agents.yaml:4:29: \"timeout\" must be a duration"),
      0U);
  EXPECT_EQ(error_of_use("notify\n  - notify"), "agents.yaml:5:5: Tool \"notify\" is listed twice.");
  const auto error_of = [&](const std::string& key) { return load("agents:\n- name: a\n  " + key + "\n"); };
  EXPECT_EQ(error_of("limits: {cost_usd: 0}"), "agents.yaml:3:22: \"cost_usd\" must be more than 0.");
  EXPECT_EQ(error_of("limits: {cost_usd: cheap}"),
            "agents.yaml:3:22: \"cost_usd\" must be a number of 0 or more.");
  EXPECT_EQ(error_of("trusts_events: yes"), "agents.yaml:3:18: \"trusts_events\" is either true or false.");
  EXPECT_EQ(error_of("output_schema: {type: objct}").find("agents.yaml:3:18: The schema at /type must be"),
            0U);
  EXPECT_EQ(error_of("output_schema: text"),
            "agents.yaml:3:18: \"output_schema\" must be a JSON schema, a mapping.");
  EXPECT_EQ(error_of("approval_timeout: 10ms"),
            "agents.yaml:3:21: \"approval_timeout\" must be one second or more.");
}

TEST_F(AgentYamlTest, ReadsModelsAndPrices) {
  ASSERT_EQ(load(R"(
models:
  sonnet:
    provider: bedrock
    model: eu.anthropic.claude
    region: eu-central-1
    api_key: env:KEY
    max_tokens: 1000
    temperature: 0.5
    timeout: 2m
    attempts: 2
    stream: false
    cache_prompt: false
    guardrail_id: g
    guardrail_version: "1"
    extra: {thinking: {type: enabled, budget_tokens: 1024}}
settings:
  prices:
    "*claude*": {input: 3, output: 15, cache_read: 0.3}
    "*": {input: 1, output: 2}
)"),
            "");
  const ModelSettings expected{
      .provider = "bedrock",
      .model = "eu.anthropic.claude",
      .url = "",
      .region = "eu-central-1",
      .api_key = "env:KEY",
      .max_tokens = 1'000,
      .temperature = 0.5,
      .timeout = std::chrono::seconds(120),
      .attempts = 2,
      .stream = false,
      .cache_prompt = false,
      .guardrail_id = "g",
      .guardrail_version = "1",
      .extra = boost::json::object{{"thinking", {{"type", "enabled"}, {"budget_tokens", 1024}}}}};
  EXPECT_EQ(settings.models.at("sonnet"), expected);
  EXPECT_EQ(price_of(settings.prices, "eu.anthropic.claude"), (Price{3, 15, 0.3, 3}));
  EXPECT_EQ(price_of(settings.prices, "gpt"), (Price{1, 2, 1, 1}));
}

TEST_F(AgentYamlTest, ModelsAndPricesThatCannotBeMeantAreRefused) {
  EXPECT_EQ(load("models: {playbook: {provider: openai, model: x}}\n")
                .find("agents.yaml:1:10: \"playbook\" is no name"),
            0U);
  EXPECT_EQ(load("models: {m: {provider: openai}}\n"), "agents.yaml:1:13: \"model\" is missing in a model.");
  EXPECT_EQ(load("models: {m: {provider: openai, model: x, api_key: sk-123}}\n").find("sk-123"),
            std::string::npos);
  EXPECT_EQ(load("models: {m: {provider: openai, model: x, attempts: 0}}\n"),
            "agents.yaml:1:52: \"attempts\" must be 1 or more.");
  EXPECT_EQ(load("settings: {prices: {x: {input: 1}}}\n"),
            "agents.yaml:1:24: \"output\" is missing in a price.");
  EXPECT_EQ(load("settings: {prices: {x: {input: -1, output: 1}}}\n"),
            "agents.yaml:1:32: \"input\" must be a number of 0 or more.");
}

TEST_F(AgentYamlTest, DurationsHaveAUnitAndABound) {
  const YamlReader yaml("f");
  const auto duration = [&](const char* text) { return yaml.duration(YAML::Node(text), "x"); };
  EXPECT_EQ(duration("250ms").value(), std::chrono::milliseconds(250));
  EXPECT_EQ(duration("10s").value(), std::chrono::seconds(10));
  EXPECT_EQ(duration("5m").value(), std::chrono::minutes(5));
  EXPECT_EQ(duration("1h").value(), std::chrono::hours(1));
  EXPECT_EQ(duration("366d").value(), std::chrono::hours(366 * 24));
  for (const char* text :
       {"", "10", "s", "0s", "-1s", "1.5h", "10 s", "1w", "367d", "99999999999s", "2147483647d", "1h30m"}) {
    EXPECT_FALSE(duration(text)) << text;
  }
}

}  // namespace
}  // namespace ebagent::agent
