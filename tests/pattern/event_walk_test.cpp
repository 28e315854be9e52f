#include "pattern/event_walk.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fixed_random.hpp"

namespace ebagent::pattern {
namespace {

struct Walk {
  const char* name;
  EventWalk walk;
};

std::vector<Walk> walks() {
  std::vector<Walk> out{{"portable", event_walk_portable()}};
  if (event_walk_avx2() != nullptr) out.push_back({"avx2", event_walk_avx2()});
  if (event_walk_avx512() != nullptr) out.push_back({"avx512", event_walk_avx512()});
  return out;
}

// The leaves of the event at the paths, "path=text@element" each, as one walk finds them.
std::string leaves(const Walk& walk, const std::vector<std::string>& paths, const std::string& json) {
  PathTrie trie;
  for (const std::string& path : paths) trie.intern(path);
  trie.finish();
  Scratch scratch;
  const auto event = CheckedEvent::check(json, scratch);
  if (!event) return "refused: " + event.error().message;
  Fields fields;
  fields.reset(trie);
  std::string decoded;
  decoded.reserve(json.size());
  walk.walk(event.value(), trie, fields, decoded);
  std::string out;
  for (std::uint32_t path = 0; path < paths.size(); ++path) {
    for (const Value& value : fields.values(path)) {
      out += paths[path] + "=" + std::string(value.text()) + "@" + std::to_string(value.element()) + " ";
    }
  }
  return out;
}

void expect_leaves(const std::vector<std::string>& paths, const std::string& json,
                   const std::string& expected) {
  for (const Walk& walk : walks())
    EXPECT_EQ(leaves(walk, paths, json), expected) << walk.name << " on " << json;
}

TEST(EventWalk, FindsLeavesWhereverTheyStand) {
  expect_leaves({"a", "b.c", "b.d"}, R"({"x":{"a":1},"b":{"e":[{}],"d":true,"c":"C"},"a":-1.5e3})",
                "a=-1.5e3@0 b.c=C@0 b.d=true@0 ");
  expect_leaves({"a"}, R"( { "z" : [ 1 , { "a" : 2 } ] , "a" : null } )", "a=null@0 ");
  expect_leaves({"a"}, R"({"a":{},"b":1})", "");
  expect_leaves({"a"}, "{}", "");
}

TEST(EventWalk, NumbersTheElementsOfArraysOfObjects) {
  expect_leaves({"a.b", "a"}, R"({"a":[{"b":1},2,[3,[4]],{"b":[5,6]}]})",
                "a.b=1@1 a.b=5@4 a.b=6@4 a=2@0 a=3@2 a=4@3 ");
}

TEST(EventWalk, TakesEveryValueOfAKeyThatComesTwice) {
  expect_leaves({"a", "b"}, R"({"a":1,"b":2,"a":3})", "a=1@0 a=3@0 b=2@0 ");
}

TEST(EventWalk, ReadsKeysWithDotsAsPaths) {
  expect_leaves({"a.b", "c"}, R"({"a":{"b":1},"c":2,"a.b":3})", "a.b=1@0 a.b=3@0 c=2@0 ");
}

TEST(EventWalk, DecodesEscapes) {
  expect_leaves({"a", "b"}, R"({"\u0061":"\"\\\n\u00e9\ud83d\ude80","b":"\\"})",
                "a=\"\\\n\u00e9\U0001F680@0 b=\\@0 ");
}

TEST(EventWalk, TellsLongNamesApart) {
  const std::string name = "a-name-of-more-than-sixteen-bytes";
  for (std::size_t at = 0; at < name.size(); ++at) {
    std::string other = name;
    other[at] = '_';
    expect_leaves({name}, "{\"" + other + "\":1,\"" + name + "\":2}", name + "=2@0 ");
  }
}

TEST(EventWalk, FindsOneOfManyChildren) {
  std::vector<std::string> paths;
  std::string json = "{";
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    paths.push_back("field" + std::to_string(i));
    json += (i == 0 ? "\"" : ",\"") + paths.back() + "\":" + std::to_string(i);
    expected += paths.back() + "=" + std::to_string(i) + "@0 ";
  }
  expect_leaves(paths, json + "}", expected);
}

TEST(EventWalk, IsNotMisledByWhatStandsInStringsAcrossBlocks) {
  for (std::size_t padding = 0; padding < 140; ++padding) {
    const std::string fill(padding, ' ');
    const std::string slashes = [&] {
      std::string out;
      for (std::size_t i = 0; i < padding; ++i) out += "\\\\";
      return out;
    }();
    expect_leaves({"a.b", "z"},
                  "{" + fill + R"("s":"}],{\"a\":1)" + slashes + R"(","a":{"x":"\")" + slashes +
                      R"(]","b":"{"},"z":7})",
                  "a.b={@0 z=7@0 ");
  }
}

TEST(EventWalk, AgreesOnRandomEvents) {
  testing::FixedRandom random(21);
  const auto below = [&random](std::size_t end) { return std::size_t(random.next() % end); };
  const std::vector<std::string> scalars = {
      "1",          "-0.5",    "true",
      "null",       R"("")",   R"("a\"b")",
      R"("{[,]}")", R"("\\")", R"("long text without anything special in it")"};
  const std::vector<std::string> names = {"a", "b", "a.b", "cc", R"(\u0061)", "a-rather-long-name"};
  const auto space = [&] { return std::string(below(3) == 0 ? below(5) : 0, ' '); };
  const auto value = [&](auto&& self, int depth) -> std::string {
    const std::size_t kind = depth == 0 ? 2 : below(3);
    if (kind == 2) return scalars[below(scalars.size())];
    std::string out = kind == 0 ? "{" : "[";
    for (std::size_t i = 0, count = below(5); i < count; ++i) {
      out += (i == 0 ? "" : ",") + space();
      if (kind == 0) out += "\"" + names[below(names.size())] + "\"" + space() + ":" + space();
      out += self(self, depth - 1) + space();
    }
    return out + (kind == 0 ? "}" : "]");
  };
  const std::vector<std::string> paths = {"a", "a.b", "b", "cc.a", "a-rather-long-name.b"};
  for (int i = 0; i < 20'000; ++i) {
    const std::string json =
        "{\"a\":" + value(value, 4) + ",\"" + names[below(names.size())] + "\":" + value(value, 3) + "}";
    const std::string expected = leaves(walks().front(), paths, json);
    for (const Walk& walk : walks())
      ASSERT_EQ(leaves(walk, paths, json), expected) << walk.name << " on " << json;
  }
}

}  // namespace
}  // namespace ebagent::pattern
