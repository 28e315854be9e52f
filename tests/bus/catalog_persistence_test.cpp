#include "bus/catalog_fixture.hpp"
#include "bus/routing.hpp"

namespace ebagent::bus {
namespace {

using testing::rule_every;
using testing::rule_for;
using testing::target_to;

class CatalogPersistenceTest : public testing::CatalogFixture {};

TEST_F(CatalogPersistenceTest, FindsRulesAndTargetsAgainAfterARestart) {
  RuleSpec described = rule_for("r");
  described.description = "Größe";
  ASSERT_TRUE(catalog->put_rule(scope, described));
  Target target = target_to("1");
  target.input = R"({"fixed":true})";
  ASSERT_TRUE(catalog->put_targets(scope, "default", "r", {target}));
  ASSERT_TRUE(catalog->put_rule(scope, rule_every("hourly", "rate(1 hour)")));
  const Rule before = catalog->describe_rule(scope, "default", "r").value();
  const auto anchor = catalog->scheduled_rules().at(0).anchor;
  clock.advance(std::chrono::hours{5});

  open();

  EXPECT_EQ(catalog->describe_rule(scope, "default", "r").value(), before);
  EXPECT_EQ(catalog->list_targets_by_rule(scope, "default", "r").value().items, std::vector<Target>{target});
  ASSERT_EQ(catalog->scheduled_rules().size(), 1U);
  EXPECT_EQ(catalog->scheduled_rules()[0].anchor, anchor);
}

TEST_F(CatalogPersistenceTest, RoutesEventsAgainAfterARestart) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));
  RuleSpec disabled = rule_for("off");
  disabled.state = "DISABLED";
  ASSERT_TRUE(catalog->put_rule(scope, disabled));

  open();

  pattern::Scratch scratch;
  std::vector<RoutedRulePtr> matched;
  ASSERT_TRUE(catalog->routing().match(scope, "default", R"({"source":"myapp.orders"})", scratch, matched));
  ASSERT_EQ(matched.size(), 1U);
  EXPECT_EQ(matched[0]->name, "r");
}

TEST_F(CatalogPersistenceTest, ForgetsDeletedRules) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));
  ASSERT_TRUE(catalog->delete_rule(scope, "default", "r"));

  open();

  EXPECT_FALSE(catalog->describe_rule(scope, "default", "r"));
}

TEST_F(CatalogPersistenceTest, MakesNoChangeThatCouldNotBeWritten) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));
  store.fail_commits(true);

  EXPECT_EQ(catalog->put_rule(scope, rule_for("new")).error().code, ErrorCode::Io);
  EXPECT_EQ(catalog->disable_rule(scope, "default", "r").error().code, ErrorCode::Io);
  EXPECT_EQ(catalog->put_targets(scope, "default", "r", {target_to("1")}).error().code, ErrorCode::Io);
  EXPECT_EQ(catalog->delete_rule(scope, "default", "r").error().code, ErrorCode::Io);

  EXPECT_FALSE(catalog->describe_rule(scope, "default", "new"));
  EXPECT_EQ(catalog->describe_rule(scope, "default", "r").value().state, "ENABLED");
  EXPECT_TRUE(catalog->list_targets_by_rule(scope, "default", "r").value().items.empty());
}

TEST_F(CatalogPersistenceTest, SaysWhichRecordOfTheStoreCannotBeRead) {
  for (const char* text : {"not json", "[]", "{}", R"({"Name":"r","EventBusName":"default"})",
                           R"({"Name":"r","EventBusName":"default","EventPattern":"[]","Targets":[]})"}) {
    store::Transaction writes;
    writes.emplace_back(store::PutCatalog{{"rule", "arn:of:the:rule", text}});
    ASSERT_TRUE(store.commit_and_wait(std::move(writes)));

    const auto opened = Catalog::open(store, clock);

    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, ErrorCode::Malformed) << text;
  }
}

TEST_F(CatalogPersistenceTest, KeepsARuleThatWouldNowBeOverAQuota) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));

  open({.max_pattern_bytes = 5, .max_targets_per_rule = 0, .max_rules_per_bus = 0});

  EXPECT_TRUE(catalog->describe_rule(scope, "default", "r"));
}

}  // namespace
}  // namespace ebagent::bus
