#include "watch/bucket_watcher.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "support/temporary_folder.hpp"

namespace ebagent::watch {
namespace {

using namespace std::chrono_literals;

// Collects what a watcher reports and lets a test wait for the n-th object.
class Objects {
 public:
  void add(const ObjectCreated& object) {
    const std::lock_guard lock{mutex_};
    objects_.push_back(object);
    changed_.notify_all();
  }
  std::vector<std::string> wait_for_keys(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 10s, [&] { return objects_.size() >= count; });
    std::vector<std::string> keys;
    for (const auto& object : objects_) keys.push_back(object.key);
    return keys;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ObjectCreated> objects_;
};

class BucketWatcherTest : public ::testing::Test {
 protected:
  std::unique_ptr<BucketWatcher> watch(ExistingFiles existing = ExistingFiles::Ignore) {
    return BucketWatcher::start(
               {{"uploads", folder_.path()}}, existing, [this](const ObjectCreated& o) { objects_.add(o); },
               [](const Error& error) { ADD_FAILURE() << error.message; })
        .value();
  }

  ebagent::testing::TemporaryFolder folder_;
  Objects objects_;
};

TEST_F(BucketWatcherTest, ReportsAFileAfterItIsClosed) {
  const auto watcher = watch();
  std::ofstream file{folder_.path() / "first.csv"};
  file << "a,b\n" << std::flush;

  folder_.write("second.csv", "x");
  file.close();

  EXPECT_EQ(objects_.wait_for_keys(2), (std::vector<std::string>{"second.csv", "first.csv"}));
}

TEST_F(BucketWatcherTest, ReportsFilesInFoldersMadeLater) {
  const auto watcher = watch();

  folder_.write("2026/01/data.csv", "x");

  EXPECT_EQ(objects_.wait_for_keys(1).front(), "2026/01/data.csv");
}

TEST_F(BucketWatcherTest, ReportsAFileThatIsMovedIn) {
  const ebagent::testing::TemporaryFolder elsewhere;
  const auto source = elsewhere.write("data.csv", "x");
  const auto watcher = watch();

  std::filesystem::rename(source, folder_.path() / "data.csv");

  EXPECT_EQ(objects_.wait_for_keys(1), (std::vector<std::string>{"data.csv"}));
}

TEST_F(BucketWatcherTest, LeavesHiddenFilesOut) {
  const auto watcher = watch();

  folder_.write(".data.csv.part", "x");
  folder_.write("data.csv", "x");

  EXPECT_EQ(objects_.wait_for_keys(1), (std::vector<std::string>{"data.csv"}));
}

TEST_F(BucketWatcherTest, ReportsExistingFilesOnDemandOnly) {
  folder_.write("old/data.csv", "x");
  {
    const auto watcher = watch(ExistingFiles::Ignore);
    folder_.write("new.csv", "x");
    EXPECT_EQ(objects_.wait_for_keys(1), (std::vector<std::string>{"new.csv"}));
  }

  const auto watcher = watch(ExistingFiles::Report);

  EXPECT_EQ(objects_.wait_for_keys(3), (std::vector<std::string>{"new.csv", "new.csv", "old/data.csv"}));
}

TEST_F(BucketWatcherTest, RefusesAFolderThatDoesNotExist) {
  const auto watcher =
      BucketWatcher::start({{"uploads", folder_.path() / "none"}}, ExistingFiles::Ignore, {}, {});

  ASSERT_FALSE(watcher.has_value());
  EXPECT_EQ(watcher.error().code, ErrorCode::NotFound);
}

TEST(ObjectCreatedEvent, HasTheShapeThatS3Sends) {
  const ebagent::testing::TemporaryFolder folder;
  folder.write("uploads/data.csv", "hello");

  const Event event = to_event(describe_object("my-data-bucket", folder.path(), "uploads/data.csv").value(),
                               "123456789012", "us-west-2");

  const auto detail = event.detail_object();
  EXPECT_EQ(event.source, "aws.s3");
  EXPECT_EQ(event.resources, (std::vector<std::string>{"arn:aws:s3:::my-data-bucket"}));
  EXPECT_EQ(detail.at("bucket").at("name"), "my-data-bucket");
  EXPECT_EQ(detail.at("object").at("size").to_number<int>(), 5);
  EXPECT_EQ(detail.at("object").at("etag"), "5d41402abc4b2a76b9719d911017c592");
}

TEST(ObjectCreatedEvent, HasTheSameIdForTheSameVersionOnly) {
  const ObjectCreated object{.bucket = "b", .key = "k", .size = 1, .etag = "e", .sequencer = "1", .time = {}};
  ObjectCreated newer = object;
  newer.sequencer = "2";

  EXPECT_EQ(to_event(object, "1", "r").id, to_event(object, "2", "r").id);
  EXPECT_NE(to_event(object, "1", "r").id, to_event(newer, "1", "r").id);
}

}  // namespace
}  // namespace ebagent::watch
