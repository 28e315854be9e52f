#include "tools/backup.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/ids.hpp"
#include "support/temporary_folder.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {
namespace {

using std::chrono::hours;

const TimePoint kFour = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} + hours{16};

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    EXPECT_TRUE(run("CREATE TABLE t (a INTEGER)"));
    EXPECT_TRUE(run("INSERT INTO t VALUES (1), (2), (3)"));
  }

  Result<void> run(std::string_view sql) {
    return database->transaction([&](Session& session) { return session.run(sql); });
  }

  testing::TemporaryFolder folder;
  std::unique_ptr<Database> database = Database::open(folder.path() / "main.sqlite").value();
  Backup backup{{{"main", folder.path() / "main.sqlite"}}, folder.path() / "backups"};
};

TEST_F(BackupTest, MakesAVerifiedCopyOfADatabaseInUse) {
  const auto report = backup.make(kFour, 3);

  ASSERT_TRUE(report) << report.error().message;
  const BackupCopy& copy = report.value().copies.at(0);
  EXPECT_EQ(copy.file.filename(), "main-20260126T160000Z.sqlite");
  EXPECT_EQ(copy.rows, 3);
  EXPECT_EQ(copy.tables, 1);
  EXPECT_EQ(copy.sha256, core::sha256_hex(folder.read("backups/main/main-20260126T160000Z.sqlite")));
  EXPECT_EQ(folder.read("backups/main/main-20260126T160000Z.sqlite.sha256"),
            copy.sha256 + "  main-20260126T160000Z.sqlite\n");
  EXPECT_FALSE(std::filesystem::exists(copy.file.string() + "-wal"));
  const auto opened = Database::open(copy.file).value();
  const auto rows = opened->transaction([](Session& session) { return session.query("SELECT a FROM t"); });
  EXPECT_EQ(rows.value().rows.size(), 3U);
}

TEST_F(BackupTest, KeepsTheNewestCopiesAndDeletesTheRest) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(backup.make(kFour + hours{24 * i}, 10));

  const auto report = backup.make(kFour + hours{24 * 4}, 2);

  ASSERT_TRUE(report);
  EXPECT_EQ(report.value().deleted.size(), 3U);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "backups/main/main-20260126T160000Z.sqlite"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "backups/main/main-20260126T160000Z.sqlite.sha256"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "backups/main/main-20260129T160000Z.sqlite"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "backups/main/main-20260130T160000Z.sqlite"));
}

TEST_F(BackupTest, MakesOneCopyWhenTheSameEventComesTwice) {
  ASSERT_TRUE(backup.make(kFour, 3));
  ASSERT_TRUE(backup.make(kFour, 3));

  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path() / "backups/main"}, {}), 2);
}

TEST_F(BackupTest, IsConsistentWhileOthersWrite) {
  std::atomic<bool> is_over{false};
  std::thread writer{[&] {
    while (!is_over) EXPECT_TRUE(run("INSERT INTO t VALUES (4)"));
  }};

  for (int i = 0; i < 10; ++i) {
    const auto report = backup.make(kFour + hours{i}, 20);
    EXPECT_TRUE(report) << report.error().message;
  }
  is_over = true;
  writer.join();
}

TEST_F(BackupTest, ReportsADamagedDatabaseAndKeepsTheOldCopies) {
  ASSERT_TRUE(backup.make(kFour, 1));
  folder.write("broken.sqlite",
               "SQLite format 3\0 but then something else entirely, long enough to look like a page");
  const Backup broken{{{"main", folder.path() / "broken.sqlite"}}, folder.path() / "backups"};

  const auto report = broken.make(kFour + hours{1}, 1);

  ASSERT_FALSE(report);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path() / "backups/main"}, {}), 2);
}

TEST_F(BackupTest, RefusesToKeepNothingAndToBackUpWhatIsNotThere) {
  const Backup missing{{{"gone", folder.path() / "gone.sqlite"}}, folder.path() / "backups"};

  EXPECT_EQ(backup.make(kFour, 0).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(missing.make(kFour, 1).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace ebagent::tools
