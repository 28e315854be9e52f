#include "agent/tool_use.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

Tool refund() {
  return Tool::from(
      "refund", "Pays money back",
      [](Arg<"order", std::string, "Which order"> order, Arg<"amount", double> amount,
         Arg<"reason", std::optional<std::string>> reason) {
        return json::object{{"order", *order}, {"amount", *amount}, {"reason", reason->value_or("none")}};
      },
      {.approval = Approval::WhenTainted});
}

class ToolUseTest : public ::testing::Test {
 protected:
  ToolUseTest() { use.name = "refund"; }

  CompiledUse compiled() { return CompiledUse::compile(tool, use).value(); }
  std::string error() {
    const auto made = CompiledUse::compile(tool, use);
    return made ? "no error" : made.error().message;
  }
  std::string arguments(const char* given) {
    const auto made = compiled().arguments(json::parse(given), scope);
    return made ? json::serialize(made.value()) : made.error().message;
  }

  const Tool tool = refund();
  ToolUse use;
  json::value scope = binding_scope(order_event(), R"({"customer":{"id":7}})");
};

TEST_F(ToolUseTest, WithoutBindingsAndConstraintsNothingChanges) {
  EXPECT_EQ(compiled().view().input_schema, tool.input_schema());
  EXPECT_EQ(arguments(R"({"anything":1})"), R"({"anything":1})");
  EXPECT_EQ(compiled().approval(), Approval::WhenTainted);
  EXPECT_EQ(compiled().timeout(), kDefaultToolTimeout);
  use.approval = Approval::Never;
  use.timeout = std::chrono::milliseconds(5);
  EXPECT_EQ(compiled().approval(), Approval::Never);
  EXPECT_EQ(compiled().timeout(), std::chrono::milliseconds(5));
}

TEST_F(ToolUseTest, BoundArgumentsAreHiddenAndPutIn) {
  use.bind["order"] = {.from = "$.detail.orderId"};
  use.bind["reason"] = {.from = "", .value = "policy"};
  EXPECT_EQ(compiled().view().input_schema,
            json::parse(R"({"type":"object","properties":{"amount":{"type":"number"}},
      "required":["amount"],"additionalProperties":false})"));
  EXPECT_EQ(arguments(R"({"amount":5})"), R"({"amount":5,"order":"order_123","reason":"policy"})");
}

TEST_F(ToolUseTest, PathsLeadIntoTheEventOrTheInput) {
  for (const auto& [path, value] : std::map<std::string, std::string>{{"$.detail.orderId", "\"order_123\""},
                                                                      {"$.event.detail.items", "3"},
                                                                      {"$.source", "\"myapp.orders\""},
                                                                      {"$.detail-type", "\"Order Placed\""},
                                                                      {"$.input.customer.id", "7"}}) {
    use.bind["order"] = {.from = path};
    EXPECT_EQ(arguments("{}"), R"({"order":)" + value + "}") << path;
  }
}

TEST_F(ToolUseTest, WhatTheModelGivesForABoundArgumentIsUnknown) {
  use.bind["order"] = {.from = "$.detail.orderId"};
  EXPECT_EQ(arguments(R"({"order":"order_666","amount":5})"), "/order: is unknown; known are amount, reason");
}

TEST_F(ToolUseTest, APathThatLeadsNowhereFailsTheCall) {
  use.bind["order"] = {.from = "$.detail.order.id"};
  EXPECT_EQ(arguments("{}"),
            "/order: is bound to $.event.detail.order.id, and there is nothing in this event");
  scope = json::parse(R"({"event":{"detail":{"order":{"id":null}}}})");
  EXPECT_EQ(arguments("{}"),
            "/order: is bound to $.event.detail.order.id, and there is nothing in this event");
}

TEST_F(ToolUseTest, ConstraintsAreCheckedAndSaidToTheModel) {
  use.constraints["order"] = {.prefix = "order_", .pattern = "[a-z]+_[0-9]{1,6}"};
  use.constraints["reason"] = {.allowed = {"damaged", "late"}};
  EXPECT_EQ(compiled().view().input_schema, json::parse(R"({"type":"object","properties":{
      "order":{"type":"string","pattern":"^(?:[a-z]+_[0-9]{1,6})$",
               "description":"Which order. Begins with order_. Is wholly of the form [a-z]+_[0-9]{1,6}."},
      "amount":{"type":"number"},
      "reason":{"type":"string","enum":["damaged","late"],"description":"Is one of damaged, late."}},
      "required":["order","amount"],"additionalProperties":false})"));
  EXPECT_EQ(arguments(R"({"order":"order_12","amount":1,"reason":"late"})"),
            R"({"order":"order_12","amount":1,"reason":"late"})");
  EXPECT_EQ(
      arguments(R"({"order":"ORDER 1","reason":"bored"})"),
      "/order: expected a text that begins with order_, found \"ORDER 1\"; /order: expected a text that is "
      "wholly of the "
      "form [a-z]+_[0-9]{1,6}, found \"ORDER 1\"; /reason: expected one of damaged, late, found \"bored\"");
}

TEST_F(ToolUseTest, HostileTextsDoNotSlipThroughAPattern) {
  use.constraints["order"] = {.pattern = "order_[0-9]+|x"};
  for (const char* text :
       {R"("order_1\n")", R"("order_1; x")", R"("y x")", R"("order_")", R"("")", R"(["order_1"])", R"(null)",
        R"({"order_1":1})", R"("order_1\u0000")", R"("order_１")"}) {
    EXPECT_NE(arguments((R"({"order":)" + std::string(text) + "}").c_str()).find("/order: expected"),
              std::string::npos)
        << text;
  }
  EXPECT_EQ(arguments(R"({"order":"x"})"), R"({"order":"x"})");
  const std::string endless = R"({"order":")" + std::string(500'000, '1') + "\"}";
  EXPECT_NE(arguments(endless.c_str()).find("/order: expected"), std::string::npos);
}

TEST_F(ToolUseTest, AConstraintOnAnotherTypeLooksAtItsJson) {
  use.constraints["amount"] = {.pattern = "[0-9]{1,2}"};
  EXPECT_EQ(arguments(R"({"amount":99})"), R"({"amount":99})");
  EXPECT_NE(arguments(R"({"amount":100})").find("/amount: "), std::string::npos);
}

TEST_F(ToolUseTest, ArgumentsThatAreNoObjectAreRefused) {
  use.bind["order"] = {.from = "$.id"};
  EXPECT_EQ(arguments("[]"), "expected an object of arguments, found an array");
}

TEST_F(ToolUseTest, UsesThatCannotBeMeantAreRefused) {
  const auto bound = [&](const char* argument, Binding binding) {
    use.bind = {{argument, std::move(binding)}};
    return error();
  };
  EXPECT_EQ(bound("ordr", {.from = "$.id"}),
            "Argument \"ordr\" of tool \"refund\" does not exist. Did you mean \"order\"?");
  EXPECT_EQ(bound("order", {}),
            "Argument \"order\" of tool \"refund\" is bound to nothing; give either from or value.");
  EXPECT_EQ(bound("order", {.from = "$.id", .value = 1}),
            "Argument \"order\" of tool \"refund\" is bound to both a path and a value; give either from or "
            "value.");
  for (const char* path :
       {"detail.orderId", "$", "$.order", "$..detail", "$.detail[", "$.events.detail", "$.steps.a"}) {
    EXPECT_NE(bound("order", {.from = path}).find("is bound to a path that is none"), std::string::npos)
        << path;
  }
  use.bind = {{"order", {.from = "$.id"}}};
  use.constraints = {{"order", {.prefix = "x"}}};
  EXPECT_NE(error().find("both bound and constrained"), std::string::npos);
  use.bind.clear();
  use.constraints = {{"order", {}}};
  EXPECT_NE(error().find("says nothing"), std::string::npos);
  use.constraints = {{"order", {.pattern = "(a"}}};
  EXPECT_NE(error().find("is constrained by no pattern"), std::string::npos);
  use.constraints = {{"order", {.pattern = std::string(2'000, 'a')}}};
  EXPECT_NE(error().find("1000 bytes"), std::string::npos);
  use.constraints.clear();
  use.timeout = std::chrono::milliseconds(0);
  EXPECT_NE(error().find("timeout"), std::string::npos);
}

}  // namespace
}  // namespace ebagent::agent
