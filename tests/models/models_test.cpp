#include "models/models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "models/key_reference.hpp"
#include "models/model_fixture.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::models {
namespace {

using ::testing::HasSubstr;
using testing::ModelFixture;
using ::testing::Not;

TEST(ModelSettings, FollowFromTheShortForm) {
  const auto settings = settings_of("bedrock:eu.anthropic.claude-sonnet-4-20250514-v1:0");

  ASSERT_TRUE(settings);
  EXPECT_EQ(settings.value().provider, "bedrock");
  EXPECT_EQ(settings.value().model, "eu.anthropic.claude-sonnet-4-20250514-v1:0");
  EXPECT_EQ(settings_of("acme:x").error(),
            (Error{ErrorCode::NotFound,
                   "There is no provider \"acme\" of models; there are: anthropic, bedrock, openai."}));
  EXPECT_EQ(settings_of("openai").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(settings_of("openai:").error().code, ErrorCode::InvalidArgument);
}

class ModelsTest : public ModelFixture {
 protected:
  ModelsTest() { settings = {.provider = "openai", .model = "m"}; }

  std::string problem(auto change) {
    ModelSettings changed = settings;
    change(changed);
    std::swap(settings, changed);
    auto model = make();
    std::swap(settings, changed);
    if (model) return "none";
    EXPECT_EQ(model.error().code, ErrorCode::InvalidArgument);
    return model.error().message;
  }
};

TEST_F(ModelsTest, AreNamedAsPeopleReadThem) {
  EXPECT_EQ(make().value()->name(), "openai:m");
  EXPECT_FALSE(make().value()->is_repeatable());
}

TEST_F(ModelsTest, SayWhichSettingCannotBe) {
  EXPECT_EQ(problem([](auto& s) { s.model = ""; }), "A model's model must be named as its service names it.");
  EXPECT_EQ(problem([](auto& s) { s.max_tokens = 0; }), "A model's max_tokens must be 1 or more.");
  EXPECT_EQ(problem([](auto& s) { s.temperature = -0.1; }), "A model's temperature must be from 0 to 2.");
  EXPECT_EQ(problem([](auto& s) { s.timeout = std::chrono::seconds{0}; }),
            "A model's timeout must be from 1 second to 1 hour.");
  EXPECT_EQ(problem([](auto& s) { s.attempts = 0; }), "A model's attempts must be from 1 to 20.");
  EXPECT_EQ(problem([](auto& s) { s.extra = 1; }), "A model's extra must be an object.");
  EXPECT_EQ(problem([](auto& s) { s.guardrail_id = "g"; }),
            "A model's guardrail is a thing of bedrock only.");
  EXPECT_EQ(problem([](auto& s) { s.region = "eu-west-1"; }), "A model's region is a thing of bedrock only.");
  EXPECT_THAT(problem([](auto& s) { s.url = "ftp://x"; }), HasSubstr("http"));
  settings.provider = "bedrock";
  EXPECT_EQ(problem([](auto& s) { s.region = "evil.example/"; }), "\"evil.example/\" is no region.");
  EXPECT_EQ(problem([](auto& s) { s.guardrail_version = "1"; }),
            "A model's guardrail_version needs a guardrail_id.");
}

TEST_F(ModelsTest, AKeyThatIsGivenAsSuchIsRefusedAndNotRepeated) {
  for (const std::string provider : {"openai", "anthropic", "bedrock"}) {
    settings.provider = provider;
    const std::string text = problem([](auto& s) { s.api_key = "sk-very-secret"; });
    EXPECT_EQ(text, "A key is given by where it is: env:NAME or file:/ABSOLUTE/PATH; never as such.");
  }
  EXPECT_THAT(problem([](auto& s) { s.api_key = "env:"; }), HasSubstr("env:NAME"));
}

TEST(KeyReference, ReadsAFileAnewEachTimeAndSaysWhatIsWrongWithoutItsContents) {
  const ebagent::testing::TemporaryFolder folder;
  const std::string path = (folder.path() / "key").string();
  const auto reference = KeyReference::parse("file:" + path).value();
  const auto write = [&](const std::string& text) {
    std::ofstream{path} << text;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  const auto none = [](const std::string&) { return std::string{}; };

  EXPECT_EQ(reference.read(none).error().code, ErrorCode::InvalidArgument);
  write(" first\n");
  EXPECT_EQ(reference.read(none).value(), "first");
  write("second");
  EXPECT_EQ(reference.read(none).value(), "second");
  for (const std::string& bad : {std::string{"\n"}, std::string{"        "}, std::string{"two words"},
                                 std::string{"abcd\r\nX-Evil: 1"}, std::string(9'000, 'x')}) {
    write(bad);
    const auto key = reference.read(none);
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(key.error().message, HasSubstr(path));
    EXPECT_THAT(key.error().message, Not(HasSubstr("xxxxx")));
    EXPECT_THAT(key.error().message, Not(HasSubstr("two words")));
  }
  write("readable by all");
  std::filesystem::permissions(path, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_THAT(reference.read(none).error().message, HasSubstr("chmod 600"));
}

TEST(KeyReference, IsSpeltAsOtherSecretsToo) {
  const auto key = [](const std::string& name) { return name == "KEY" ? "value" : ""; };

  EXPECT_EQ(KeyReference::parse("env:KEY").value().read(key).value(), "value");
  EXPECT_EQ(KeyReference::parse("secret:env:KEY").value().read(key).value(), "value");
  EXPECT_TRUE(KeyReference::parse("").value().is_empty());
  for (const std::string bad : {"env:", "file:", "file:relative", "env:A B", "KEY", "secret:"}) {
    EXPECT_FALSE(KeyReference::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace ebagent::models
