#include "targets/file_target.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_folder.hpp"
#include "targets/target_deliveries.hpp"

namespace ebagent::targets {
namespace {

namespace fs = std::filesystem;
using testing::delivery_to;
using testing::verdict;

class FileTargetTest : public ::testing::Test {
 protected:
  FileTargetTest() {
    fs::create_directory(root / "allowed");
    fs::create_directory(root / "secret");
    target = FileTarget::below(root / "allowed").value();
  }
  std::string append(const std::string& path, const std::string& input = "{}") {
    return verdict(target->send(delivery_to("file://" + path, "", input)));
  }
  [[nodiscard]] static std::string text(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  ebagent::testing::TemporaryFolder folder;
  const fs::path root = fs::canonical(folder.path());
  std::shared_ptr<FileTarget> target;
};

TEST_F(FileTargetTest, AppendsOneLineADelivery) {
  const fs::path file = root / "allowed" / "orders ü.jsonl";

  EXPECT_EQ(append((root / "allowed").string() + "/orders%20%C3%BC.jsonl", "{\"a\":\n  1}"), "delivered");
  EXPECT_EQ(append((root / "allowed").string() + "/orders%20%C3%BC.jsonl", "2"), "delivered");

  EXPECT_EQ(text(file), "{\"a\":   1}\n2\n");
}

TEST_F(FileTargetTest, EndsALineThatACrashHasTorn) {
  const fs::path file = root / "allowed" / "torn";
  std::ofstream{file} << R"({"a":)";

  EXPECT_EQ(append(file), "delivered");

  EXPECT_EQ(text(file), "{\"a\":\n{}\n");
}

TEST_F(FileTargetTest, NeverWritesOutsideOfItsFolder) {
  fs::create_directory_symlink(root / "secret", root / "allowed" / "link");
  fs::create_symlink(root / "secret" / "file", root / "allowed" / "linked-file");
  const std::string allowed = (root / "allowed").string();

  for (const std::string& path : {root.string() + "/secret/x", allowed + "/../secret/x",
                                  allowed + "/%2e%2e/secret/x", allowed + "/link/x", allowed + "/linked-file",
                                  allowed + "-more/x", std::string{"/etc/x"}, allowed + "/"}) {
    EXPECT_EQ(append(path), "fail NO_PERMISSIONS") << path;
  }
  EXPECT_EQ(verdict(target->send(delivery_to("file://host/x"))), "fail NO_PERMISSIONS");
  EXPECT_TRUE(fs::is_empty(root / "secret"));
}

TEST_F(FileTargetTest, SaysWhenThereIsNoSuchFolder) {
  EXPECT_EQ(append((root / "allowed" / "absent" / "x").string()), "fail NO_RESOURCE");
  EXPECT_FALSE(FileTarget::below(root / "absent"));
}

TEST_F(FileTargetTest, DoesNotWaitForWhoeverReadsAPipe) {
  const fs::path pipe = root / "allowed" / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  EXPECT_NE(append(pipe), "delivered");
}

}  // namespace
}  // namespace ebagent::targets
