#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

// An app whose agents.yaml may have a section `greeters:`, a list of tools that greet.
class AppSectionTest : public ::testing::Test {
 protected:
  AppSectionTest() {
    app.section("greeters", [this](App& to, const Place& place, std::string_view json) -> Result<void> {
      given.emplace_back(json);
      data = place.data;
      if (!problem.empty()) return fail(ErrorCode::InvalidArgument, problem);
      to.tool("greet", "Greets", [] { return "hello"; });
      return success();
    });
  }

  std::string error_of(std::string_view yaml) {
    const auto loaded = app.load_text(yaml, "agents.yaml");
    return loaded ? "no error" : loaded.error().message;
  }

  World world;
  App app = world.new_app();
  std::vector<std::string> given;
  std::filesystem::path data;
  std::string problem;
};

constexpr const char* kGreeters = R"(agents:
  - name: host
    tools: [greet]
    playbook: [{tool: greet}]
greeters:
  - name: one
    greet: {"a/b": [x, y]}
)";

TEST_F(AppSectionTest, IsReadAsJsonBeforeTheAgentsThatUseItsTools) {
  ASSERT_EQ(error_of(kGreeters), "no error");

  EXPECT_EQ(given, std::vector<std::string>{R"([{"name":"one","greet":{"a/b":["x","y"]}}])"});
  EXPECT_TRUE(app.has_agent("host"));
}

TEST_F(AppSectionTest, IsNotReadWhenTheFileHasNone) {
  ASSERT_EQ(error_of("agents: []"), "no error");

  EXPECT_TRUE(given.empty());
}

TEST_F(AppSectionTest, KnowsThePlaceOfTheProgram) {
  ASSERT_TRUE(app.start({.data = "/srv/data", .buckets = {}, .config = {}}));
  ASSERT_EQ(error_of(kGreeters), "no error");

  EXPECT_EQ(data, "/srv/data");
}

TEST_F(AppSectionTest, TellsThePlaceOfWhatItsReaderPointsTo) {
  problem = "/0/greet/a~1b/1: is no greeting";
  EXPECT_EQ(error_of(kGreeters), "agents.yaml:7:24: /0/greet/a~1b/1: is no greeting");
  problem = "/0/absent is required";
  EXPECT_EQ(error_of(kGreeters), "agents.yaml:6:5: /0/absent is required");
  problem = "/7: is one too many";
  EXPECT_EQ(error_of(kGreeters), "agents.yaml:6:3: /7: is one too many");
  problem = "The greeter is ill.";
  EXPECT_EQ(error_of(kGreeters), "agents.yaml:6:3: The greeter is ill.");
}

TEST_F(AppSectionTest, TakesBackItsToolsWhenSomethingElseInTheFileIsWrong) {
  EXPECT_NE(error_of(std::string(kGreeters) + "rules: [{agents: [nobody]}]\n"), "no error");

  EXPECT_TRUE(app.tools().empty());
}

TEST_F(AppSectionTest, ReportsWhatTheAppRefusesAtTheSection) {
  app.tool("greet", "Another", [] { return "hi"; });

  EXPECT_THAT(error_of(kGreeters), ::testing::StartsWith("agents.yaml:6:3: "));
  EXPECT_EQ(app.tools().size(), 1u);
}

TEST_F(AppSectionTest, IsNamedAmongTheKeysThatAreKnown) {
  EXPECT_THAT(error_of("greeter: []"), ::testing::HasSubstr("greeters"));
}

TEST_F(AppSectionTest, HasAKeyOfItsOwn) {
  const auto reader = [](App&, const Place&, std::string_view) -> Result<void> { return success(); };

  EXPECT_THROW(app.section("greeters", reader), std::invalid_argument);
  EXPECT_THROW(app.section("agents", reader), std::invalid_argument);
}

}  // namespace
}  // namespace ebagent::agent
