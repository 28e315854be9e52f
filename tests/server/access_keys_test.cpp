#include "server/access_keys.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_folder.hpp"

namespace ebagent::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeys =
    "# Who may call\n\n"
    "AKIDEXAMPLE  wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY 123456789012\r\n"
    "\tOTHER another-secret-of-length\n"
    "Bearer a-token-of-some-length 210987654321";

std::string problem_of(const Result<AccessKeys>& keys) {
  return keys ? "none" : keys.error().message;
}

TEST(AccessKeys, ReadsKeysAndTokensWithTheirAccounts) {
  const auto keys = AccessKeys::parse(kKeys, "keys");

  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys.value().size(), 3U);
  EXPECT_EQ(keys.value().key("AKIDEXAMPLE")->secret, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  EXPECT_EQ(keys.value().key("AKIDEXAMPLE")->account, "123456789012");
  EXPECT_EQ(keys.value().key("OTHER")->account, "");
  EXPECT_EQ(keys.value().key("akidexample"), nullptr);
  EXPECT_EQ(keys.value().key("Bearer"), nullptr);
  EXPECT_EQ(keys.value().token("a-token-of-some-length")->account, "210987654321");
  EXPECT_EQ(keys.value().token("a-token-of-some-lengt"), nullptr);
  EXPECT_EQ(keys.value().token(""), nullptr);
}

TEST(AccessKeys, SaysWhichLineIsWrongWithoutRepeatingIt) {
  const std::string form = "a line is ACCESS_KEY_ID SECRET [ACCOUNT] or Bearer TOKEN [ACCOUNT].";
  const std::string good = "KEY1 a-secret-of-some-length\n";
  EXPECT_EQ(problem_of(AccessKeys::parse(good + "KEY2", "f")), "f, line 2: " + form);
  EXPECT_EQ(problem_of(AccessKeys::parse("a b c d", "f")), "f, line 1: " + form);
  EXPECT_EQ(problem_of(AccessKeys::parse("KEY short", "f")),
            "f, line 1: a secret or token needs at least 16 characters.");
  EXPECT_EQ(problem_of(AccessKeys::parse("KEY a-secret-of-some-length 12345", "f")),
            "f, line 1: the account must be 12 digits.");
  EXPECT_EQ(problem_of(AccessKeys::parse("a/b a-secret-of-some-length", "f")),
            "f, line 1: an access key id is of letters, digits and '_', 128 at most.");
  EXPECT_EQ(problem_of(AccessKeys::parse(good + good, "f")),
            "f, line 2: the access key is there a second time.");
  EXPECT_EQ(problem_of(AccessKeys::parse("# none\n\n", "f")), "f holds no access key.");
}

TEST(AccessKeys, AreNotTakenFromAFileThatOthersMayReadOrChange) {
  const testing::TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  std::ofstream{file} << kKeys;

  for (const fs::perms open : {fs::perms::others_read, fs::perms::others_write, fs::perms::group_write}) {
    fs::permissions(file, fs::perms::owner_read | open);
    EXPECT_EQ(problem_of(AccessKeys::load(file)),
              "The file of access keys " + file.string() +
                  " may be read or changed by other users; run chmod 600 on it.");
  }
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  EXPECT_EQ(problem_of(AccessKeys::load(file)), "none");
}

TEST(AccessKeys, SayWhyTheirFileCannotBeRead) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(AccessKeys::load(folder.path() / "none").error().code, ErrorCode::NotFound);
  EXPECT_EQ(problem_of(AccessKeys::load(folder.path())),
            "The file of access keys " + folder.path().string() + " is not a file.");
  const fs::path large = folder.path() / "large";
  std::ofstream{large} << std::string(1'100'000, '\n');
  fs::permissions(large, fs::perms::owner_read);
  EXPECT_EQ(problem_of(AccessKeys::load(large)),
            "The file of access keys " + large.string() + " is larger than a megabyte.");
}

}  // namespace
}  // namespace ebagent::server
