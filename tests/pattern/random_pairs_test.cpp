#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "pattern/matching.hpp"
#include "pattern/reference_matcher.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::pattern {
namespace {

namespace json = boost::json;

// Draws patterns and events from so few names and values that they often meet.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  json::object event() { return object(3); }
  json::object pattern() { return pattern_object(2, true); }

 private:
  std::size_t below(std::size_t count) { return std::size_t(random_.next() % count); }
  bool once_in(std::size_t count) { return below(count) == 0; }
  template <std::size_t N>
  json::value one_of(const char* const (&texts)[N]) {
    return json::value(texts[below(N)]);
  }
  json::string name() { return one_of({"a", "b", "a.b"}).as_string(); }
  json::value text() {
    return one_of({"", "ab", "Ab", "abc", "xabc", "b", "10.0.0.1", "10.0.7.9", "a*c", "cab"});
  }
  json::value number() {
    return once_in(3) ? json::value(double(below(8)) / 2) : json::value(std::int64_t(below(4)));
  }

  json::value scalar() {
    switch (below(6)) {
      case 0:
        return number();
      case 1:
        return json::value(once_in(2));
      case 2:
        return json::value(nullptr);
      default:
        return text();
    }
  }

  json::value value(int depth) {
    if (depth > 0 && once_in(3)) return object(depth - 1);
    if (depth == 0 || !once_in(2)) return scalar();
    json::array out;
    for (std::size_t i = below(4); i > 0; --i) out.push_back(value(depth - 1));
    return out;
  }

  json::object object(int depth) {
    json::object out;
    for (std::size_t i = 1 + below(4); i > 0; --i) out[name()] = value(depth);
    return out;
  }

  json::object pattern_object(int depth, bool may_or) {
    json::object out;
    for (std::size_t i = 1 + below(2); i > 0; --i) {
      if (depth > 0 && once_in(2))
        out[name()] = pattern_object(depth - 1, may_or);
      else
        out[name()] = wanted();
    }
    if (may_or && once_in(3))
      out["$or"] = json::array{pattern_object(depth, false), pattern_object(depth, false)};
    return out;
  }

  json::array wanted() {
    json::array out;
    for (std::size_t i = 1 + below(3); i > 0; --i) out.push_back(once_in(2) ? scalar() : operation());
    return out;
  }

  json::value operation() {
    switch (below(14)) {
      case 0:
        return {{"prefix", text()}};
      case 1:
        return {{"suffix", text()}};
      case 2:
        return {{"equals-ignore-case", text()}};
      case 3:
        return {{"wildcard", one_of({"*", "a*", "*b*", "*c", "a*c", "x*b*c"})}};
      case 4:
        return {{"numeric", json::array{">", number()}}};
      case 5:
        return {{"numeric", json::array{">=", 1, "<", 3}}};
      case 6:
        return {{"exists", true}};
      case 7:
        return {{"exists", false}};
      case 8:
        return {{"cidr", one_of({"10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0"})}};
      case 9:
        return {{"anything-but", json::array{text(), text()}}};
      case 10:
        return {{"anything-but", json::array{number(), number()}}};
      case 11:
        return {{"anything-but", {{"prefix", json::array{"a", "x"}}}}};
      case 12:
        return {{"anything-but", {{"wildcard", one_of({"*b*", "a*"})}}}};
      default:
        return {{"prefix", {{"equals-ignore-case", text()}}}};
    }
  }

  testing::FixedRandom random_;
};

struct Drawn {
  json::object pattern;
  Pattern compiled;
};

std::vector<Drawn> draw_patterns(Draw& draw, std::size_t count) {
  std::vector<Drawn> out;
  while (out.size() < count) {
    json::object pattern = draw.pattern();
    out.push_back({pattern, compile(core::write_json(pattern)).value()});
  }
  return out;
}

TEST(RandomPairs, EngineAgreesWithTheSlowMatcher) {
  Draw draw(42);
  std::size_t matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Drawn drawn = std::move(draw_patterns(draw, 1).front());
    const json::object event = draw.event();

    const bool expected = reference_matches(drawn.pattern, event);

    matched += expected ? 1 : 0;
    ASSERT_EQ(matches(drawn.compiled, core::write_json(event)).value(), expected)
        << "pattern " << core::write_json(drawn.pattern) << "\nevent   " << core::write_json(event);
  }
  EXPECT_GT(matched, 1000u);
}

TEST(RandomPairs, RuleSetAgreesWithTheSlowMatcherWhileRulesComeAndGo) {
  Draw draw(43);
  testing::FixedRandom random(44);
  const std::vector<Drawn> drawn = draw_patterns(draw, 600);
  std::vector<bool> is_held(drawn.size(), false);
  RuleSet rules;
  Scratch scratch;
  for (int i = 0; i < 3'000; ++i) {
    const std::size_t changed = std::size_t(random.next() % drawn.size());
    if (is_held[changed]) {
      EXPECT_EQ(rules.remove(changed), 1u);
    } else {
      rules.add(changed, drawn[changed].compiled);
    }
    is_held[changed] = !is_held[changed];
    if (i % 10 != 0) continue;
    const json::object event = draw.event();
    std::vector<RuleId> expected;
    for (std::size_t rule = 0; rule < drawn.size(); ++rule) {
      if (is_held[rule] && reference_matches(drawn[rule].pattern, event)) expected.push_back(rule);
    }

    const auto found = rules.match(core::write_json(event), scratch).value();

    ASSERT_EQ(std::vector<RuleId>(found.begin(), found.end()), expected) << core::write_json(event);
  }
}

}  // namespace
}  // namespace ebagent::pattern
