#include "agent/app_yaml.hpp"

#include <gtest/gtest.h>

#include "agent/yaml_reader.hpp"
#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

constexpr const char* kWhole = R"(
settings:
  hop_limit: 3
  idempotency_expiry_seconds: 3600
agents:
  - name: alarm-responder
    description: Diagnoses alarms and tells people
    tools: [describe_alarm, notify]
    limits: {turns: 6, tool_calls: 5, seconds: 30}
    playbook:
      - name: diagnose
        tool: describe_alarm
        when: {event: {detail: {state: {value: [ALARM]}}}}
        input: {alarm: <$.event.detail.alarmName>, threshold: <$.event.detail.threshold>, note: "is <$.event.detail.state.value>"}
        on_error: continue
      - tool: notify
        when: '{"steps":{"diagnose":{"output":{"severe":[true]}}}}'
        input: '{"text": "<$.steps.diagnose.output.reason>"}'
    respond:
      - when: {event: {detail: {state: {value: [OK]}}}}
        text: "All is well with <$.event.detail.alarmName>."
      - text: |-
          ALARM: <$.event.detail.alarmName>
          Threshold: <$.event.detail.threshold>%
rules:
  - name: alarms
    pattern: {source: [aws.cloudwatch], detail-type: ["CloudWatch Alarm State Change"]}
    agents: [alarm-responder]
  - schedule: rate(1 hour)
    agents: [alarm-responder]
    state: DISABLED
)";

class AppYamlTest : public ::testing::Test {
 protected:
  AppYamlTest() {
    app.tool("describe_alarm", "",
             [this](Arg<"alarm", std::string> alarm, Arg<"threshold", double> threshold,
                    Arg<"note", std::string> note) {
               described = *alarm + "/" + std::to_string(int(*threshold)) + "/" + *note;
               return boost::json::object{{"severe", true}, {"reason", "busy \"loop\""}};
             },
             {.effect = Effect::Read});
    app.tool("notify", "", [this](Arg<"text", std::string> text) { notified = *text; });
    app.handler("generic", [](const Event&, ebagent::Run&) { return "generic"; });
  }

  std::string error_of(std::string_view yaml) {
    const auto loaded = app.load_text(yaml, "agents.yaml");
    return loaded ? "no error" : loaded.error().message;
  }
  static Event alarm(std::string state) {
    Event event = order_event();
    event.source = "aws.cloudwatch";
    event.detail_type = "CloudWatch Alarm State Change";
    event.detail = R"({"alarmName":"HighCPUUsage","state":{"value":")" + state + R"("},"threshold":80})";
    return event;
  }

  World world;
  App app = world.new_app();
  std::string described, notified;
};

TEST_F(AppYamlTest, LoadsAgentsRulesAndSettingsThatWork) {
  ASSERT_EQ(error_of(kWhole), "no error");

  const auto response = app.process_event(alarm("ALARM"));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response.value().text, "ALARM: HighCPUUsage\nThreshold: 80%");
  EXPECT_EQ(described, "HighCPUUsage/80/is ALARM");
  EXPECT_EQ(notified, "busy \"loop\"");
  EXPECT_EQ(app.settings().hop_limit, 3);
  EXPECT_EQ(app.settings().idempotency_expiry, std::chrono::hours(1));
  ASSERT_EQ(app.rules().size(), 2u);
  EXPECT_EQ(app.rules()[1].name, "alarm-responder");
  EXPECT_EQ(app.rules()[1].schedule, "rate(1 hour)");
  EXPECT_FALSE(app.rules()[1].enabled);
}

TEST_F(AppYamlTest, ChoosesTheAnswerByItsCondition) {
  ASSERT_EQ(error_of(kWhole), "no error");

  EXPECT_EQ(app.process_event(alarm("OK")).value().text, "All is well with HighCPUUsage.");
  EXPECT_EQ(described, "") << "the entry's condition did not hold";
}

TEST_F(AppYamlTest, LoadsAnEmptyFile) {
  EXPECT_EQ(error_of("# nothing yet\n"), "no error");
}

TEST_F(AppYamlTest, SaysWhereAndWhatIsWrong) {
  struct Wrong {
    const char* yaml;
    const char* error;
  };
  const Wrong cases[] = {
      {"agents: [", "agents.yaml:1:1: This is no valid YAML: end of sequence flow not found."},
      {"agents:\n  - name: a\n   model: b\n",
       "agents.yaml:3:4: This is no valid YAML: end of sequence not found."},
      {"agnets: []\n", "agents.yaml:1:1: \"agnets\" is unknown in agents.yaml. Did you mean \"agents\"?"},
      {"agents: {a: 1}\n", "agents.yaml:1:9: \"agents\" must be a list; begin each entry with \"- \"."},
      {"agents:\n  - just text\n", "agents.yaml:2:5: Here should be an agent, a mapping of keys to values."},
      {"agents:\n  - description: x\n", "agents.yaml:2:5: \"name\" is missing in an agent."},
      {"agents:\n  - name: a\n    tool: [x]\n",
       "agents.yaml:3:5: \"tool\" is unknown in an agent. Did you mean \"tools\"?"},
      {"agents:\n  - name: a\n    name: b\n", "agents.yaml:3:5: \"name\" is given twice."},
      {"agents:\n  - name: a b\n",
       "agents.yaml:2:5: \"a b\" is no name for an agent: use 1 to 64 letters, digits, _ or -."},
      {"agents:\n  - name: generic\n",
       "agents.yaml:2:5: There are two agents named \"generic\"; names are unique."},
      {"agents:\n  - name: a\n    tools: [notfy]\n",
       "agents.yaml:3:13: There is no tool \"notfy\". Did you mean \"notify\"?"},
      {"agents:\n  - name: a\n    limits: {turns: many}\n",
       "agents.yaml:3:21: \"turns\" must be a whole number."},
      {"agents:\n  - name: a\n    limits: {turns: 0}\n", "agents.yaml:3:21: \"turns\" must be 1 or more."},
      {"agents:\n  - name: a\n    model: gpt\n",
       "agents.yaml:2:5: There is no model \"gpt\". There are: playbook. Models of services are named under "
       "`models`, or are PROVIDER:MODEL."},
      {"agents:\n  - name: a\n    tools: [notify]\n    playbook:\n      - tool: describe_alarm\n",
       "agents.yaml:5:15: Tool \"describe_alarm\" is not in the tools of agent \"a\"; add it there. There "
       "are: notify."},
      {"agents:\n  - name: a\n    tools: [notify]\n    playbook:\n      - tool: notify\n        on_error: "
       "ignore\n",
       "agents.yaml:6:19: \"on_error\" is either fail or continue."},
      {"rules:\n  - agents: [generic]\n    pattern: {source: []}\n", nullptr},
      {"rules:\n  - agents: [generic]\n    schedule: rate(1 fortnight)\n", nullptr},
      {"rules:\n  - agents: [generic]\n",
       "agents.yaml:2:5: Rule \"generic\" needs either a pattern or a schedule."},
      {"rules:\n  - agents: [genric]\n    schedule: rate(1 hour)\n",
       "agents.yaml:2:14: There is no agent \"genric\". Did you mean \"generic\"?"},
      {"rules:\n  - pattern: {source: [x]}\n",
       "agents.yaml:2:5: \"agents\" is missing in a rule; add agents: [NAME]."},
      {"rules:\n  - pattern: {source: [x], source: [y]}\n    agents: [generic]\n",
       "agents.yaml:2:28: \"source\" is given twice."},
      {"rules:\n  - agents: [generic]\n    schedule: rate(1 hour)\n    state: ON\n",
       "agents.yaml:4:12: \"state\" is either ENABLED or DISABLED."},
      {"settings: {hop_limit: -1}\n", "agents.yaml:1:23: \"hop_limit\" must be 0 or more."},
      {"a: 1\n---\nb: 2\n", "agents.yaml:3:1: A second document begins here; keep one a file."},
      {"name: \xff\n", "agents.yaml: The file is not valid UTF-8."},
  };

  for (const Wrong& wrong : cases) {
    const std::string error = error_of(wrong.yaml);
    if (wrong.error != nullptr) {
      EXPECT_EQ(error, wrong.error);
    } else {
      EXPECT_TRUE(error.starts_with("agents.yaml:3:")) << error;
    }
  }
}

TEST_F(AppYamlTest, ReportsABrokenConditionOrTemplateAtItsEntry) {
  const std::string head =
      "agents:\n  - name: a\n    tools: [notify]\n    playbook:\n      - tool: notify\n        ";

  const std::string condition = error_of(head + "when: {event: {detail: {x: []}}}\n");
  const std::string input = error_of(head + "input: '{\"text\": <$.event[>}'\n");

  EXPECT_TRUE(condition.starts_with("agents.yaml:5:9: Playbook entry \"notify\": its condition: "))
      << condition;
  EXPECT_TRUE(input.starts_with("agents.yaml:5:9: Playbook entry \"notify\": its input: ")) << input;
}

TEST_F(AppYamlTest, AddsNothingOfAFileThatIsWrong) {
  EXPECT_NE(error_of("agents:\n  - name: good\n  - name: bad name\n"), "no error");

  EXPECT_FALSE(app.has_agent("good"));
}

TEST_F(AppYamlTest, KeepsTypesOfPlainScalarsAndTakesAllElseForText) {
  const YamlReader reader("x.yaml");
  const auto node =
      reader
          .parse(
              "{a: 1, b: 1.50, c: true, d: null, e: ~, f: '1', g: 007, h: yes, i: 1e3, j: [x, {y: z}], k: }")
          .value();

  EXPECT_EQ(
      reader.json_text(node, "x").value(),
      R"({"a":1,"b":1.50,"c":true,"d":null,"e":null,"f":"1","g":"007","h":"yes","i":1e3,"j":["x",{"y":"z"}],"k":null})");
}

TEST_F(AppYamlTest, RefusesAliasesThatUnfoldToBillions) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    std::string list = before;
    for (int n = 1; n < 10; ++n) list += ", " + before;
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + list + "]\n";
  }
  const YamlReader reader("x.yaml");
  const auto node = reader.parse(yaml).value();

  EXPECT_EQ(reader.json_text(node, "x").error().code, ErrorCode::LimitExceeded);
}

TEST_F(AppYamlTest, SurvivesNestingThatExhaustsTheStack) {
  EXPECT_NE(error_of(std::string(100'000, '[')), "no error");
  EXPECT_NE(error_of(std::string(100'000, '{')), "no error");
}

TEST_F(AppYamlTest, SaysThatTheFileIsMissing) {
  EXPECT_EQ(app.load("/nowhere/agents.yaml").error(),
            (Error{ErrorCode::NotFound, "There is no configuration file /nowhere/agents.yaml."}));
  EXPECT_EQ(app.load("/").error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace ebagent::agent
