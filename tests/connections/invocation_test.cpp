#include "connections/invocation.hpp"

#include "connections_fixture.hpp"

namespace ebagent::connections {
namespace {

using targets::testing::header;
using testing::object_of;

class InvocationTest : public ::testing::Test {
 protected:
  Result<http::Request> make(std::string_view target, std::string_view connection,
                             http::Headers authorization = {}) {
    const auto target_parameters = object_of(target);
    const auto connection_parameters = object_of(connection);
    return make_request({.destination = destination,
                         .target_parameters = target_parameters,
                         .connection_parameters = connection_parameters,
                         .authorization = std::move(authorization),
                         .payload = payload});
  }

  ApiDestination destination{
      .name = "orders", .endpoint = "https://api.example.com/orders", .method = "POST"};
  std::string payload = R"({"id":"order_123","amount":80.50})";
};

TEST_F(InvocationTest, IsWhatAwsSends) {
  const auto request = make("{}", "{}").value();

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example.com/orders");
  EXPECT_EQ(request.body, payload);
  EXPECT_EQ(header(request, "Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(header(request, "User-Agent"), "Amazon/EventBridge/ApiDestinations");
  EXPECT_EQ(header(request, "Range"), "bytes=0-1048575");
  EXPECT_EQ(request.timeout, std::chrono::seconds{5});
}

TEST_F(InvocationTest, TheTargetFillsThePathAndAddsHeadersAndQuery) {
  destination.endpoint = "https://api.example.com/*/orders/*?v=1";

  const auto request =
      make(
          R"({"PathParameterValues":["eu west","a/b"],"HeaderParameters":{"X-A":"1","content-type":"text/plain"},
      "QueryStringParameters":{"q":"a b&c"}})",
          "{}")
          .value();

  EXPECT_EQ(request.url, "https://api.example.com/eu%20west/orders/a%2Fb?v=1&q=a%20b%26c");
  EXPECT_EQ(header(request, "X-A"), "1");
  EXPECT_EQ(header(request, "content-type"), "text/plain");
  EXPECT_EQ(header(request, "Content-Type"), "");
}

TEST_F(InvocationTest, TheConnectionsWordCountsBeforeTheTargetsAndAuthorizationBeforeBoth) {
  destination.endpoint = "https://api.example.com/?q=endpoint";

  const auto request =
      make(
          R"({"HeaderParameters":{"x-a":"target","authorization":"target"},"QueryStringParameters":{"q":"target"}})",
          R"({"HeaderParameters":[{"Key":"X-A","Value":"connection"},{"Key":"Authorization","Value":"connection"}],
          "QueryStringParameters":[{"Key":"q","Value":"connection"}],"BodyParameters":[{"Key":"id","Value":"connection"}]})",
          {{"Authorization", "Bearer t"}})
          .value();

  EXPECT_EQ(request.url, "https://api.example.com/?q=connection");
  EXPECT_EQ(header(request, "X-A"), "connection");
  EXPECT_EQ(header(request, "x-a"), "");
  EXPECT_EQ(header(request, "Authorization"), "Bearer t");
  EXPECT_EQ(core::parse_json(request.body).value(),
            core::parse_json(R"({"id":"connection","amount":80.5})").value());
}

TEST_F(InvocationTest, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(make(R"({"HeaderParameters":{"Host":"x"}})", "{}").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(make(R"({"HeaderParameters":{"User-Agent":"x"}})", "{}").error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(make(R"({"PathParameterValues":["a"]})", "{}").error().code, ErrorCode::InvalidArgument);
  payload = "[1]";
  EXPECT_EQ(make("{}", R"({"BodyParameters":[{"Key":"a","Value":"b"}]})").error().code, ErrorCode::Malformed);
}

TEST_F(InvocationTest, AGetHasNoBody) {
  destination.method = "GET";

  EXPECT_EQ(make("{}", R"({"BodyParameters":[{"Key":"a","Value":"b"}]})").value().body, "");
}

TEST_F(InvocationTest, ATokenIsAskedForWithAForm) {
  const auto request =
      make_token_request(object_of(R"({"ClientParameters":{"ClientID":"sh op","ClientSecret":"s&cret"},
      "AuthorizationEndpoint":"https://id.example.com/token","HttpMethod":"POST","OAuthHttpParameters":{
      "HeaderParameters":[{"Key":"X-Tenant","Value":"7"}],"BodyParameters":[{"Key":"audience","Value":"api"}],
      "QueryStringParameters":[{"Key":"v","Value":"2"}]}})"))
          .value();

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://id.example.com/token?v=2");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_id=sh%20op&client_secret=s%26cret&audience=api");
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(header(request, "X-Tenant"), "7");
}

TEST_F(InvocationTest, ATokenIsAskedForInTheQueryOfAGetAndAsJsonWhenTheConnectionSaysSo) {
  const auto get = make_token_request(object_of(R"({"ClientParameters":{"ClientID":"a","ClientSecret":"b"},
      "AuthorizationEndpoint":"https://id.example.com/token","HttpMethod":"GET"})"))
                       .value();
  EXPECT_EQ(get.url,
            "https://id.example.com/token?grant_type=client_credentials&client_id=a&client_secret=b");
  EXPECT_EQ(get.body, "");

  const auto json = make_token_request(object_of(R"({"ClientParameters":{"ClientID":"a","ClientSecret":"b"},
      "AuthorizationEndpoint":"https://id.example.com/token","HttpMethod":"PUT","OAuthHttpParameters":{
      "HeaderParameters":[{"Key":"content-type","Value":"application/json"}]}})"))
                        .value();
  EXPECT_EQ(json.body, R"({"grant_type":"client_credentials","client_id":"a","client_secret":"b"})");
}

TEST_F(InvocationTest, BasicCredentialsAreThoseOfTheRfc) {
  EXPECT_EQ(basic_credentials("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace ebagent::connections
