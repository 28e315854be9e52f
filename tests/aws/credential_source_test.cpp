#include "aws/credential_source.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "aws/shared_file.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::aws {
namespace {

using Variables = std::map<std::string, std::string>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string{} : found->second;
  };
}

// ~/.aws of a test.
class Home {
 public:
  Home() {
    std::string name = (std::filesystem::temp_directory_path() / "ebagent-home-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(path_ / ".aws");
  }
  ~Home() { std::filesystem::remove_all(path_); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / ".aws" / name} << text;
  }
  [[nodiscard]] Environment environment(Variables variables = {}) const {
    variables["HOME"] = path_.string();
    return environment_of(std::move(variables));
  }

 private:
  std::filesystem::path path_;
};

TEST(CredentialSource, TheEnvironmentComesFirst) {
  const Home home;
  home.write("credentials", "[default]\naws_access_key_id = file\naws_secret_access_key = s\n");
  const testing::ManualClock clock;
  CredentialChain chain{default_sources(home.environment({{"AWS_ACCESS_KEY_ID", "env"},
                                                          {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                          {"AWS_SESSION_TOKEN", "token"}})),
                        clock};

  const auto found = chain.credentials();

  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found.value().access_key_id, "env");
  EXPECT_EQ(found.value().secret_access_key, "secret");
  EXPECT_EQ(found.value().session_token, "token");
}

TEST(CredentialSource, HalfAPairInTheEnvironmentIsAnError) {
  const testing::ManualClock clock;
  CredentialChain chain{default_sources(environment_of({{"AWS_ACCESS_KEY_ID", "env"}})), clock};

  EXPECT_EQ(chain.credentials().error().code, ErrorCode::InvalidArgument);
}

TEST(CredentialSource, ReadsTheProfileThatAwsProfileNames) {
  const Home home;
  home.write(
      "credentials",
      "# keys\n[default]\naws_access_key_id=d\naws_secret_access_key=ds\n\n"
      "[work]\naws_access_key_id = w  # comment\naws_secret_access_key = a/b+c#d=\naws_session_token = t\n");
  home.write("config",
             "[profile  both]\nregion = x\naws_access_key_id = c\naws_secret_access_key = cs\ns3 =\n  "
             "aws_access_key_id = no\n");
  const auto of = [&](const std::string& profile) {
    return SharedFileCredentials{home.environment({{"AWS_PROFILE", profile}})}.find().value().value();
  };

  EXPECT_EQ(of("").access_key_id, "d");
  EXPECT_EQ(of("work").access_key_id, "w");
  EXPECT_EQ(of("work").secret_access_key, "a/b+c#d=");
  EXPECT_EQ(of("work").session_token, "t");
  EXPECT_EQ(of("both").access_key_id, "c");
}

TEST(CredentialSource, AProfileThatIsNamedMustExist) {
  const Home home;

  const auto found = SharedFileCredentials{home.environment({{"AWS_PROFILE", "absent"}})}.find();

  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("Profile absent"), std::string::npos);
}

TEST(CredentialSource, SaysWhereItLookedWhenThereAreNone) {
  const Home home;
  const testing::ManualClock clock;
  CredentialChain chain{default_sources(home.environment()), clock};

  EXPECT_EQ(chain.credentials().error().code, ErrorCode::NotFound);
  EXPECT_NE(chain.credentials().error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST(CredentialSource, KeysThatAreChangedAreTakenUpWithinAMinute) {
  const Home home;
  home.write("credentials", "[default]\naws_access_key_id=old\naws_secret_access_key=s\n");
  testing::ManualClock clock;
  CredentialChain chain{default_sources(home.environment()), clock};
  ASSERT_EQ(chain.credentials().value().access_key_id, "old");

  home.write("credentials", "[default]\naws_access_key_id=new\naws_secret_access_key=s\n");

  EXPECT_EQ(chain.credentials().value().access_key_id, "old");
  clock.advance(std::chrono::seconds{60});
  EXPECT_EQ(chain.credentials().value().access_key_id, "new");
}

}  // namespace
}  // namespace ebagent::aws
