#include <chrono>

#include "bus/catalog_fixture.hpp"

namespace ebagent::bus {
namespace {

using namespace std::chrono_literals;
using testing::refused;
using testing::rule_for;
using testing::target_to;

class CatalogTargetsTest : public testing::CatalogFixture {
 protected:
  void SetUp() override {
    CatalogFixture::SetUp();
    ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));
  }
  Result<std::vector<FailedEntry>> put(std::vector<Target> targets) {
    return catalog->put_targets(scope, "default", "r", std::move(targets));
  }
  std::vector<Target> listed() { return catalog->list_targets_by_rule(scope, "default", "r").value().items; }
};

TEST_F(CatalogTargetsTest, ListsTheTargetsOfARuleAsTheyWerePut) {
  Target shaped = target_to("2");
  shaped.input_transformer = InputTransformer{{{"id", "$.detail.id"}}, R"({"order": <id>})"};
  shaped.retry = RetrySettings{.max_attempts = 3, .max_age = 120s};
  shaped.dead_letter_arn = "arn:aws:sqs:us-west-2:123:dead";

  EXPECT_TRUE(put({target_to("1"), shaped}).value().empty());

  EXPECT_EQ(listed(), (std::vector<Target>{target_to("1"), shaped}));
}

TEST_F(CatalogTargetsTest, ReplacesATargetOfTheSameId) {
  ASSERT_TRUE(put({target_to("1")}));

  ASSERT_TRUE(put({target_to("1", "arn:aws:sqs:us-west-2:123:jobs")}));

  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0].arn, "arn:aws:sqs:us-west-2:123:jobs");
}

TEST_F(CatalogTargetsTest, WantsTheRuleToExist) {
  EXPECT_TRUE(refused(catalog->put_targets(scope, "default", "nobody", {target_to("1")}), ErrorCode::NotFound,
                      "Rule nobody does not exist on EventBus default."));
  EXPECT_FALSE(catalog->list_targets_by_rule(scope, "default", "nobody"));
  EXPECT_FALSE(catalog->remove_targets(scope, "default", "nobody", {"1"}));
}

TEST_F(CatalogTargetsTest, RefusesIdsOutsideOfTheirBounds) {
  EXPECT_TRUE(refused(
      put({target_to("1"), target_to("a b")}), ErrorCode::InvalidArgument,
      "1 validation error detected: Value 'a b' at 'targets.2.member.id' failed to satisfy constraint: "
      R"(Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+)"));
  EXPECT_FALSE(put({target_to("")}));
  EXPECT_FALSE(put({target_to(std::string(65, 'a'))}));
  EXPECT_TRUE(listed().empty());
}

TEST_F(CatalogTargetsTest, RefusesArnsOutsideOfTheirBounds) {
  EXPECT_FALSE(put({target_to("1", "")}));
  EXPECT_FALSE(put({target_to("1", "arn:aws:lambda:us-west-2:123:function:" + std::string(1'600, 'a'))}));
}

TEST_F(CatalogTargetsTest, PutsTheOthersWhenOneArnIsNoArn) {
  const auto failed = put({target_to("1", "my-function"), target_to("2")}).value();

  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(
      failed[0],
      (FailedEntry{"1", "ValidationException",
                   "Parameter my-function is not valid. Reason: Provided Arn is not in correct format."}));
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0].id, "2");
}

TEST_F(CatalogTargetsTest, TakesOneOfTheThreeInputsOnly) {
  Target target = target_to("1");
  target.input = "{}";
  target.input_path = "$.detail";

  EXPECT_TRUE(refused(put({target}), ErrorCode::InvalidArgument,
                      "Only one of Input, InputPath, or InputTransformer must be provided for target 1."));
}

TEST_F(CatalogTargetsTest, WantsInputToBeJsonOfBoundedLength) {
  Target broken = target_to("1");
  broken.input = "{not json";
  Target longest = target_to("1");
  longest.input = '"' + std::string(8'190, 'x') + '"';
  Target too_long = target_to("1");
  too_long.input = '"' + std::string(8'191, 'x') + '"';

  EXPECT_FALSE(put({broken}));
  EXPECT_FALSE(put({too_long}));
  EXPECT_TRUE(put({longest}));
}

TEST_F(CatalogTargetsTest, RefusesAnInputPathThatIsNone) {
  Target target = target_to("1");
  target.input_path = "detail.id";

  EXPECT_EQ(put({target}).error().code, ErrorCode::InvalidArgument);
}

TEST_F(CatalogTargetsTest, RefusesATemplateWithAPlaceholderThatIsNotDefined) {
  Target target = target_to("1");
  target.input_transformer = InputTransformer{{{"id", "$.detail.id"}}, R"({"order": <name>})"};

  EXPECT_TRUE(refused(put({target}), ErrorCode::InvalidArgument,
                      "InputTemplate for target 1 contains invalid placeholder name."));
}

TEST_F(CatalogTargetsTest, RefusesARetryPolicyOutsideOfItsBounds) {
  const auto with = [](RetrySettings retry) {
    Target target = target_to("1");
    target.retry = retry;
    return target;
  };

  EXPECT_FALSE(put({with({.max_attempts = -1})}));
  EXPECT_FALSE(put({with({.max_attempts = 186})}));
  EXPECT_FALSE(put({with({.max_age = 59s})}));
  EXPECT_FALSE(put({with({.max_age = 86'401s})}));
  EXPECT_TRUE(put({with({.max_attempts = 0, .max_age = 60s})}));
  EXPECT_TRUE(put({with({.max_attempts = 185, .max_age = 86'400s})}));
}

TEST_F(CatalogTargetsTest, BoundsTheTargetsOfARule) {
  for (const char* id : {"1", "2", "3", "4", "5"}) ASSERT_TRUE(put({target_to(id)}));

  EXPECT_TRUE(refused(put({target_to("6")}), ErrorCode::LimitExceeded,
                      "The requested resource exceeds the maximum number allowed."));
  EXPECT_TRUE(put({target_to("5")}));
  EXPECT_EQ(listed().size(), 5U);
}

TEST_F(CatalogTargetsTest, BoundsTheEntriesOfARequest) {
  EXPECT_FALSE(put({}));
  EXPECT_FALSE(put(std::vector<Target>(101, target_to("1"))));
  EXPECT_FALSE(catalog->remove_targets(scope, "default", "r", {}));
}

TEST_F(CatalogTargetsTest, RemovesTheTargetsThatThereAreAndNamesTheOthers) {
  ASSERT_TRUE(put({target_to("1"), target_to("2")}));

  const auto failed = catalog->remove_targets(scope, "default", "r", {"1", "9"}).value();

  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].target_id, "9");
  EXPECT_EQ(failed[0].error_code, "ResourceNotFoundException");
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0].id, "2");
}

TEST_F(CatalogTargetsTest, FindsTheRulesOfATarget) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("other")));
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("third")));
  ASSERT_TRUE(put({target_to("1")}));
  ASSERT_TRUE(catalog->put_targets(scope, "default", "third", {target_to("a"), target_to("b")}));

  const auto page = catalog->list_rule_names_by_target(scope, "default", testing::kAgentArn).value();

  EXPECT_EQ(page.items, (std::vector<std::string>{"r", "third"}));
}

TEST_F(CatalogTargetsTest, ListsTargetsPageByPage) {
  ASSERT_TRUE(put({target_to("1"), target_to("2"), target_to("3")}));

  const auto first = catalog->list_targets_by_rule(scope, "default", "r", {.limit = 2}).value();
  const auto rest =
      catalog->list_targets_by_rule(scope, "default", "r", {.next_token = first.next_token}).value();

  EXPECT_EQ(first.items.size(), 2U);
  ASSERT_EQ(rest.items.size(), 1U);
  EXPECT_EQ(rest.items[0].id, "3");
}

}  // namespace
}  // namespace ebagent::bus
