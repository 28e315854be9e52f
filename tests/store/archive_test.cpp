#include <string>

#include "builders.hpp"
#include "store/retention.hpp"

namespace ebagent::store {
namespace {

constexpr std::int64_t kArchive = 7;

class ArchiveTest : public EachStore {
 protected:
  void SetUp() override {
    store = open();
    value_of(store->commit_and_wait({KeepArchive{.archive = kArchive}}));
  }

  // Accepts an event of that time for the archives.
  void put(const std::string& id, TimePoint time, std::vector<std::int64_t> archives = {kArchive}) {
    AcceptEvent event = event_to(id, {}, clock.now());
    event.archives = std::move(archives);
    event.time = time;
    value_of(store->commit_and_wait({std::move(event)}));
  }
  std::vector<std::string> ids(const ArchiveSlice& slice) {
    std::vector<std::string> found;
    for (const ArchivedEvent& event : value_of(store->archived_events(slice))) found.push_back(event.id);
    return found;
  }
  std::vector<std::string> all(std::int64_t archive = kArchive) {
    return ids({.archive = archive, .until = TimePoint::max()});
  }
  void sweep() {
    value_of(Retention{*store, clock, {}}.run([] { return false; }));
  }

  testing::ManualClock clock;
  const TimePoint noon = clock.now();
  std::unique_ptr<Store> store;
};
INSTANTIATE_TEST_SUITE_P(, ArchiveTest, each_store, kind_of);

TEST_P(ArchiveTest, IsReadByTimeAndThenById) {
  put("b", noon);
  put("c", noon - minutes{1});
  put("a", noon);

  EXPECT_EQ(all(), (std::vector<std::string>{"c", "a", "b"}));
}

TEST_P(ArchiveTest, IsReadOnFromWhereAReadingStood) {
  for (const char* id : {"a", "b", "c"}) put(id, noon);
  put("later", noon + seconds{1});

  EXPECT_EQ(ids({.archive = kArchive, .after = {noon, "a"}, .until = noon, .limit = 1}),
            std::vector<std::string>{"b"});
  EXPECT_EQ(ids({.archive = kArchive, .after = {noon, "b"}, .until = noon}), std::vector<std::string>{"c"});
  EXPECT_EQ(ids({.archive = kArchive, .after = {noon, ""}, .until = noon}).size(), 3U);
}

TEST_P(ArchiveTest, KeepsAnEventOnceHoweverOftenItIsAccepted) {
  put("a", noon);
  put("a", noon);

  EXPECT_EQ(all(), std::vector<std::string>{"a"});
  EXPECT_EQ(value_of(store->archive_size(kArchive)).events, 1);
}

TEST_P(ArchiveTest, TellsItsSize) {
  put("a", noon);
  put("bb", noon);

  const ArchiveSize size = value_of(store->archive_size(kArchive));

  EXPECT_EQ(size.events, 2);
  EXPECT_EQ(size.bytes, std::int64_t(std::string{R"({"id":"a"}{"id":"bb"})"}.size()));
}

TEST_P(ArchiveTest, OutlivesTheEventsOfTheStore) {
  put("a", noon);
  clock.advance(hours{24 * 30});

  sweep();

  EXPECT_FALSE(value_of(store->event_by_id("a")));
  EXPECT_EQ(all(), std::vector<std::string>{"a"});
}

TEST_P(ArchiveTest, LosesWhatItKeepsNoLonger) {
  value_of(store->commit_and_wait({KeepArchive{.archive = kArchive, .keep = hours{24}}}));
  put("old", noon + hours{24 * 365});  // its own time is no matter: how long it was kept counts
  clock.advance(hours{25});
  put("young", noon - hours{24 * 365});

  sweep();

  EXPECT_EQ(all(), std::vector<std::string>{"young"});
  const ArchiveSize size = value_of(store->archive_size(kArchive));
  EXPECT_EQ(size.events, 1);
  EXPECT_EQ(size.bytes, std::int64_t(std::string{R"({"id":"young"})"}.size()));
}

TEST_P(ArchiveTest, IsSweptInSteps) {
  value_of(store->commit_and_wait({KeepArchive{.archive = kArchive, .keep = hours{1}}}));
  for (const char* id : {"a", "b", "c"}) put(id, noon);
  clock.advance(hours{2});

  EXPECT_EQ(value_of(store->sweep_archives(clock.now(), 2)), 2U);
  EXPECT_EQ(all(), std::vector<std::string>{"c"});
  EXPECT_EQ(value_of(store->sweep_archives(clock.now(), 2)), 1U);
}

TEST_P(ArchiveTest, IsEmptyAtOnceWhenItIsDroppedAndTakesNoMore) {
  put("a", noon);

  value_of(store->commit_and_wait({DropArchive{kArchive}}));
  put("b", noon);

  EXPECT_TRUE(all().empty());
  EXPECT_EQ(value_of(store->archive_size(kArchive)).events, 0);
  EXPECT_EQ(value_of(store->sweep_archives(clock.now(), 10)), 1U);
  EXPECT_EQ(value_of(store->sweep_archives(clock.now(), 10)), 0U);
}

TEST_P(ArchiveTest, ADroppedNumberIsNotKeptAgain) {
  value_of(store->commit_and_wait({DropArchive{kArchive}}));

  const auto again = store->commit_and_wait({KeepArchive{.archive = kArchive}});

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::Conflict);
}

TEST_P(ArchiveTest, DoesNotShareItsEventsWithOthers) {
  value_of(store->commit_and_wait({KeepArchive{.archive = 8}}));
  put("both", noon, {kArchive, 8});
  put("one", noon, {8});
  put("unknown", noon, {99});

  EXPECT_EQ(all(), std::vector<std::string>{"both"});
  EXPECT_EQ(all(8), (std::vector<std::string>{"both", "one"}));
  EXPECT_TRUE(all(99).empty());
}

TEST_P(ArchiveTest, IsForgottenWithEverythingElse) {
  put("a", noon);

  value_of(store->clear());

  EXPECT_TRUE(all().empty());
  EXPECT_TRUE(store->commit_and_wait({KeepArchive{.archive = kArchive}}));
}

TEST_P(ArchiveTest, IsNotReadWholeIntoMemory) {
  for (int i = 0; i < 12; ++i) {
    AcceptEvent event = event_to("event " + std::to_string(i), {}, clock.now());
    event.json = std::make_shared<const std::string>(1'000'000, 'e');
    event.archives = {kArchive};
    event.time = noon;
    value_of(store->commit_and_wait({std::move(event)}));
  }

  EXPECT_LT(all().size(), 12U);
  EXPECT_FALSE(all().empty());
}

}  // namespace
}  // namespace ebagent::store
