#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "builders.hpp"

namespace ebagent::store {
namespace {

using ::testing::HasSubstr;

// While it lives no file of this process grows past `bytes`: writes fail as on a broken disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

std::string document(std::size_t bytes) {
  return std::string(bytes, 'd');
}

class FullDisk : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, FullDisk, each_store, kind_of);

TEST_P(FullDisk, RefusesWhatDoesNotFitAndGoesOnWhenThereIsRoom) {
  const auto store = open({.max_file_bytes = 1024 * 1024});
  const auto route = value_of(store->put_route(route_named("1")));
  int kept = 0;
  while (store->commit_and_wait({PutCatalog{{"rule", std::to_string(kept), document(50'000)}}})) ++kept;

  AcceptEvent large = event_to("large", {route});
  large.json = std::make_shared<const std::string>(document(100'000));
  const auto refused = store->commit_and_wait({event_to("small", {route}), large});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("full"));
  EXPECT_EQ(value_of(store->event_by_id("small")), std::nullopt) << "nothing is half written";
  EXPECT_EQ(value_of(store->counts()).pending, 0);
  EXPECT_EQ(value_of(store->catalog("rule")).size(), static_cast<std::size_t>(kept));

  for (int i = 0; i < 5; ++i) value_of(store->commit_and_wait({DeleteCatalog{"rule", std::to_string(i)}}));
  EXPECT_EQ(value_of(store->commit_and_wait({large})).deliveries.size(), 1U);
  EXPECT_EQ(value_of(store->counts()).pending, 1);
}

TEST_P(FullDisk, LetsSmallTransactionsPassBesideOneThatDoesNotFit) {
  const auto store = open({.max_file_bytes = 1024 * 1024});
  std::vector<ErrorCode> refused;
  int passed = 0;

  for (int i = 0; i < 10; ++i) {
    const std::size_t bytes = i == 5 ? 2'000'000 : 100;
    store->commit({PutCatalog{{"rule", std::to_string(i), document(bytes)}}}, [&](Result<Committed> result) {
      if (result) ++passed;
      if (!result) refused.push_back(result.error().code);
    });
  }
  value_of(store->commit_and_wait({}));

  EXPECT_EQ(passed, 9);
  EXPECT_EQ(refused, std::vector<ErrorCode>{ErrorCode::Unavailable});
}

TEST(FailingDisk, TellsTheCallersAndGoesOnWhenTheTroubleIsOver) {
  const testing::TemporaryFolder folder;
  const auto store = open_at(folder.path());
  const auto route = value_of(store->put_route(route_named("1")));
  AcceptEvent large = event_to("large", {route});
  large.json = std::make_shared<const std::string>(document(1'000'000));
  std::vector<Error> errors;

  {
    const FileSizeLimit limit{std::filesystem::file_size(folder.path() / "events.db-wal") + 20'000};
    for (int i = 0; i < 3; ++i) {
      const auto refused = store->commit_and_wait({large});
      if (!refused) errors.push_back(refused.error());
    }
  }
  const auto accepted = store->commit_and_wait({large});

  ASSERT_EQ(errors.size(), 3U);
  for (const Error& error : errors) {
    EXPECT_EQ(error.code, ErrorCode::Io) << error.message;
    EXPECT_THAT(error.message, HasSubstr("events.db"));
  }
  EXPECT_EQ(value_of(accepted).deliveries.size(), 1U);
  EXPECT_EQ(value_of(store->counts()).accepted, 1);
}

TEST(DamagedStore, SaysSoInsteadOfCrashing) {
  const testing::TemporaryFolder folder;
  {
    const auto store = open_at(folder.path());
    for (int i = 0; i < 50; ++i) {
      value_of(store->commit_and_wait({PutCatalog{{"rule", std::to_string(i), document(5'000)}}}));
    }
  }
  {
    std::fstream file{folder.path() / "events.db", std::ios::in | std::ios::out | std::ios::binary};
    const auto size = std::filesystem::file_size(folder.path() / "events.db");
    for (std::uintmax_t at = 8'192; at < size; at += 8'192) {
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(8'192, '\xFF');
    }
  }

  const auto store = sqlite::open(folder.path());
  const auto reader = sqlite::open_read_only(folder.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_THAT(store.error().message, HasSubstr("damaged"));
  if (reader) {
    EXPECT_EQ(reader.value()->catalog("rule").error().code, ErrorCode::Io);
  } else {
    EXPECT_EQ(reader.error().code, ErrorCode::Io);
  }
}

TEST(DamagedStore, CutShortIsRefused) {
  const testing::TemporaryFolder folder;
  {
    const auto store = open_at(folder.path());
    for (int i = 0; i < 50; ++i) {
      value_of(store->commit_and_wait({PutCatalog{{"rule", std::to_string(i), document(5'000)}}}));
    }
  }
  std::filesystem::resize_file(folder.path() / "events.db", 20'000);

  const auto store = sqlite::open(folder.path());

  ASSERT_FALSE(store && store.value()->catalog("rule"));
  EXPECT_TRUE(store || store.error().code == ErrorCode::Io) << store.error().message;
}

// Each megabyte differs from the one it replaces: SQLite leaves a page alone that would not change.
void write_megabytes(Store& store, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string text(1'000'000, static_cast<char>('a' + i % 26));
    value_of(store.commit_and_wait({PutCatalog{{"rule", std::to_string(i % 4), text}}}));
  }
}

TEST(Log, BeginsAnewOnceTheReaderThatHeldItHasGone) {
  const testing::TemporaryFolder folder;
  const auto store = open_at(folder.path());
  const auto log = folder.path() / "events.db-wal";
  constexpr std::uintmax_t kMegabyte = 1024 * 1024;
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open((folder.path() / "events.db").c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT * FROM state", nullptr, nullptr, nullptr), SQLITE_OK);

  write_megabytes(*store, 150);
  EXPECT_GT(std::filesystem::file_size(log), 130 * kMegabyte) << "a reader of an old state needs the log";
  sqlite3_close(reader);
  write_megabytes(*store, 60);

  EXPECT_LT(std::filesystem::file_size(log), 130 * kMegabyte);
}

}  // namespace
}  // namespace ebagent::store
