#include "agent/combinations.hpp"

#include <gtest/gtest.h>

#include <string>

#include "agent/registry.hpp"
#include "agent/tool_use.hpp"

namespace ebagent::agent {
namespace {

// A model whose calls nobody knows beforehand.
class AnyModel final : public Model {
 public:
  Result<Turn> next(const Conversation&, const TurnRequest&) const override { return Turn{}; }
  [[nodiscard]] std::string_view name() const override { return "any"; }
};

class CombinationsTest : public ::testing::Test {
 protected:
  CombinationsTest() {
    const auto add = [&](const char* name, ToolTraits traits, Approval approval = Approval::Never) {
      EXPECT_TRUE(registry.add(Tool::from(name, "", [](Arg<"to", std::string> to) { return *to; },
                                          {.approval = approval, .traits = std::move(traits)})));
    };
    add("read_mail", {.brings_untrusted = true});
    add("query", {.reads_sensitive = true});
    add("send", {.acts_outside = true, .destinations = {"to"}});
    add("publish", {.acts_outside = true});
    add("careful", {.acts_outside = true}, Approval::Required);
    add("harmless", {});
  }

  std::string check(std::vector<ToolUse> tools, bool trusts_events = false) {
    AgentSpec spec;
    spec.name = "a";
    spec.model = "any:model";
    spec.tools = std::move(tools);
    spec.trusts_events = trusts_events;
    Registry with = registry;
    EXPECT_TRUE(with.add(Agent{spec, nullptr, std::make_shared<AnyModel>()}));
    const auto checked = with.check();
    return checked ? "" : checked.error().message;
  }

  static ToolUse send(Binding binding) {
    ToolUse use("send");
    use.bind["to"] = std::move(binding);
    return use;
  }

  Registry registry;
};

TEST_F(CombinationsTest, TheThreeTogetherAreRefusedWithTheReasonAndWhatToDo) {
  EXPECT_EQ(
      check({"query", "send", "harmless"}),
      "Agent \"a\" could be talked into giving away what it should not: its events may be written by "
      "strangers, tool "
      "\"query\" reads sensitive data, and tool \"send\" acts outside without anyone being asked. Do one of "
      "these: say "
      "approval: required or approval: when-tainted for \"send\"; bind its to to a value or constrain it; "
      "take one of the "
      "tools from the agent; or, if only those whom it may obey write its events, say trusts_events: true.");
  EXPECT_NE(
      check({"query", "publish", "read_mail"}, true).find("tool \"read_mail\" brings it text of strangers"),
      std::string::npos);
}

TEST_F(CombinationsTest, AnyTwoOfThemAreFine) {
  EXPECT_EQ(check({"query", "harmless"}), "");
  EXPECT_EQ(check({"send", "publish"}), "");
  EXPECT_EQ(check({"query", "send"}, true), "");
  EXPECT_EQ(check({"read_mail", "send"}, true), "");
}

TEST_F(CombinationsTest, APersonWhoIsAskedIsNoWayOut) {
  EXPECT_EQ(check({"query", "careful"}), "");
  ToolUse asked("send");
  asked.approval = Approval::WhenTainted;
  EXPECT_EQ(check({"query", asked}), "");
  ToolUse careless("careful");
  careless.approval = Approval::Never;
  EXPECT_NE(check({"query", careless}), "");
}

TEST_F(CombinationsTest, AFixedDestinationIsNoWayOut) {
  EXPECT_EQ(check({"query", send({.value = "ops@example.com"})}), "");
  ToolUse constrained("send");
  constrained.constraints["to"] = {.allowed = {"ops@example.com"}};
  EXPECT_EQ(check({"query", constrained}), "");
  EXPECT_EQ(check({"query", send({.from = "$.detail.owner"}), "read_mail"}, true), "");
}

TEST_F(CombinationsTest, ADestinationThatAStrangersEventNamesIsAWayOut) {
  EXPECT_NE(check({"query", send({.from = "$.detail.owner"})}), "");
}

TEST_F(CombinationsTest, EveryWayOutCounts) {
  EXPECT_NE(check({"query", send({.value = "ops@example.com"}), "publish"}).find("\"publish\""),
            std::string::npos);
}

TEST_F(CombinationsTest, PlaybooksAndHandlersMakeFixedCalls) {
  AgentSpec spec;
  spec.name = "fixed";
  spec.tools = {"query", "publish"};
  EXPECT_TRUE(registry.add(Agent{spec, nullptr, std::make_shared<AnyModel>()}));
  spec.name = "handler";
  spec.model = "handler";
  EXPECT_TRUE(registry.add(
      Agent{spec, [](const Event&, ebagent::Run&) { return Result<std::string>(""); }, nullptr}));
  EXPECT_TRUE(registry.check());
}

TEST_F(CombinationsTest, ToolsOfAgentsThatItMayCallCountAsItsOwn) {
  AgentSpec sender;
  sender.name = "sender";
  sender.tools = {"publish", "agent:a"};  // and back: the search ends
  EXPECT_TRUE(registry.add(Agent{sender, nullptr, std::make_shared<AnyModel>()}));
  EXPECT_NE(check({"query", "agent:sender"}).find("\"publish\""), std::string::npos);
  EXPECT_EQ(check({"harmless", "agent:sender"}), "");
}

TEST_F(CombinationsTest, UsesAreCompiledByTheCheck) {
  ToolUse wrong("send");
  wrong.bind["too"] = {.value = "x"};
  EXPECT_EQ(check({wrong}),
            "Agent \"a\": Argument \"too\" of tool \"send\" does not exist. Did you mean \"to\"?");
}

TEST_F(CombinationsTest, UsesAtWorkAreCompiledOnceAndWhatCannotBeMeantIsLeftOut) {
  AgentSpec spec;
  spec.name = "a";
  ToolUse wrong("query");
  wrong.bind["too"] = {.value = "x"};
  spec.tools = {send({.value = "ops@example.com"}), wrong};
  EXPECT_TRUE(registry.add(Agent{spec, nullptr, std::make_shared<AnyModel>()}));

  const auto& tools = registry.tools_at_work(*registry.agent("a"));

  ASSERT_EQ(tools.size(), 1U);
  EXPECT_EQ(tools[0].tool.name(), "send");
  EXPECT_FALSE(tools[0].compiled->view().input_schema.at("properties").as_object().contains("to"));
  EXPECT_EQ(&registry.tools_at_work(*registry.agent("a")), &tools);
}

}  // namespace
}  // namespace ebagent::agent
