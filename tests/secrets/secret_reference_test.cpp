#include "secrets/secret_reference.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ebagent::secrets {
namespace {

class SecretFileTest : public ::testing::Test {
 protected:
  SecretFileTest()
      : path_(std::filesystem::path(::testing::TempDir()) /
              ("secret-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {}
  ~SecretFileTest() override { std::filesystem::remove_all(path_); }

  Result<std::string> read(const std::string& content, mode_t mode) {
    std::ofstream(path_) << content;
    chmod(path_.c_str(), mode);
    return resolve({SecretReference::Kind::File, path_.string()});
  }

  std::filesystem::path path_;
};

TEST(SecretReferenceTest, ReadsBothForms) {
  EXPECT_EQ(SecretReference::parse("secret:env:API_TOKEN").value(),
            (SecretReference{SecretReference::Kind::Environment, "API_TOKEN"}));
  EXPECT_EQ(SecretReference::parse("secret:file:/run/secrets/token").value(),
            (SecretReference{SecretReference::Kind::File, "/run/secrets/token"}));
}

TEST(SecretReferenceTest, RefusesAnythingElseWithoutRepeatingIt) {
  for (const char* text : {"hunter2", "secret:", "secret:env:", "secret:env:A B", "secret:env:1A",
                           "secret:file:relative", "secret:vault:hunter2"}) {
    const auto parsed = SecretReference::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message.find("hunter2"), std::string::npos);
  }
}

TEST(SecretReferenceTest, ResolvesTheEnvironmentAtTheCall) {
  const SecretReference reference{SecretReference::Kind::Environment, "EBAGENT_TEST_SECRET"};
  EXPECT_EQ(resolve(reference).error().code, ErrorCode::NotFound);
  setenv("EBAGENT_TEST_SECRET", "first-value", 1);
  EXPECT_EQ(resolve(reference).value(), "first-value");
  setenv("EBAGENT_TEST_SECRET", "second-value", 1);
  EXPECT_EQ(resolve(reference).value(), "second-value");
  setenv("EBAGENT_TEST_SECRET", "abc", 1);
  EXPECT_EQ(resolve(reference).error().code, ErrorCode::InvalidArgument);
  setenv("EBAGENT_TEST_SECRET", "two\r\nlines", 1);
  EXPECT_EQ(resolve(reference).error().message.find("two"), std::string::npos);
  unsetenv("EBAGENT_TEST_SECRET");
}

TEST_F(SecretFileTest, TheLineBreakAtTheEndIsNoPartOfIt) {
  EXPECT_EQ(read("hunter2hunter2\n", 0600).value(), "hunter2hunter2");
}

TEST_F(SecretFileTest, AFileThatOthersMayReadIsRefused) {
  EXPECT_EQ(read("hunter2hunter2", 0644).error().code, ErrorCode::InvalidArgument);
}

TEST_F(SecretFileTest, AFileThatOthersMayWriteIsRefused) {
  const auto resolved = read("hunter2hunter2", 0620);
  ASSERT_FALSE(resolved);
  EXPECT_NE(resolved.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(SecretFileTest, AnAbsentFileAFolderAndAHugeFileAreRefused) {
  EXPECT_EQ(resolve({SecretReference::Kind::File, path_.string()}).error().code, ErrorCode::NotFound);
  EXPECT_FALSE(resolve({SecretReference::Kind::File, "/tmp"}));
  EXPECT_FALSE(read(std::string(kMaxSecretBytes + 1, 'x'), 0600));
}

}  // namespace
}  // namespace ebagent::secrets
