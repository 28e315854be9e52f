#include "transform/path.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::transform {
namespace {

namespace json = boost::json;

const json::value& document() {
  static const json::value value = core::parse_json(R"({
    "detail-type":"Order Placed","time":"2026-01-26T16:00:00Z","resources":["arn:1","arn:2"],
    "detail":{"b c":1,"it's":2,"a/b":3,"n":null,"amount":80.0,"items":[{"sku":"A","n":1},{"sku":"B"}],"":"empty","é":4}
  })")
                                       .value();
  return value;
}

// The JSON text that `path` leads to, or "nothing".
std::string at(std::string_view path) {
  const auto found = Path::parse(path).value().read(document());
  return found ? core::write_json(*found) : "nothing";
}

std::string refusal(std::string_view path) {
  const auto parsed = Path::parse(path);
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Path, TakesADollarAsTheWholeDocument) {
  EXPECT_EQ(Path::parse("$").value().find(document()), &document());
}

TEST(Path, FollowsKeysWithDashesAndSlashes) {
  EXPECT_EQ(at("$.detail-type"), R"("Order Placed")");
  EXPECT_EQ(at("$.detail.a/b"), "3");
  EXPECT_EQ(at("$.detail.é"), "4");
}

TEST(Path, FollowsIndexes) {
  EXPECT_EQ(at("$.resources[0]"), R"("arn:1")");
  EXPECT_EQ(at("$.detail.items[1].sku"), R"("B")");
  EXPECT_EQ(at("$['resources'][1]"), R"("arn:2")");
}

TEST(Path, FollowsQuotedKeysInBrackets) {
  EXPECT_EQ(at("$.detail['b c']"), "1");
  EXPECT_EQ(at("$.detail[\"b c\"]"), "1");
  EXPECT_EQ(at(R"($.detail['it\'s'])"), "2");
  EXPECT_EQ(at("$.detail['']"), R"("empty")");
}

TEST(Path, LeadsToANullThatIsThere) {
  EXPECT_EQ(at("$.detail.n"), "null");
}

TEST(Path, LeadsNowhereWhenAKeyOrIndexIsMissingOrOfAnotherKind) {
  EXPECT_EQ(at("$.detail.missing"), "nothing");
  EXPECT_EQ(at("$.resources[2]"), "nothing");
  EXPECT_EQ(at("$.resources[4294967295]"), "nothing");
  EXPECT_EQ(at("$.resources.length"), "nothing");
  EXPECT_EQ(at("$.detail[0]"), "nothing");
  EXPECT_EQ(at("$.time.x"), "nothing");
}

TEST(Path, GathersAllMatchesOfAWildcardInAList) {
  EXPECT_EQ(at("$.detail.items[*].sku"), R"(["A","B"])");
  EXPECT_EQ(at("$.detail.items[*].n"), "[1]");
  EXPECT_EQ(at("$.detail.items[0].*"), R"(["A",1])");
  EXPECT_EQ(at("$.missing[*]"), "[]");
}

TEST(Path, FindsTheFirstMatchOfAWildcard) {
  EXPECT_EQ(*Path::parse("$.detail.items[*].sku").value().find(document()), json::value("A"));
}

TEST(Path, RefusesWhatIsOutsideTheSubset) {
  for (const auto* path : {"",         "detail",  "$detail",  "$.",          "$..a",
                           "$.a.",     "$.a[",    "$.a[]",    "$.a[-1]",     "$.a[1",
                           "$.a['b",   "$.a['b'", "$.a['b\\", "$.a[?(@.b)]", "$.a[0:2]",
                           "$.a[0,1]", "$.a b",   "$ .a",     "$.a\n",       "$.a[99999999999999999999]",
                           "$.a(b)"}) {
    EXPECT_NE(refusal(path), "accepted") << path;
  }
  EXPECT_NE(refusal("$." + std::string(kMaxPathLength, 'a')), "accepted");
}

TEST(Path, SaysWhereItIsWrong) {
  EXPECT_EQ(refusal("$.a[-1]"),
            "The JSON path \"$.a[-1]\" is not valid at byte 4: expected an index, a quoted key or *.");
}

TEST(Path, NeitherCrashesNorReadsPastItsEndOnAnyText) {
  constexpr std::string_view kSigns = "$.[]'\"*a0-\\ ";
  testing::FixedRandom random;
  for (int n = 0; n < 20'000; ++n) {
    std::string text = "$";
    for (auto signs = random.next() % 8; signs > 0; --signs) text += kSigns[random.next() % kSigns.size()];
    if (const auto path = Path::parse(text)) (void)path.value().read(document());
  }
}

TEST(Path, RemembersItsText) {
  EXPECT_EQ(Path::parse("$.a['b c']").value().text(), "$.a['b c']");
}

TEST(InputPath, DeliversAnObjectAsJson) {
  EXPECT_EQ(select_input(Path::parse("$.detail.items[0]").value(), document()), R"({"sku":"A","n":1})");
}

TEST(InputPath, DeliversAStringWithItsQuotes) {
  EXPECT_EQ(select_input(Path::parse("$.detail.items[0].sku").value(), document()), R"("A")");
}

TEST(InputPath, DeliversNumbersAsPeopleWriteThem) {
  EXPECT_EQ(select_input(Path::parse("$.detail.amount").value(), document()), "80");
}

TEST(InputPath, DeliversAnEmptyStringWhenThePathIsMissing) {
  EXPECT_EQ(select_input(Path::parse("$.detail.nothing").value(), document()), R"("")");
}

TEST(InputPath, DeliversTheListOfAWildcard) {
  EXPECT_EQ(select_input(Path::parse("$.resources[*]").value(), document()), R"(["arn:1","arn:2"])");
}

}  // namespace
}  // namespace ebagent::transform
