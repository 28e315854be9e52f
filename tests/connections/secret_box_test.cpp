#include "connections/secret_box.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.hpp"

namespace ebagent::connections {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecretBoxTest : public ::testing::Test {
 protected:
  std::filesystem::path key_file() const { return folder.path() / "secret.key"; }

  const testing::TemporaryFolder folder;
};

TEST_F(SecretBoxTest, OpensWhatItSealedAndSealsNothingTwiceAlike) {
  SecretBox box{key_file()};

  const std::string sealed = box.seal("word", "connection/a").value();

  EXPECT_THAT(sealed, Not(HasSubstr("word")));
  EXPECT_EQ(box.open(sealed, "connection/a").value(), "word");
  EXPECT_NE(box.seal("word", "connection/a").value(), sealed);
  EXPECT_EQ(box.open(box.seal("", "x").value(), "x").value(), "");
}

TEST_F(SecretBoxTest, OpensNothingForAnotherContextOrKeyOrAfterAChange) {
  SecretBox box{key_file()};
  const std::string sealed = box.seal("word", "connection/a").value();
  SecretBox other{SecretKey{}};
  std::string changed = sealed;
  changed.back() = changed.back() == '0' ? '1' : '0';

  EXPECT_FALSE(box.open(sealed, "connection/b"));
  EXPECT_FALSE(other.open(sealed, "connection/a"));
  EXPECT_FALSE(box.open(changed, "connection/a"));
  EXPECT_FALSE(box.open("aes-256-gcm:00", "connection/a"));
  EXPECT_FALSE(box.open("word", "connection/a"));
}

TEST_F(SecretBoxTest, MakesItsKeyOnceForItsOwnerOnly) {
  const std::string sealed = SecretBox{key_file()}.seal("word", "a").value();

  struct stat status {};
  ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(SecretBox{key_file()}.open(sealed, "a").value(), "word");
}

TEST_F(SecretBoxTest, AKeyThatIsGoneIsNotMadeAnewToOpenWithIt) {
  const std::string sealed = SecretBox{key_file()}.seal("word", "a").value();
  std::filesystem::remove(key_file());

  const auto opened = SecretBox{key_file()}.open(sealed, "a");

  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("is missing"));
  EXPECT_FALSE(std::filesystem::exists(key_file()));
}

TEST_F(SecretBoxTest, AKeyThatOthersCanReadOrThatIsNoneIsRefused) {
  const std::string sealed = SecretBox{key_file()}.seal("word", "a").value();
  std::filesystem::permissions(key_file(), std::filesystem::perms{0640});
  EXPECT_THAT(SecretBox{key_file()}.open(sealed, "a").error().message, HasSubstr("chmod 600"));

  folder.write("secret.key", "not a key");
  std::filesystem::permissions(key_file(), std::filesystem::perms{0600});
  const auto opened = SecretBox{key_file()}.open(sealed, "a");
  EXPECT_THAT(opened.error().message, HasSubstr("damaged"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("not a key")));
}

TEST_F(SecretBoxTest, AKeyIsSixtyFourHexadecimalDigits) {
  EXPECT_EQ(parse_secret_key(std::string(62, '0') + "aF").value().back(), 0xAF);
  for (const std::string& wrong :
       {std::string{}, std::string(63, '0'), std::string(64, 'g'), std::string(66, '0')}) {
    const auto key = parse_secret_key(wrong);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().message, "A key of secrets must be 64 hexadecimal digits (32 random bytes).");
  }
}

}  // namespace
}  // namespace ebagent::connections
