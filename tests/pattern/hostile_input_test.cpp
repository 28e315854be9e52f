#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pattern/matching.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::pattern {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(HostileEvent, NestedTooDeeplyIsRefused) {
  const Pattern pattern = compile(R"({"a":["1"]})").value();
  const std::string arrays = "{\"a\":" + repeated("[", 1'000'000) + repeated("]", 1'000'000) + "}";
  const std::string objects = repeated("{\"a\":", 1'000'000) + "1" + repeated("}", 1'000'000);

  EXPECT_EQ(matches(pattern, arrays).error().code, ErrorCode::Malformed);
  EXPECT_EQ(matches(pattern, objects).error().code, ErrorCode::Malformed);
}

TEST(HostileEvent, NestedFiveHundredTimesMatches) {
  const std::string event = "{\"a\":" + repeated("[", 500) + "\"1\"" + repeated("]", 500) + "}";

  EXPECT_EQ(answer(R"({"a":["1"]})", event), "match");
}

TEST(HostilePattern, NestedTooDeeplyIsRefused) {
  const auto compiled = compile(repeated("{\"a\":", 100'000) + "[1]" + repeated("}", 100'000));

  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, ErrorCode::LimitExceeded);
}

TEST(HostileEvent, BadUtf8IsRefused) {
  const Pattern pattern = compile(R"({"a":["1"]})").value();

  for (const char* bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(matches(pattern, "{\"b\":\"" + std::string(bytes) + "\"}")) << bytes;
  }
}

TEST(HostileEvent, LoneSurrogatesEqualOnlyThemselves) {
  EXPECT_EQ(answer_for(R"("\ud800")", R"("\ud800")"), "match");
  EXPECT_EQ(answer_for(R"("\ud800")", R"("\ud801")"), "no match");
}

TEST(HostileEvent, HugeNumbersAreComparedByText) {
  const std::string digits(1'000'000, '9');

  EXPECT_EQ(answer("{\"a\":[1]}", "{\"a\":" + digits + "}"), "no match");
  EXPECT_EQ(answer("{\"a\":[{\"anything-but\":1}]}", "{\"a\":" + digits + "}"), "match");
  EXPECT_EQ(answer("{\"a\":[{\"exists\":true}]}", "{\"a\":1e" + digits + "}"), "match");
}

TEST(HostileEvent, ThatIsNoObjectIsRefused) {
  const Pattern pattern = compile(R"({"a":["1"]})").value();

  for (const char* event : {"", " ", "[]", "1", "\"a\"", "null", "{", "{}x", "{\"a\":1,}", "{\"a\":01}",
                            "{\"a\":\"\n\"}", "\xEF\xBB\xBF{}"}) {
    const auto matched = matches(pattern, event);
    ASSERT_FALSE(matched) << event;
    EXPECT_EQ(matched.error().code, ErrorCode::Malformed) << event;
  }
}

TEST(HostileEvent, OneFieldThroughManyArraysEndsInTime) {
  std::string pattern = "{\"i\":{";
  std::string event = "{";
  for (int i = 0; i < 24; ++i) {
    pattern += (i == 0 ? "\"" : ",\"") + std::string("f") + std::to_string(i) + "\":[1]";
    event += (i == 0 ? "" : ",") + std::string("\"i\":[");
    for (int e = 0; e < 23; ++e)
      event += (e == 0 ? "" : ",") + ("{\"f" + std::to_string((i + e) % 23) + "\":1}");
    event += "]";
  }
  event += ",\"i\":[{\"f23\":1,\"f22\":0}],\"i\":[{\"f22\":0}]}";
  pattern += "}}";

  const auto matched = matches(compile(pattern).value(), event);

  EXPECT_TRUE(matched || matched.error().code == ErrorCode::LimitExceeded);
}

// Eleven fields, each in one element of each of ten arrays: too many ways to combine them.
std::string hard_fields(std::string_view value) {
  std::string out;
  for (char name = 'a'; name <= 'k'; ++name) {
    out += std::string(out.empty() ? "" : ",") + '"' + name + "\":" + std::string(value);
  }
  return out;
}

std::string hard_arrays() {
  std::string elements;
  for (char name = 'a'; name <= 'k'; ++name) {
    elements += std::string(elements.empty() ? "{\"" : ",{\"") + name + "\":1}";
  }
  std::string out;
  for (int array = 0; array < 10; ++array) out += ",\"i\":[" + elements + "]";
  return out;
}

TEST(HostileEvent, ThatIsTooHardForOneAlternativeMayMatchByAnother) {
  const std::string hard = "{\"i\":{" + hard_fields("[1]") + "}}";
  const std::string event = "{\"z\":1" + hard_arrays() + "}";
  const std::vector<std::string> patterns = {"{\"$or\":[" + hard + ",{\"z\":[1]}]}",
                                             "{\"$or\":[{\"z\":[1]}," + hard + "]}"};

  for (const std::string& text : patterns) {
    const Pattern pattern = compile(text).value();
    RuleSet rules;
    rules.add(1, pattern);
    Scratch scratch;

    EXPECT_TRUE(matches(pattern, event).value()) << text;
    EXPECT_EQ(rules.match(event, scratch).value().size(), 1u) << text;
    EXPECT_TRUE(explain(pattern, event).value().matches) << text;
  }
}

TEST(HostileEvent, ThatIsTooHardForARuleIsRefusedWhateverElseMatches) {
  RuleSet rules;
  rules.add(1, compile("{\"i\":{" + hard_fields("[1]") + "}}").value());
  rules.add(2, compile(R"({"z":[1]})").value());
  Scratch scratch;

  EXPECT_EQ(rules.match("{\"z\":1" + hard_arrays() + "}", scratch).error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(rules.match(R"({"z":1})", scratch).value().size(), 1u);
}

TEST(HostileInput, AnyCutOrFlippedTextGivesAnAnswer) {
  testing::FixedRandom random(7);
  const std::string pattern =
      R"({"a":{"b":["x",1.5e3,{"wildcard":"*a\\*"},{"anything-but":[1,2]}]},"$or":[{"c":[null]},{"d":[{"cidr":"::/1"}]}]})";
  const std::string event =
      R"({"a":[{"b":"x\u00e9\ud83d\ude80","c":[1,-0.5E+7,true,null]},{"d":{"e":["f"]}}],"g":""})";
  for (int i = 0; i < 20'000; ++i) {
    std::string broken_pattern = pattern;
    std::string broken_event = event;
    for (std::string* text : {&broken_pattern, &broken_event}) {
      (*text)[random.next() % text->size()] = char(random.next() % 256);
      if (random.next() % 3 == 0) text->resize(random.next() % text->size());
    }
    (void)answer(pattern, broken_event);
    (void)answer(broken_pattern, event);
  }
}

}  // namespace
}  // namespace ebagent::pattern
