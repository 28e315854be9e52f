#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>

#include "tools/declared_sql.hpp"
#include "tools/shown_text.hpp"
#include "tools/text_template.hpp"
#include "tools/url_template.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

std::string filled(const char* text, const char* arguments) {
  secrets::Redactor secrets;
  const auto made = TextTemplate::compile(text);
  return made ? made.value().fill(json::parse(arguments), secrets).value() : "error: " + made.error().message;
}

TEST(TextTemplateTest, PutsValuesInAsTheyAre) {
  EXPECT_EQ(filled("a <$.x> b <$.y.z>", R"j({"x":"1 <$.y> '\" $(id)","y":{
  "z" : [ 1, true ]}})j"),
            "a 1 <$.y> '\" $(id) b [1,true]");
  EXPECT_EQ(filled("<$.none>|<$.null>", R"({"null":null})"), "|");
  EXPECT_EQ(filled("a < b, <c> <$", "{}"), "a < b, <c> <$");
  EXPECT_TRUE(filled("<$.[>", "{}").starts_with("error: "));
}

TEST(TextTemplateTest, SecretsAreResolvedAndKnownFromThenOn) {
  setenv("EBAGENT_TEST_TOKEN", "token-12345", 1);
  secrets::Redactor secrets;
  const auto whole = TextTemplate::compile("secret:env:EBAGENT_TEST_TOKEN").value();
  const auto part = TextTemplate::compile("Bearer <secret:env:EBAGENT_TEST_TOKEN>").value();
  EXPECT_EQ(whole.fill(json::object{}, secrets).value(), "token-12345");
  EXPECT_EQ(part.fill(json::object{}, secrets).value(), "Bearer token-12345");
  EXPECT_EQ(secrets.redact(std::string("token-12345")), "[secret EBAGENT_TEST_TOKEN]");
  EXPECT_FALSE(TextTemplate::compile("secret:hunter2"));
  EXPECT_FALSE(TextTemplate::compile("<secret:hunter2>"));
  unsetenv("EBAGENT_TEST_TOKEN");
  EXPECT_FALSE(whole.fill(json::object{}, secrets));
}

TEST(TextTemplateTest, AValueThatLooksLikeASecretsNameIsText) {
  setenv("EBAGENT_TEST_TOKEN", "token-12345", 1);
  EXPECT_EQ(filled("<$.x>", R"({"x":"secret:env:EBAGENT_TEST_TOKEN"})"), "secret:env:EBAGENT_TEST_TOKEN");
  EXPECT_EQ(filled("<$.x>", R"({"x":"<secret:env:EBAGENT_TEST_TOKEN>"})"), "<secret:env:EBAGENT_TEST_TOKEN>");
  unsetenv("EBAGENT_TEST_TOKEN");
}

std::string url(const char* text, const char* value) {
  const auto made = UrlTemplate::compile(text);
  if (!made) return "error: " + made.error().message;
  const auto result = made.value().fill(json::object{{"x", value}});
  return result ? result.value() : "refused";
}

TEST(UrlTemplateTest, NoValueLeavesItsPlace) {
  constexpr const char* kPath = "https://a.com/v1/<$.x>/end?q=1";
  EXPECT_EQ(url(kPath, "plain"), "https://a.com/v1/plain/end?q=1");
  EXPECT_EQ(url(kPath, "../../admin"), "https://a.com/v1/..%2F..%2Fadmin/end?q=1");
  EXPECT_EQ(url(kPath, "a/b?c#d&e"), "https://a.com/v1/a%2Fb%3Fc%23d%26e/end?q=1");
  EXPECT_EQ(url(kPath, "%2e%2e"), "https://a.com/v1/%252e%252e/end?q=1");
  EXPECT_EQ(url(kPath, "\r\nHost: evil"), "https://a.com/v1/%0D%0AHost%3A%20evil/end?q=1");
  EXPECT_EQ(url(kPath, "@evil.com"), "https://a.com/v1/%40evil.com/end?q=1");
  for (const char* value : {"", ".", ".."}) EXPECT_EQ(url(kPath, value), "refused") << value;
  EXPECT_EQ(url("https://a.com/<$.x>", ".."), "refused");
  EXPECT_EQ(url("https://a.com/<$.x>?q=1", ".."), "refused");
  EXPECT_EQ(url("https://a.com/.<$.x>/b", "."), "refused");
  EXPECT_EQ(url("https://a.com/<$.x><$.x>", "."), "refused");
  EXPECT_EQ(url("https://a.com/f<$.x>", ".."), "https://a.com/f..");
  EXPECT_EQ(url("https://a.com/?q=<$.x>", "../&b=c"), "https://a.com/?q=..%2F%26b%3Dc");
  EXPECT_EQ(url("https://a.com?q=<$.x>", ""), "https://a.com?q=");
}

TEST(UrlTemplateTest, TheHostIsFixedAndSecretsStayOut) {
  for (const char* text : {"https://<$.x>/", "https://a.com<$.x>/", "https://a.com:<$.x>/", "<$.x>",
                           "https://<$.x>.a.com/", "https://a.com/?k=<secret:env:K>", "secret:env:K",
                           "ftp://a.com/<$.x>", "a.com/<$.x>", "https://u:p@a.com/<$.x>"}) {
    EXPECT_TRUE(url(text, "v").starts_with("error: ")) << text;
  }
}

TEST(PlaceholdersTest, AMisspeltArgumentIsNamed) {
  EXPECT_TRUE(check_placeholders("<$.title> <$.list[0]> <$.deep.er> < $.x", {"title", "list", "deep"}));
  const auto checked = check_placeholders("<$.titel>", {"title"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "<$.titel> names no argument of the tool. There are: title.");
}

TEST(SqlParametersTest, AreFoundOutsideOfQuotesAndComments) {
  EXPECT_EQ(
      sql_parameters("SELECT ':a', \":b\", [:c], `:d` -- :e\n /* :f */ FROM t WHERE x = :g AND y=:h AND z=:g")
          .value(),
      (std::vector<std::string>{"g", "h"}));
  EXPECT_EQ(sql_parameters("SELECT 'it''s :a' WHERE b = :b").value(), std::vector<std::string>{"b"});
  for (const char* sql : {"SELECT ?", "SELECT ?1", "SELECT @a", "SELECT $a"})
    EXPECT_FALSE(sql_parameters(sql)) << sql;
}

TEST(ShownTextTest, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(valid_utf8("ok \xC3\xA4"), "ok \xC3\xA4");
  EXPECT_EQ(valid_utf8("a\xFF"
                       "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(valid_utf8("cut \xE2\x82"), "cut ");
}

}  // namespace
}  // namespace ebagent::tools
