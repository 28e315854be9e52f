#include "tools/folder_object_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.hpp"

namespace ebagent::tools {
namespace {

using testing::TemporaryFolder;

class FolderObjectStoreTest : public ::testing::Test {
 protected:
  FolderObjectStoreTest() { std::filesystem::create_directories(folder.path() / "my-data-bucket"); }

  TemporaryFolder folder;
  FolderObjectStore store{folder.path()};
};

TEST_F(FolderObjectStoreTest, GivesBackWhatWasPut) {
  const auto put = store.put("my-data-bucket", "uploads/a b/ü.csv", "hello");

  ASSERT_TRUE(put) << put.error().message;
  const auto got = get_object(store, "my-data-bucket", "uploads/a b/ü.csv", 100);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value(), "hello");
  EXPECT_EQ(put.value().etag, "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(store.head("my-data-bucket", "uploads/a b/ü.csv").value().etag, put.value().etag);
}

TEST_F(FolderObjectStoreTest, ReplacesAnObjectAndLeavesNoUnfinishedFile) {
  ASSERT_TRUE(store.put("my-data-bucket", "a.txt", "one"));
  ASSERT_TRUE(store.put("my-data-bucket", "a.txt", "two"));

  EXPECT_EQ(folder.read("my-data-bucket/a.txt"), "two");
  const auto entries =
      std::distance(std::filesystem::directory_iterator{folder.path() / "my-data-bucket"}, {});
  EXPECT_EQ(entries, 1);
}

TEST_F(FolderObjectStoreTest, RefusesKeysThatLeaveTheBucket) {
  folder.write("secret.txt", "secret");
  const std::string nul{"a\0b", 3};
  for (const std::string& key :
       {std::string{"../secret.txt"}, std::string{"a/../../secret.txt"}, std::string{"/etc/passwd"},
        std::string{".."}, std::string{"."}, std::string{"a//b"}, std::string{"a/"}, std::string{},
        std::string{"./a"}, nul, std::string(1025, 'k'), std::string(300, 'k'), std::string{"\xff\xfe"},
        std::string{".ebagent-put-1-1"}}) {
    const auto read = get_object(store, "my-data-bucket", key, 100);
    const auto put = store.put("my-data-bucket", key, "x");

    ASSERT_FALSE(read) << key;
    EXPECT_EQ(read.error().code, ErrorCode::InvalidArgument) << key;
    ASSERT_FALSE(put) << key;
    EXPECT_EQ(put.error().code, ErrorCode::InvalidArgument) << key;
  }
  EXPECT_EQ(folder.read("secret.txt"), "secret");
}

TEST_F(FolderObjectStoreTest, RefusesSymbolicLinksAtEveryDepth) {
  folder.write("outside/secret.txt", "secret");
  std::filesystem::create_symlink(folder.path() / "outside/secret.txt",
                                  folder.path() / "my-data-bucket/link.txt");
  std::filesystem::create_directory_symlink(folder.path() / "outside",
                                            folder.path() / "my-data-bucket/folder");

  const auto file = get_object(store, "my-data-bucket", "link.txt", 100);
  const auto below = get_object(store, "my-data-bucket", "folder/secret.txt", 100);
  const auto put_below = store.put("my-data-bucket", "folder/secret.txt", "changed");

  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("symbolic link"), std::string::npos) << file.error().message;
  ASSERT_FALSE(below);
  EXPECT_NE(below.error().message.find("symbolic link"), std::string::npos) << below.error().message;
  EXPECT_FALSE(put_below);
  EXPECT_EQ(folder.read("outside/secret.txt"), "secret");
  EXPECT_TRUE(store.list("my-data-bucket", "", 10).value().empty());
}

TEST_F(FolderObjectStoreTest, ReplacesALinkByAnObjectInsteadOfWritingThroughIt) {
  folder.write("outside.txt", "untouched");
  std::filesystem::create_symlink(folder.path() / "outside.txt", folder.path() / "my-data-bucket/a.txt");

  ASSERT_TRUE(store.put("my-data-bucket", "a.txt", "object"));

  EXPECT_EQ(folder.read("outside.txt"), "untouched");
  EXPECT_EQ(folder.read("my-data-bucket/a.txt"), "object");
}

TEST_F(FolderObjectStoreTest, RefusesBucketNamesThatAreNone) {
  for (const char* bucket :
       {"..", "a", "My-Bucket", "a/b", "../my-data-bucket", "a..b", "-abc", "abc-", ""}) {
    const auto head = store.head(bucket, "a.txt");
    ASSERT_FALSE(head) << bucket;
    EXPECT_EQ(head.error().code, ErrorCode::InvalidArgument) << bucket;
  }
}

TEST_F(FolderObjectStoreTest, SaysWhichObjectOrBucketIsMissing) {
  const auto object = store.head("my-data-bucket", "uploads/none.csv");
  const auto bucket = store.head("no-such-bucket", "a.csv");

  ASSERT_FALSE(object);
  EXPECT_EQ(object.error(),
            (Error{ErrorCode::NotFound, "There is no object s3://my-data-bucket/uploads/none.csv."}));
  ASSERT_FALSE(bucket);
  EXPECT_EQ(bucket.error().code, ErrorCode::NotFound);
  EXPECT_NE(bucket.error().message.find("no bucket 'no-such-bucket'"), std::string::npos);
}

TEST_F(FolderObjectStoreTest, ListsByPrefixInOrderOfKeys) {
  for (const char* key : {"uploads/b.csv", "uploads/a.csv", "uploads/2026/c.csv", "other.txt"}) {
    ASSERT_TRUE(store.put("my-data-bucket", key, "x"));
  }

  const auto found = store.list("my-data-bucket", "uploads/", 2);

  ASSERT_TRUE(found);
  ASSERT_EQ(found.value().size(), 2U);
  EXPECT_EQ(found.value()[0].key, "uploads/2026/c.csv");
  EXPECT_EQ(found.value()[1].key, "uploads/a.csv");
}

TEST_F(FolderObjectStoreTest, RefusesAFolderAndANamedPipe) {
  std::filesystem::create_directories(folder.path() / "my-data-bucket/folder");
  ASSERT_EQ(::mkfifo((folder.path() / "my-data-bucket/pipe").c_str(), 0600), 0);

  EXPECT_EQ(store.head("my-data-bucket", "folder").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(store.head("my-data-bucket", "pipe").error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(store.put("my-data-bucket", "folder", "x"));
}

TEST_F(FolderObjectStoreTest, DoesNotReadMoreThanIsAllowedAtOnce) {
  ASSERT_TRUE(store.put("my-data-bucket", "large.txt", std::string(101, 'x')));

  const auto got = get_object(store, "my-data-bucket", "large.txt", 100);

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::LimitExceeded);
}

TEST_F(FolderObjectStoreTest, FindsBucketsThatLiveElsewhere) {
  folder.write("elsewhere/a.txt", "mapped");
  FolderObjectStore mapped{folder.path(), {{"mapped-bucket", folder.path() / "elsewhere"}}};

  EXPECT_EQ(get_object(mapped, "mapped-bucket", "a.txt", 100).value(), "mapped");
}

}  // namespace
}  // namespace ebagent::tools
