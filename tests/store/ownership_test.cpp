#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "builders.hpp"

namespace ebagent::store {
namespace {

using ::testing::HasSubstr;

void run_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

TEST(Ownership, IsRefusedToASecondOwnerByTheNameOfTheDirectory) {
  const testing::TemporaryFolder folder;
  const auto store = open_at(folder.path());

  const auto second = sqlite::open(folder.path());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Conflict);
  EXPECT_THAT(second.error().message, HasSubstr(folder.path().string()));
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
}

TEST(Ownership, EndsWithTheStore) {
  const testing::TemporaryFolder folder;
  open_at(folder.path()).reset();

  EXPECT_TRUE(sqlite::open(folder.path()));
}

TEST(Ownership, MakesTheDirectoryForItselfOnly) {
  const testing::TemporaryFolder folder;
  const auto data_dir = folder.path() / "a" / "b";

  const auto store = open_at(data_dir);

  struct stat found {};
  ASSERT_EQ(::stat(data_dir.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0700U);
}

TEST(ReadOnly, SeesWhatTheOwnerCommitsMeanwhile) {
  const testing::TemporaryFolder folder;
  const auto owner = open_at(folder.path());
  const auto reader = value_of(sqlite::open_read_only(folder.path()));

  value_of(owner->commit_and_wait({PutRun{run_of("run-1", "key-1")}}));

  EXPECT_EQ(value_of(reader->runs({})).size(), 1U);
  value_of(owner->commit_and_wait({PutRun{run_of("run-2", "key-2")}}));
  EXPECT_EQ(value_of(reader->runs({})).size(), 2U);
}

TEST(ReadOnly, ReadsAStoreWhoseOwnerHasGone) {
  const testing::TemporaryFolder folder;
  value_of(open_at(folder.path())->commit_and_wait({PutRun{run_of("run-1", "key-1")}}));

  const auto reader = value_of(sqlite::open_read_only(folder.path()));

  EXPECT_EQ(value_of(reader->runs({})).size(), 1U);
}

TEST(ReadOnly, RefusesToWrite) {
  const testing::TemporaryFolder folder;
  open_at(folder.path()).reset();
  const auto reader = value_of(sqlite::open_read_only(folder.path()));

  EXPECT_EQ(reader->commit_and_wait({PutCatalog{{"rule", "a", "{}"}}}).error().code, ErrorCode::Conflict);
  EXPECT_EQ(reader->put_route(route_named("1")).error().code, ErrorCode::Conflict);
  EXPECT_EQ(reader->lease_due(start_time(), 1).error().code, ErrorCode::Conflict);
  EXPECT_EQ(reader->redrive(1, start_time()).error().code, ErrorCode::Conflict);
}

TEST(ReadOnly, SaysThatThereIsNoStore) {
  const testing::TemporaryFolder folder;

  const auto nothing = sqlite::open_read_only(folder.path());
  const auto no_directory = sqlite::open_read_only(folder.path() / "missing");

  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::NotFound);
  EXPECT_THAT(nothing.error().message, HasSubstr(folder.path().string()));
  EXPECT_EQ(no_directory.error().code, ErrorCode::NotFound);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "events.db")) << "looking makes nothing";
}

TEST(ReadOnly, SaysThatAnEmptyFileIsNoStore) {
  const testing::TemporaryFolder folder;
  folder.write("events.db", "");

  const auto reader = sqlite::open_read_only(folder.path());

  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::NotFound);
}

TEST(BesideTheOwner, RedrivesWhileTheOwnerWrites) {
  const testing::TemporaryFolder folder;
  const auto owner = open_at(folder.path());
  const auto route = value_of(owner->put_route(route_named("1")));
  std::vector<std::int64_t> dead;
  for (int i = 0; i < 20; ++i) {
    const auto made = value_of(owner->commit_and_wait({event_to("dead-" + std::to_string(i), {route})}));
    dead.push_back(made.deliveries.at(0).seq);
    value_of(owner->commit_and_wait({MarkDead{dead.back(), start_time(), 1, "TIMEOUT", "", ""}}));
  }
  const auto beside = value_of(sqlite::open_beside_owner(folder.path()));

  std::thread load{[&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(owner->commit_and_wait({event_to("live-" + std::to_string(i), {route})}));
    }
  }};
  for (const std::int64_t seq : dead) EXPECT_TRUE(beside->redrive(seq, start_time()));
  load.join();

  EXPECT_EQ(value_of(owner->lease_due(start_time(), 100)).size(), 20U);
  const auto counts = value_of(owner->counts());
  EXPECT_EQ(counts.dead, 0);
  EXPECT_EQ(counts.pending, 220);
  EXPECT_EQ(beside->commit_and_wait({PutCatalog{{"rule", "a", "{}"}}}).error().code, ErrorCode::Conflict);
}

TEST(Opening, RefusesAStoreOfANewerProgram) {
  const testing::TemporaryFolder folder;
  open_at(folder.path()).reset();
  run_sql(folder.path() / "events.db", "PRAGMA user_version=99");

  const auto store = sqlite::open(folder.path());
  const auto reader = sqlite::open_read_only(folder.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(store.error().message, HasSubstr("version 99"));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::Unsupported);
}

TEST(Opening, RefusesADatabaseOfAnotherProgram) {
  const testing::TemporaryFolder folder;
  run_sql(folder.path() / "events.db", "CREATE TABLE recipes (name TEXT)");

  const auto store = sqlite::open(folder.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_THAT(store.error().message, HasSubstr("another program"));
}

TEST(Opening, RefusesAFileThatIsNoDatabase) {
  const testing::TemporaryFolder folder;
  folder.write("events.db", std::string(100'000, 'x'));

  const auto store = sqlite::open(folder.path());
  const auto reader = sqlite::open_read_only(folder.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_THAT(store.error().message, HasSubstr((folder.path() / "events.db").string()));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::Io);
}

TEST(Opening, RefusesADirectoryThatIsAFile) {
  const testing::TemporaryFolder folder;
  const auto file = folder.write("data", "");

  const auto store = sqlite::open(file);

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_THAT(store.error().message, HasSubstr(file.string()));
}

TEST(Opening, RefusesAnEventsFileThatIsADirectory) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "events.db");

  const auto store = sqlite::open(folder.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
}

TEST(Opening, SaysWhenPermissionsAreMissing) {
  const testing::TemporaryFolder folder;
  open_at(folder.path()).reset();
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0555});
  // Root may write everywhere, so it becomes nobody meanwhile.
  const bool is_root = ::geteuid() == 0;
  ASSERT_TRUE(!is_root || ::seteuid(65534) == 0);

  const auto store = sqlite::open(folder.path());

  ASSERT_TRUE(!is_root || ::seteuid(0) == 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_THAT(store.error().message, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace ebagent::store
