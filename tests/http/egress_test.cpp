#include "http/egress.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "http/curl_client.hpp"
#include "loopback_server.hpp"

namespace ebagent::http {
namespace {

// Answers each lookup of a host with the next of its lists of addresses; the last one stays.
class ScriptedResolver final : public Resolver {
 public:
  std::map<std::string, std::deque<std::vector<std::string>>> answers;
  int lookups = 0;

  Result<std::vector<Address>> resolve(const std::string& host) override {
    ++lookups;
    const auto found = answers.find(host);
    if (found == answers.end()) return fail(ErrorCode::NotFound, "The host " + host + " has no address.");
    std::vector<Address> addresses;
    for (const std::string& text : found->second.front()) addresses.push_back(*Address::parse(text));
    if (found->second.size() > 1) found->second.pop_front();
    return addresses;
  }
};

// Records what would be sent and answers from a script.
class RecordingClient final : public Client {
 public:
  std::vector<Request> requests;
  std::deque<Response> responses;

  Answer send(const Request& request) override {
    requests.push_back(request);
    if (responses.empty()) return Response{.status = 200};
    Response response = std::move(responses.front());
    responses.pop_front();
    return response;
  }
};

Response redirect_to(const std::string& location, int status = 302) {
  return {.status = status, .headers = {{"Location", location}}};
}

class EgressTest : public ::testing::Test {
 protected:
  EgressTest() {
    resolver->answers["api.example.com"] = {{"93.184.216.34"}};
    resolver->answers["other.example.com"] = {{"93.184.216.35"}};
    policy.hosts = {"api.example.com", "other.example.com", "*.apps.example.com", "127.0.0.1:8080"};
  }

  Answer send(Request request) { return EgressClient(client, resolver, policy).send(request); }
  Answer get(const std::string& url) { return send({.method = "GET", .url = url}); }
  std::string refusal(const std::string& url) {
    const Answer answer = get(url);
    if (answer) return "";
    return answer.error().text;
  }

  std::shared_ptr<ScriptedResolver> resolver = std::make_shared<ScriptedResolver>();
  std::shared_ptr<RecordingClient> client = std::make_shared<RecordingClient>();
  EgressPolicy policy;
};

TEST_F(EgressTest, ConnectsToTheAddressThatWasChecked) {
  ASSERT_TRUE(get("https://api.example.com/a?b=c"));
  ASSERT_EQ(client->requests.size(), 1U);
  EXPECT_EQ(client->requests[0].address, "93.184.216.34");
  EXPECT_EQ(client->requests[0].url, "https://api.example.com/a?b=c");
  EXPECT_EQ(client->requests[0].max_redirects, 0);
}

TEST_F(EgressTest, ASecondLookupThatAnswersDifferentlyChangesNothing) {
  resolver->answers["api.example.com"] = {{"93.184.216.34"}, {"127.0.0.1"}};
  ASSERT_TRUE(get("https://api.example.com/"));
  EXPECT_EQ(client->requests[0].address, "93.184.216.34");
  EXPECT_EQ(resolver->lookups, 1);
  EXPECT_NE(refusal("https://api.example.com/"), "");  // the next call sees the new answer, and refuses it
  EXPECT_EQ(client->requests.size(), 1U);
}

TEST_F(EgressTest, OneAddressThatIsNotAllowedIsEnoughToRefuse) {
  resolver->answers["api.example.com"] = {{"93.184.216.34", "10.0.0.1"}};
  EXPECT_NE(refusal("https://api.example.com/").find("10.0.0.1"), std::string::npos);
  EXPECT_TRUE(client->requests.empty());
}

TEST_F(EgressTest, OnlyDeclaredHostsAndPortsAreReached) {
  resolver->answers["x.apps.example.com"] = {{"93.184.216.36"}};
  resolver->answers["apps.example.com"] = resolver->answers["evil.com"] = {{"93.184.216.37"}};
  EXPECT_EQ(refusal("https://x.apps.example.com/"), "");
  EXPECT_EQ(refusal("http://API.example.com/"), "");
  EXPECT_EQ(refusal("https://api.example.com./"), "");
  for (const char* url : {"https://apps.example.com/",
                          "https://evil.com/",
                          "https://api.example.com:8443/",
                          "http://api.example.com:443/",
                          "https://api.example.com.evil.com/",
                          "https://evil.com/api.example.com",
                          "https://evil.com#api.example.com",
                          "https://evil.com?api.example.com",
                          "https://api.example.com@evil.com/",
                          "https://evil.com\\@api.example.com/",
                          "https://xapi.example.com/",
                          "https://.apps.example.com/",
                          "ftp://api.example.com/",
                          "file:///etc/passwd",
                          "gopher://api.example.com/",
                          "https://api\xC2\xAD"
                          "example.com/",
                          "https://\xC3\xA4.apps.example.com/",
                          "https:///",
                          "api.example.com",
                          ""}) {
    client->requests.clear();
    EXPECT_NE(refusal(url), "") << url;
    EXPECT_TRUE(client->requests.empty()) << url;
  }
}

TEST_F(EgressTest, OddSpellingsOfAddressesDoNotGetAround) {
  policy.hosts = {"*.example.com",
                  "127.0.0.1",
                  "2130706433",
                  "0x7f000001",
                  "0177.0.0.1",
                  "127.1",
                  "0",
                  "::1",
                  "localhost",
                  "169.254.169.254",
                  "::ffff:169.254.169.254",
                  "::ffff:a9fe:a9fe",
                  "64:ff9b::a9fe:a9fe",
                  "fd00:ec2::254",
                  "0.0.0.0",
                  "127.0.0.1.example.com"};
  resolver->answers["localhost"] = {{"127.0.0.1", "::1"}};
  resolver->answers["127.0.0.1.example.com"] = {{"127.0.0.1"}};
  for (const char* odd : {"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"}) {
    resolver->answers[odd] = {{"127.0.0.1"}};
  }
  for (const char* host : {"127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]",
                           "localhost", "LOCALHOST", "127.0.0.1.", "%31%32%37.0.0.1", "169.254.169.254",
                           "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]",
                           "[fd00:ec2::254]", "0.0.0.0", "127.0.0.1.example.com", "[::1%25lo]"}) {
    EXPECT_NE(refusal(std::string("http://") + host + "/"), "") << host;
    EXPECT_TRUE(client->requests.empty()) << host;
  }
}

TEST_F(EgressTest, APrivateAddressThatTheConfigurationAllowsIsReached) {
  EXPECT_NE(refusal("http://127.0.0.1:8080/"), "");
  policy.private_networks = {*Network::parse("127.0.0.0/8")};
  EXPECT_EQ(refusal("http://127.0.0.1:8080/"), "");
  EXPECT_NE(refusal("http://127.0.0.1:8081/"), "");
  resolver->answers["api.example.com"] = {{"10.0.0.1"}};
  EXPECT_NE(refusal("http://api.example.com/"), "");
}

TEST_F(EgressTest, ARedirectToTheMetadataServiceIsNotFollowed) {
  for (const char* location :
       {"http://169.254.169.254/latest/meta-data/", "//169.254.169.254/", "http://evil.com/",
        "http://127.0.0.1:8080/", "http://other.example.com/", "file:///etc/passwd", "http://[::1]/"}) {
    client->requests.clear();
    client->responses = {redirect_to(location)};
    EXPECT_NE(refusal("https://api.example.com/"), "") << location;
    EXPECT_EQ(client->requests.size(), 1U) << location;
  }
}

TEST_F(EgressTest, EachRedirectIsLookedUpAgain) {
  resolver->answers["api.example.com"] = {{"93.184.216.34"}, {"10.1.2.3"}};
  client->responses = {redirect_to("/elsewhere")};
  EXPECT_NE(refusal("https://api.example.com/").find("10.1.2.3"), std::string::npos);
}

TEST_F(EgressTest, SecretsStayWithTheirOrigin) {
  client->responses = {redirect_to("/b"), redirect_to("https://other.example.com/c")};
  ASSERT_TRUE(
      send({.method = "GET",
            .url = "https://api.example.com/a",
            .headers = {{"Authorization", "Bearer x"}, {"X-Api-Key", "k"}, {"Accept", "text/plain"}}}));
  ASSERT_EQ(client->requests.size(), 3U);
  EXPECT_EQ(client->requests[1].url, "https://api.example.com/b");
  EXPECT_EQ(client->requests[1].headers.size(), 3U);
  EXPECT_EQ(client->requests[2].headers, (Headers{{"Accept", "text/plain"}}));
  EXPECT_EQ(client->requests[2].address, "93.184.216.35");
}

TEST_F(EgressTest, ARequestThatChangesThingsIsNotSentAgainUnlessTheServerSaysSo) {
  const Request post{.method = "POST",
                     .url = "https://api.example.com/a",
                     .headers = {{"Content-Type", "a/b"}},
                     .body = "x"};
  client->responses = {redirect_to("/b", 302)};
  EXPECT_FALSE(send(post));
  client->responses = {redirect_to("/b", 303)};
  ASSERT_TRUE(send(post));
  EXPECT_EQ(client->requests.back().method, "GET");
  EXPECT_EQ(client->requests.back().body, "");
  client->responses = {redirect_to("/b", 307)};
  ASSERT_TRUE(send(post));
  EXPECT_EQ(client->requests.back().method, "POST");
  EXPECT_EQ(client->requests.back().body, "x");
}

TEST_F(EgressTest, RedirectsEnd) {
  for (int i = 0; i < 10; ++i) client->responses.push_back(redirect_to("/again"));
  EXPECT_NE(refusal("https://api.example.com/").find("redirects"), std::string::npos);
  EXPECT_EQ(client->requests.size(), 4U);
}

TEST_F(EgressTest, AHostWithoutAnAddressIsAFailureToConnect) {
  policy.hosts = {"gone.example.com"};
  const Answer answer = get("https://gone.example.com/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, Failure::Connect);
}

TEST_F(EgressTest, HostsThatCannotBeMeantAreRefused) {
  EXPECT_TRUE(policy.check());
  for (const char* host : {"", "*", "*.", "https://a.com", "a.com/x", "A.com", "a.*.com", "a.com:", "a.com:x",
                           "a b", "\xC3\xA4.de"}) {
    EXPECT_FALSE((EgressPolicy{.hosts = {host}}).check()) << host;
  }
}

TEST(EgressWithCurlTest, ANameIsPinnedToTheAddressThatWasFound) {
  LoopbackServer server([](const std::string& request) {
    const auto host = request.find("Host: ");
    return ok(request.substr(host + 6, request.find('\r', host) - host - 6));
  });
  const auto resolver = std::make_shared<ScriptedResolver>();
  resolver->answers["nowhere.invalid"] = {{"127.0.0.1"}};
  const std::string base = server.url("");
  const std::string port = base.substr(base.rfind(':') + 1);
  EgressClient client(
      std::make_shared<CurlClient>(), resolver,
      {.hosts = {"nowhere.invalid:" + port}, .private_networks = {*Network::parse("127.0.0.1")}});
  for (int i = 0; i < 2; ++i) {  // the second over the connection of the first
    const Answer answer = client.send({.method = "GET", .url = "http://nowhere.invalid:" + port + "/x"});
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer.value().body, "nowhere.invalid:" + port);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(EgressWithCurlTest, AConnectionToOneAddressDoesNotServeRequestsToAnother) {
  LoopbackServer server([](const std::string&) { return ok("x"); });
  CurlClient client;
  const std::string base = server.url("");
  const std::string url = "http://nowhere.invalid:" + base.substr(base.rfind(':') + 1) + "/";
  EXPECT_TRUE(client.send({.method = "GET", .url = url, .address = "127.0.0.1"}));
  EXPECT_FALSE(client.send({.method = "GET", .url = url, .address = "127.9.9.9"}));
  EXPECT_FALSE(client.send({.method = "GET", .url = url}));
}

}  // namespace
}  // namespace ebagent::http
