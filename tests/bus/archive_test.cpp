#include "bus/archive.hpp"

#include "bus/bus_fixture.hpp"

namespace ebagent::bus {
namespace {

using testing::kOrders;
using testing::refused;

class ArchiveTest : public testing::BusFixture {
 protected:
  Result<Archive> create(const std::string& name, const ArchiveSettings& settings = {}) {
    return catalog->create_archive(scope, name, bus_arn(scope, "default"), settings);
  }
  std::vector<std::string> archived(const std::string& name) {
    const auto number = catalog->describe_archive(scope, name).value().archive.number;
    std::vector<std::string> ids;
    const auto kept = store.archived_events({.archive = number, .until = TimePoint::max()}).value();
    for (const auto& event : kept) ids.push_back(event.id);
    return ids;
  }
  Event replayed_order(const std::string& id) {
    Event event = order(id);
    event.replay_name = "again";
    return event;
  }
};

TEST_F(ArchiveTest, KeepsWhatItsPatternMatchesFromItsCreationOn) {
  ASSERT_TRUE(put(order("before")));
  ASSERT_TRUE(create("orders", {.event_pattern = kOrders}));
  ASSERT_TRUE(put(order("event-1")));
  Event other = order("event-2");
  other.source = "other";
  ASSERT_TRUE(put(other));

  EXPECT_EQ(archived("orders"), std::vector<std::string>{"event-1"});
}

TEST_F(ArchiveTest, WithoutAPatternKeepsEveryEvent) {
  ASSERT_TRUE(create("all"));
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_EQ(archived("all"), std::vector<std::string>{"event-1"});
  EXPECT_EQ(catalog->describe_archive(scope, "all").value().size.events, 1);
}

TEST_F(ArchiveTest, KeepsNoReplayedEvents) {
  ASSERT_TRUE(create("all"));
  ASSERT_TRUE(put(replayed_order("event-1")));

  EXPECT_TRUE(archived("all").empty());
}

TEST_F(ArchiveTest, KeepsEventsUnderTheirOwnTime) {
  ASSERT_TRUE(create("all"));
  Event late = order("event-1");
  late.time = clock.now() - std::chrono::hours{48};
  late.source = R"(myapp,"time":"2001-01-01T00:00:00Z")";
  ASSERT_TRUE(put(late));

  const auto number = catalog->describe_archive(scope, "all").value().archive.number;
  const auto kept = store.archived_events({.archive = number, .until = TimePoint::max()}).value();

  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].time, late.time);
}

TEST_F(ArchiveTest, MakesNoDeliveryOfItsRule) {
  ASSERT_TRUE(create("all"));
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_TRUE(handed_over().empty());
  EXPECT_EQ(store.counts().value().pending, 0);
}

TEST_F(ArchiveTest, HasAManagedRuleThatIsShownAndRefusesChanges) {
  ASSERT_TRUE(create("orders", {.event_pattern = kOrders}));
  const std::string name = "Events-Archive-orders";

  const Rule rule = catalog->describe_rule(scope, "default", name).value();

  EXPECT_EQ(rule.managed_by, "prod.vhs.events.aws.internal");
  EXPECT_EQ(rule.event_pattern, R"({"source":["myapp.orders"],"replay-name":[{"exists":false}]})");
  const auto targets = catalog->list_targets_by_rule(scope, "default", name).value();
  ASSERT_EQ(targets.items.size(), 1U);
  EXPECT_EQ(targets.items[0].arn, "arn:aws:events:us-west-2:::");
  for (const auto& change :
       {catalog->disable_rule(scope, "default", name), catalog->delete_rule(scope, "default", name)}) {
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().code, ErrorCode::Conflict);
  }
  EXPECT_FALSE(catalog->put_rule(scope, testing::rule_for(name)));
  EXPECT_FALSE(catalog->put_targets(scope, "default", name, {testing::target_to("2")}));
  EXPECT_FALSE(catalog->remove_targets(scope, "default", name, {name}));
}

TEST_F(ArchiveTest, WhoseRuleWasDeletedByForceIsDisabledUntilItIsUpdated) {
  ASSERT_TRUE(create("all"));
  const std::string name = "Events-Archive-all";
  ASSERT_TRUE(catalog->remove_targets(scope, "default", name, {name}, Catalog::Managed::Force));
  ASSERT_TRUE(put(order("event-1")));
  ASSERT_TRUE(catalog->delete_rule(scope, "default", name, Catalog::Managed::Force));
  ASSERT_TRUE(put(order("event-2")));

  const ArchiveView view = catalog->describe_archive(scope, "all").value();
  EXPECT_EQ(view.state, ArchiveState::Disabled);
  EXPECT_EQ(view.state_reason, "Managed rule for the archive was forcefully deleted.");
  EXPECT_TRUE(archived("all").empty());

  ASSERT_TRUE(catalog->update_archive(scope, "all", {}));
  ASSERT_TRUE(put(order("event-3")));
  EXPECT_EQ(catalog->describe_archive(scope, "all").value().state, ArchiveState::Enabled);
  EXPECT_EQ(archived("all"), std::vector<std::string>{"event-3"});
}

TEST_F(ArchiveTest, AnUpdateChangesWhatIsKeptAndLeavesTheRest) {
  ASSERT_TRUE(create("orders", {.description = "all orders", .event_pattern = kOrders, .retention_days = 3}));
  ASSERT_TRUE(put(order("event-1")));

  ASSERT_TRUE(catalog->update_archive(scope, "orders", {.event_pattern = R"({"source":["other"]})"}));
  ASSERT_TRUE(put(order("event-2")));

  const Archive archive = catalog->describe_archive(scope, "orders").value().archive;
  EXPECT_EQ(archive.description, "all orders");
  EXPECT_EQ(archive.retention_days, 3);
  EXPECT_EQ(archived("orders"), std::vector<std::string>{"event-1"});
}

TEST_F(ArchiveTest, GoesOnAfterARestart) {
  const Archive before = create("orders", {.event_pattern = kOrders, .retention_days = 3}).value();
  ASSERT_TRUE(put(order("event-1")));

  start();
  ASSERT_TRUE(put(order("event-2")));

  EXPECT_EQ(catalog->describe_archive(scope, "orders").value().archive, before);
  EXPECT_EQ(archived("orders"), (std::vector<std::string>{"event-1", "event-2"}));
}

TEST_F(ArchiveTest, ThatIsDeletedIsGoneWithItsRuleAndAnotherOfItsNameIsEmpty) {
  ASSERT_TRUE(create("all"));
  ASSERT_TRUE(put(order("event-1")));

  ASSERT_TRUE(catalog->delete_archive(scope, "all"));

  EXPECT_TRUE(
      refused(catalog->describe_archive(scope, "all"), ErrorCode::NotFound, "Archive all does not exist."));
  EXPECT_FALSE(catalog->describe_rule(scope, "default", "Events-Archive-all"));
  start();
  ASSERT_TRUE(create("all"));
  EXPECT_TRUE(archived("all").empty());
}

TEST_F(ArchiveTest, IsRefusedInAwssWords) {
  ASSERT_TRUE(create("all"));

  EXPECT_TRUE(refused(create("all"), ErrorCode::AlreadyExists, "Archive all already exists."));
  EXPECT_TRUE(refused(catalog->create_archive(scope, "x", bus_arn(scope, "shop"), {}), ErrorCode::NotFound,
                      "Event bus shop does not exist."));
  EXPECT_TRUE(
      refused(catalog->delete_archive(scope, "none"), ErrorCode::NotFound, "Archive none does not exist."));
  const auto invalid = create("bad", {.event_pattern = R"({"source":"x"})"});
  ASSERT_FALSE(invalid);
  EXPECT_EQ(invalid.error().code, ErrorCode::Malformed);
  EXPECT_FALSE(catalog->describe_rule(scope, "default", "Events-Archive-bad"));
}

TEST_F(ArchiveTest, ThatCouldNotBeWrittenIsNotMade) {
  store.fail_commits(true);
  EXPECT_FALSE(create("all"));
  store.fail_commits(false);

  EXPECT_FALSE(catalog->describe_archive(scope, "all"));
  EXPECT_FALSE(catalog->describe_rule(scope, "default", "Events-Archive-all"));
  EXPECT_TRUE(create("all"));
}

TEST_F(ArchiveTest, APatternAsLongAsAPatternMayBeHasRoomForWhatIsAdded) {
  const std::string text = R"({"source":[")" + std::string(4096 - 15, 'x') + R"("]})";
  ASSERT_EQ(text.size(), 4096U);

  const auto made = create("long", {.event_pattern = text});

  EXPECT_TRUE(made) << made.error().message;
}

TEST_F(ArchiveTest, ListsByOneFilter) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  ASSERT_TRUE(create("a-1"));
  ASSERT_TRUE(create("a-2"));
  ASSERT_TRUE(catalog->create_archive(scope, "b", bus_arn(scope, "shop"), {}));
  const auto names = [&](const ArchiveFilter& filter) {
    std::vector<std::string> found;
    const auto page = catalog->list_archives(scope, filter);
    for (const auto& view : page.value().items) found.push_back(view.archive.name);
    return found;
  };

  EXPECT_EQ(names({}), (std::vector<std::string>{"a-1", "a-2", "b"}));
  EXPECT_EQ(names({.name_prefix = "a-"}), (std::vector<std::string>{"a-1", "a-2"}));
  EXPECT_EQ(names({.source_arn = bus_arn(scope, "shop")}), std::vector<std::string>{"b"});
  EXPECT_EQ(names({.state = "ENABLED"}).size(), 3U);
  EXPECT_TRUE(names({.state = "DISABLED"}).empty());
  EXPECT_TRUE(refused(
      catalog->list_archives(scope, {.name_prefix = "a", .state = "ENABLED"}), ErrorCode::InvalidArgument,
      "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or "
      "NamePrefix."));
  EXPECT_TRUE(refused(catalog->list_archives(scope, {.source_arn = bus_arn(scope, "none")}),
                      ErrorCode::NotFound, "Event bus none does not exist."));
}

}  // namespace
}  // namespace ebagent::bus
