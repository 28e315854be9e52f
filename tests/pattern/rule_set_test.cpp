#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pattern/matching.hpp"

namespace ebagent::pattern {
namespace {

Pattern pattern_of(std::string_view text) {
  return compile(text).value();
}

std::vector<RuleId> matched(const RuleSet& rules, std::string_view event) {
  Scratch scratch;
  const auto found = rules.match(event, scratch).value();
  return {found.begin(), found.end()};
}

TEST(RuleSet, TellsTheIdsThatMatchInOrder) {
  RuleSet rules;
  rules.add(9, pattern_of(R"({"a":["1"]})"));
  rules.add(3, pattern_of(R"({"a":[{"prefix":"1"}]})"));
  rules.add(5, pattern_of(R"({"a":["2"]})"));

  EXPECT_EQ(matched(rules, R"({"a":"1"})"), (std::vector<RuleId>{3, 9}));
  EXPECT_EQ(matched(rules, R"({"b":"1"})"), std::vector<RuleId>{});
}

TEST(RuleSet, AnIdWithSeveralPatternsMatchesOnce) {
  RuleSet rules;
  rules.add(1, pattern_of(R"({"a":["1"]})"));
  rules.add(1, pattern_of(R"({"b":["1"]})"));

  EXPECT_EQ(rules.size(), 2u);
  EXPECT_EQ(matched(rules, R"({"a":"1","b":"1"})"), std::vector<RuleId>{1});
  EXPECT_EQ(rules.remove(1), 2u);
  EXPECT_EQ(rules.remove(1), 0u);
  EXPECT_EQ(rules.size(), 0u);
  EXPECT_EQ(matched(rules, R"({"a":"1","b":"1"})"), std::vector<RuleId>{});
}

TEST(RuleSet, RefusesAnEventThatIsNoObject) {
  RuleSet rules;
  Scratch scratch;

  EXPECT_EQ(rules.match("[]", scratch).error().code, ErrorCode::Malformed);
}

TEST(RuleSet, FindsFewAmongManyRules) {
  std::vector<std::pair<RuleId, Pattern>> many;
  for (RuleId id = 0; id < 5'000; ++id) {
    const std::string number = std::to_string(id);
    many.emplace_back(id, pattern_of(R"({"source":["aws.ec2"],"detail":{"id":["i-)" + number +
                                     R"("],"size":[{"numeric":[">",)" + number + "]}]}}"));
  }
  RuleSet rules;
  rules.add_all(many);

  EXPECT_EQ(matched(rules, R"({"source":"aws.ec2","detail":{"id":"i-77","size":78}})"),
            std::vector<RuleId>{77});
  EXPECT_EQ(matched(rules, R"({"source":"aws.ec2","detail":{"id":"i-77","size":77}})"),
            std::vector<RuleId>{});
}

TEST(RuleSet, MatchingSeesEachChangeWhollyWhileRulesComeAndGo) {
  RuleSet rules;
  rules.add(0, pattern_of(R"({"a":["1"]})"));
  const Pattern first = pattern_of(R"({"a":["1"],"b":["1"]})");
  const Pattern second = pattern_of(R"({"b":["1"]})");
  std::atomic<bool> is_done{false};
  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      Scratch scratch;
      while (!is_done) {
        const auto found = rules.match(R"({"a":"1","b":"1"})", scratch).value();
        // Rule 2 comes after rule 1 and goes before it, so it is never there alone.
        const bool has_one = std::find(found.begin(), found.end(), 1u) != found.end();
        const bool has_two = std::find(found.begin(), found.end(), 2u) != found.end();
        if (found.empty() || found[0] != 0 || (has_two && !has_one)) ++wrong;
      }
    });
  }

  for (int round = 0; round < 500; ++round) {
    rules.add(1, first);
    rules.add(2, second);
    for (RuleId id = 100; id < 108; ++id) rules.add(id, second);
    for (RuleId id = 100; id < 108; ++id) rules.remove(id);
    rules.remove(2);
    rules.remove(1);
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(rules.size(), 1u);
}

TEST(RuleSet, MatchingSeesNewPathsWhileTheyAreAdded) {
  constexpr RuleId kRules = 400;
  RuleSet rules;
  std::string event = "{\"first\":1";
  for (RuleId id = 0; id < kRules; ++id) event += ",\"field" + std::to_string(id) + "\":{\"x\":\"y\"}";
  event += "}";
  std::atomic<RuleId> added{0};
  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      Scratch scratch;
      while (added < kRules) {
        const RuleId at_least = added;
        const auto found = rules.match(event, scratch).value();
        if (found.size() < at_least || !std::is_sorted(found.begin(), found.end())) ++wrong;
      }
    });
  }

  for (RuleId id = 0; id < kRules; ++id) {
    rules.add(id, pattern_of(R"({"field)" + std::to_string(id) + R"(":{"x":["y"]}})"));
    ++added;
  }
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(matched(rules, event).size(), kRules);
}

}  // namespace
}  // namespace ebagent::pattern
