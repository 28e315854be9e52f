#include <gtest/gtest.h>

#include "pattern/matching.hpp"

namespace ebagent::pattern {
namespace {

TEST(Exact, StringMatchesOnlyTheSameString) {
  EXPECT_EQ(answer_for(R"("aws.s3")", R"("aws.s3")"), "match");
  EXPECT_EQ(answer_for(R"("aws.s3")", R"("AWS.s3")"), "no match");
  EXPECT_EQ(answer_for(R"("1")", "1"), "no match");
  EXPECT_EQ(answer_for(R"("null")", "null"), "no match");
}

TEST(Exact, EscapesOfPatternAndEventAreDecoded) {
  EXPECT_EQ(answer_for(R"("\u0061\/b")", R"("a/\u0062")"), "match");
  EXPECT_EQ(answer_for(R"("\ud83d\ude80")", "\"\xF0\x9F\x9A\x80\""), "match");
}

TEST(Exact, NumberMatchesByValue) {
  EXPECT_EQ(answer_for("100", "1e2"), "match");
  EXPECT_EQ(answer_for("100", "100.0"), "match");
  EXPECT_EQ(answer_for("0", "-0.0"), "match");
  EXPECT_EQ(answer_for("100", R"("100")"), "no match");
}

TEST(Exact, NumberThatNoDoubleHoldsMatchesByText) {
  EXPECT_EQ(answer_for("12345678901234567890123", "12345678901234567890123"), "match");
  EXPECT_EQ(answer_for("12345678901234567890123", "12345678901234567890123.0"), "no match");
  EXPECT_EQ(answer_for("1e400", "1e400"), "match");
}

TEST(Exact, TrueFalseAndNullMatchThemselves) {
  EXPECT_EQ(answer_for("true", "true"), "match");
  EXPECT_EQ(answer_for("true", R"("true")"), "no match");
  EXPECT_EQ(answer_for("null", "null"), "match");
  EXPECT_EQ(answer_for("false", "null"), "no match");
}

TEST(Exact, AddressLiteralMatchesEveryWayToWriteTheAddress) {
  EXPECT_EQ(answer_for(R"("10.0.0.1")", R"("010.0.0.1")"), "match");
  EXPECT_EQ(answer_for(R"("10.0.0.1")", R"("::ffff:a00:1")"), "match");
  EXPECT_EQ(answer_for(R"({"exactly":"10.0.0.1"})", R"("010.0.0.1")"), "no match");
}

TEST(Exactly, MatchesTheStringOnly) {
  EXPECT_EQ(answer_for(R"({"exactly":"a"})", R"("a")"), "match");
  EXPECT_EQ(answer_for(R"({"exactly":"a"})", R"("ab")"), "no match");
}

TEST(Prefix, MatchesStringsThatBeginWithIt) {
  EXPECT_EQ(answer_for(R"({"prefix":"us-"})", R"("us-east-1")"), "match");
  EXPECT_EQ(answer_for(R"({"prefix":"us-"})", R"("eu-us-")"), "no match");
  EXPECT_EQ(answer_for(R"({"prefix":""})", R"("")"), "match");
  EXPECT_EQ(answer_for(R"({"prefix":""})", "null"), "no match");
  EXPECT_EQ(answer_for(R"({"prefix":"1"})", "12"), "no match");
}

TEST(Suffix, MatchesStringsThatEndWithIt) {
  EXPECT_EQ(answer_for(R"({"suffix":".png"})", R"("a.png")"), "match");
  EXPECT_EQ(answer_for(R"({"suffix":".png"})", R"(".png.txt")"), "no match");
  EXPECT_EQ(answer_for(R"({"suffix":""})", R"("x")"), "match");
}

TEST(EqualsIgnoreCase, MatchesWholeStringsPrefixesAndSuffixes) {
  EXPECT_EQ(answer_for(R"({"equals-ignore-case":"Alice"})", R"("aLICE")"), "match");
  EXPECT_EQ(answer_for(R"({"equals-ignore-case":"Alice"})", R"("alicea")"), "no match");
  EXPECT_EQ(answer_for(R"({"prefix":{"equals-ignore-case":"EventB"}})", R"("eventbridge")"), "match");
  EXPECT_EQ(answer_for(R"({"suffix":{"equals-ignore-case":".PNG"}})", R"("a.png")"), "match");
  EXPECT_EQ(answer_for(R"({"suffix":{"equals-ignore-case":".PNG"}})", R"("a.jpg")"), "no match");
}

TEST(Wildcard, StarStandsForAnyCharacters) {
  EXPECT_EQ(answer_for(R"({"wildcard":"a*b*c"})", R"("a-b-b-c")"), "match");
  EXPECT_EQ(answer_for(R"({"wildcard":"a*b*c"})", R"("abc")"), "match");
  EXPECT_EQ(answer_for(R"({"wildcard":"a*b*c"})", R"("acb")"), "no match");
  EXPECT_EQ(answer_for(R"({"wildcard":"a\\*b"})", R"("a*b")"), "match");
  EXPECT_EQ(answer_for(R"({"wildcard":"a\\*b"})", R"("axb")"), "no match");
  EXPECT_EQ(answer_for(R"({"wildcard":"*"})", "5"), "no match");
}

TEST(Wildcard, TogetherWithIgnoreCaseGivesNoFalseMatch) {
  EXPECT_EQ(answer_for(R"({"wildcard":"*/bin/*"},{"equals-ignore-case":"readme"})", R"("/usr/readme")"),
            "no match");
}

TEST(AnythingBut, MatchesWhatIsNotListed) {
  EXPECT_EQ(answer_for(R"({"anything-but":"a"})", R"("b")"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":["a","b"]})", R"("b")"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":[1,2]})", "2.0"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":1})", "1e400"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":"a"})", "null"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":"a"})", R"(["a","b"])"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":"a"})", "[]"), "no match");
}

TEST(AnythingBut, ExcludesByPrefixSuffixCaseAndWildcard) {
  EXPECT_EQ(answer_for(R"({"anything-but":{"prefix":"in"}})", R"("initial")"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"prefix":["x","in"]}})", R"("final")"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"suffix":[".png",".jpg"]}})", R"("a.jpg")"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"equals-ignore-case":"a"}})", R"("A")"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"wildcard":"*/init/*"}})", R"("dir/init/file")"), "no match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"wildcard":"*/init/*"}})", "123"), "match");
  EXPECT_EQ(answer_for(R"({"anything-but":{"prefix":[]}})", R"("x")"), "match");
}

TEST(Numeric, MatchesInsideItsBounds) {
  EXPECT_EQ(answer_for(R"({"numeric":[">",0,"<=",5]})", "5"), "match");
  EXPECT_EQ(answer_for(R"({"numeric":[">",0,"<=",5]})", "0"), "no match");
  EXPECT_EQ(answer_for(R"({"numeric":["=",3.018e2]})", "301.8"), "match");
  EXPECT_EQ(answer_for(R"({"numeric":["<",1]})", "-1.7976931348623157e308"), "match");
  EXPECT_EQ(answer_for(R"({"numeric":[">",1.7976931348623157e308]})", "1.7976931348623157e308"), "no match");
  EXPECT_EQ(answer_for(R"({"numeric":[">",0]})", R"("5")"), "no match");
  EXPECT_EQ(answer_for(R"({"numeric":[">",0]})", "1e400"), "no match");
}

TEST(Numeric, TogetherWithExactAndAnythingButLosesNoMatch) {
  EXPECT_EQ(answer_for(R"("a",{"numeric":[">",0]},{"anything-but":["a","b"]})", R"("a")"), "match");
}

TEST(Exists, LooksAtLeavesOnly) {
  EXPECT_EQ(answer_for(R"({"exists":true})", "null"), "match");
  EXPECT_EQ(answer_for(R"({"exists":true})", "{}"), "no match");
  EXPECT_EQ(answer_for(R"({"exists":true})", "[]"), "no match");
  EXPECT_EQ(answer_for(R"({"exists":false})", "[]"), "match");
  EXPECT_EQ(answer_for(R"({"exists":false})", R"({"y":1})"), "match");
  EXPECT_EQ(answer_for(R"({"exists":false})", "1"), "no match");
  EXPECT_EQ(answer_for(R"({"exists":false},"a")", R"("a")"), "match");
}

TEST(Cidr, MatchesAddressesOfItsFamily) {
  EXPECT_EQ(answer_for(R"({"cidr":"10.0.0.0/24"})", R"("10.0.0.255")"), "match");
  EXPECT_EQ(answer_for(R"({"cidr":"10.0.0.0/24"})", R"("10.0.1.0")"), "no match");
  EXPECT_EQ(answer_for(R"({"cidr":"2001:db8::/32"})", R"("2001:db8:1::5")"), "match");
  EXPECT_EQ(answer_for(R"({"cidr":"10.0.0.0/8"})", R"("a00::1")"), "no match");
  EXPECT_EQ(answer_for(R"({"cidr":"0.0.0.0/0"})", "14"), "no match");
  EXPECT_EQ(answer_for(R"({"cidr":"0.0.0.0/0"})", R"("1.2.3.999")"), "no match");
}

}  // namespace
}  // namespace ebagent::pattern
