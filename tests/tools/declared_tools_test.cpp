#include "tools/declared_tools.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "http/curl_client.hpp"
#include "secrets/redactor.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

class RecordingClient final : public http::Client {
 public:
  std::vector<http::Request> requests;
  std::deque<http::Answer> answers;

  http::Answer send(const http::Request& request) override {
    requests.push_back(request);
    if (answers.empty()) return http::Response{.status = 200};
    http::Answer answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
};

class PublicResolver final : public http::Resolver {
 public:
  Result<std::vector<http::Address>> resolve(const std::string& host) override {
    if (host == "metadata.example.com")
      return std::vector<http::Address>{*http::Address::parse("169.254.169.254")};
    return std::vector<http::Address>{*http::Address::parse("93.184.216.34")};
  }
};

class DeclaredToolsTest : public ::testing::Test {
 protected:
  DeclaredToolsTest() {
    setenv("EBAGENT_TEST_TOKEN", "token-12345", 1);
    EXPECT_TRUE(database->transaction([](Session& session) -> Result<void> {
      BOOST_OUTCOME_TRYV(session.run("CREATE TABLE customers(name TEXT, region TEXT)"));
      BOOST_OUTCOME_TRYV(session.run("INSERT INTO customers VALUES('Ann','eu'),('Bob','us'),('Cy','eu')"));
      return success();
    }));
    add_declared_tools(app, {.client = client,
                             .resolver = std::make_shared<PublicResolver>(),
                             .databases = {{"services", database}}});
    event.id = "e-1";
    event.source = "test";
    event.time = clock.now();
  }
  ~DeclaredToolsTest() override { unsetenv("EBAGENT_TEST_TOKEN"); }

  void load(const std::string& yaml) {
    const auto loaded = app.load_text("tools:\n" + yaml);
    EXPECT_TRUE(loaded) << loaded.error().message;
  }
  std::string error_of(const std::string& yaml) {
    App fresh;
    add_declared_tools(fresh, {.client = client,
                               .resolver = std::make_shared<PublicResolver>(),
                               .databases = {{"services", database}}});
    const auto loaded = fresh.load_text("tools:\n" + yaml);
    return loaded ? "no error" : loaded.error().message;
  }
  Tool tool(std::string_view name) {
    for (Tool& tool : app.tools()) {
      if (tool.name() == name) return tool;
    }
    throw std::runtime_error("no such tool");
  }
  Result<json::value> call(const char* arguments, std::string_view name = "t") {
    const ToolContext context{
        {.run_id = "r", .agent = "a", .step = "s", .idempotency_key = "key-1"}, event, clock};
    return tool(name).invoke(json::parse(arguments), context);
  }

  testing::TemporaryFolder folder;
  testing::ManualClock clock;
  std::shared_ptr<RecordingClient> client = std::make_shared<RecordingClient>();
  std::shared_ptr<Database> database = Database::open(folder.path() / "d.sqlite").value();
  Event event;
  App app;
};

constexpr const char* kTicket = R"(
  - name: t
    description: Opens a ticket
    effect: idempotent
    approval: required
    timeout: 5s
    arguments:
      title: {type: string, description: One line, max_length: 20}
      priority: {type: string, enum: [low, high], default: low}
      labels: {type: array, items: {type: string}, required: false}
    http:
      method: POST
      url: "https://tickets.example.com/api/<$.priority>/tickets?from=<$.title>"
      headers: {Authorization: "Bearer <secret:env:EBAGENT_TEST_TOKEN>", X-Title: <$.title>}
      body: {summary: <$.title>, labels: <$.labels>, text: "is <$.priority>"}
      output_limit: 20B
)";

TEST_F(DeclaredToolsTest, AnHttpToolSendsWhatIsDeclared) {
  load(kTicket);
  client->answers.emplace_back(http::Response{
      .status = 201, .headers = {{"Content-Type", "application/json"}}, .body = R"({"id":7})"});
  const auto answer = call(R"({"title":"a \"b\" & c","labels":["x"]})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value(), json::parse(R"({"status":201,"body":{"id":7}})"));
  ASSERT_EQ(client->requests.size(), 1U);
  const http::Request& request = client->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://tickets.example.com/api/low/tickets?from=a%20%22b%22%20%26%20c");
  EXPECT_EQ(request.address, "93.184.216.34");
  EXPECT_EQ(request.timeout, std::chrono::seconds(5));
  EXPECT_EQ(json::parse(request.body),
            json::parse(R"({"summary":"a \"b\" & c","labels":["x"],"text":"is low"})"));
  EXPECT_EQ(request.headers, (http::Headers{{"Authorization", "Bearer token-12345"},
                                            {"X-Title", "a \"b\" & c"},
                                            {"Accept", "application/json, */*;q=0.5"},
                                            {"Idempotency-Key", "key-1"},
                                            {"Content-Type", "application/json"}}));
}

TEST_F(DeclaredToolsTest, TheDeclarationSaysEffectApprovalTraitsAndSchema) {
  load(kTicket);
  const Tool declared = tool("t");
  EXPECT_EQ(declared.effect(), Effect::Idempotent);
  EXPECT_EQ(declared.options().approval, Approval::Required);
  EXPECT_TRUE(declared.options().traits.acts_outside);
  EXPECT_TRUE(declared.options().traits.brings_untrusted);
  EXPECT_EQ(declared.input_schema(), json::parse(R"({"type":"object","properties":{
      "title":{"type":"string","description":"One line","maxLength":20},
      "priority":{"type":"string","enum":["low","high"],"default":"low"},
      "labels":{"type":"array","items":{"type":"string"}}},
      "required":["title"],"additionalProperties":false})"));
}

TEST_F(DeclaredToolsTest, ArgumentsAreCheckedBeforeAnythingIsSent) {
  load(kTicket);
  const auto answer =
      call(R"({"title":"this is far too long for it","priority":"urgent","evil":1,"labels":[1]})");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::InvalidArgument);
  for (const char* pointer : {"/title: ", "/priority: ", "/evil: ", "/labels/0: "}) {
    EXPECT_NE(answer.error().message.find(pointer), std::string::npos) << answer.error().message;
  }
  EXPECT_TRUE(client->requests.empty());
}

TEST_F(DeclaredToolsTest, AHeaderCannotBeBrokenOutOf) {
  load(kTicket);
  const auto answer = call(R"({"title":"a\r\nX-Evil: 1"})");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(client->requests.empty());
}

TEST_F(DeclaredToolsTest, ASecretThatComesBackIsRedacted) {
  load(kTicket);
  client->answers.emplace_back(http::Response{.status = 200, .body = "token-12345 ok"});
  EXPECT_EQ(call(R"({"title":"x"})").value().at("body"), json::value("[secret EBAGENT_TEST_TOKEN] ok"));
  client->answers.emplace_back(http::Response{.status = 403, .body = "bad token-12345"});
  const auto refused = call(R"({"title":"x"})");
  EXPECT_EQ(refused.error().message,
            "POST tickets.example.com answered 403: bad [secret EBAGENT_TEST_TOKEN]");
  EXPECT_EQ(app.ports().redactor->redact(std::string("token-12345")), "[secret EBAGENT_TEST_TOKEN]");
}

TEST_F(DeclaredToolsTest, AMissingSecretFailsTheCallByItsName) {
  load(kTicket);
  unsetenv("EBAGENT_TEST_TOKEN");
  const auto answer = call(R"({"title":"x"})");
  EXPECT_EQ(answer.error().code, ErrorCode::NotFound);
  EXPECT_NE(answer.error().message.find("EBAGENT_TEST_TOKEN"), std::string::npos);
  EXPECT_TRUE(client->requests.empty());
}

TEST_F(DeclaredToolsTest, AnAnswerIsCutAtItsLimit) {
  load(kTicket);
  client->answers.emplace_back(http::Response{.status = 200, .body = std::string(21, 'x')});
  const auto answer = call(R"({"title":"x"})");
  EXPECT_EQ(answer.value(),
            (json::object{{"status", 200}, {"body", std::string(20, 'x')}, {"is_truncated", true}}));
  EXPECT_EQ(client->requests[0].max_response_bytes, 21U);
}

TEST_F(DeclaredToolsTest, FailuresSayWhetherTryingAgainMayHelp) {
  load(kTicket);
  const auto code_of = [&](http::Answer answer) {
    client->answers.push_back(std::move(answer));
    return call(R"({"title":"x"})").error().code;
  };
  EXPECT_EQ(code_of(http::Response{.status = 400}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(http::Response{.status = 404}), ErrorCode::NotFound);
  EXPECT_EQ(code_of(http::Response{.status = 409}), ErrorCode::Conflict);
  EXPECT_EQ(code_of(http::Response{.status = 429}), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(http::Response{.status = 503}), ErrorCode::Unavailable);
  const auto failed = [](http::Failure failure) {
    return http::Answer(boost::outcome_v2::failure(http::TransportError{failure, "No answer."}));
  };
  EXPECT_EQ(code_of(failed(http::Failure::Connect)), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(failed(http::Failure::TimedOut)), ErrorCode::TimedOut);
}

TEST_F(DeclaredToolsTest, ARedirectToTheMetadataServiceFailsTheCall) {
  load(R"(
  - {name: t, description: d, effect: read, http: {url: "https://api.example.com/", hosts: [api.example.com, metadata.example.com]}}
)");
  for (const char* location :
       {"http://169.254.169.254/", "https://metadata.example.com/", "https://127.0.0.1/"}) {
    client->requests.clear();
    client->answers.emplace_back(http::Response{.status = 302, .headers = {{"Location", location}}});
    EXPECT_EQ(call("{}").error().code, ErrorCode::InvalidArgument) << location;
    EXPECT_EQ(client->requests.size(), 1U);
  }
  client->requests.clear();
  EXPECT_TRUE(call("{}"));
  EXPECT_EQ(client->requests[0].headers,
            (http::Headers{{"Accept", "application/json, */*;q=0.5"}}));  // no key: it reads
}

TEST_F(DeclaredToolsTest, AnSqlToolBindsItsArguments) {
  load(R"(
  - name: t
    description: d
    effect: read
    arguments: {region: string, n: {type: integer, default: 10}}
    sql: {database: services, statement: "SELECT name FROM customers WHERE region = :region ORDER BY name LIMIT :n"}
)");
  EXPECT_EQ(call(R"({"region":"eu"})").value(),
            json::parse(R"({"rows":[{"name":"Ann"},{"name":"Cy"}],"count":2,"is_truncated":false})"));
  EXPECT_EQ(call(R"({"region":"eu","n":1})").value().at("count"), json::value(1));
  EXPECT_EQ(call(R"({"region":"eu' OR '1'='1"})").value().at("count"), json::value(0));
  EXPECT_EQ(call(R"({"region":"eu","n":"1; DROP TABLE customers"})").error().code,
            ErrorCode::InvalidArgument);
}

TEST_F(DeclaredToolsTest, AStatementThatWritesNeedsAnEffectThatSaysSo) {
  load(R"(
  - {name: t, description: d, effect: read, arguments: {name: string}, sql: {database: services, statement: "DELETE FROM customers WHERE name = :name"}}
  - {name: u, description: d, effect: idempotent, arguments: {name: string}, sql: {database: services, statement: "DELETE FROM customers WHERE name = :name"}}
)");
  EXPECT_EQ(call(R"({"name":"Ann"})").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(call(R"({"name":"Ann"})", "u").value(), json::parse(R"({"changed":1})"));
}

TEST_F(DeclaredToolsTest, AStatementEndsWithItsTime) {
  load(R"(
  - name: t
    description: d
    effect: read
    timeout: 100ms
    sql: {database: services, statement: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"}
)");
  EXPECT_EQ(call("{}").error().code, ErrorCode::TimedOut);
  EXPECT_TRUE(database->transaction([](Session& session) { return session.query("SELECT 1"); }));
}

TEST_F(DeclaredToolsTest, ACommandGetsEachValueAsOneArgument) {
  load(R"(
  - name: t
    description: d
    arguments: {text: string, more: {type: string, required: false}}
    command: {argv: [printf, "[%s]", <$.text>, "x=<$.text>", <$.more>]}
)");
  EXPECT_EQ(call(R"({"text":"a; touch /tmp/x"})").value().at("stdout"),
            json::value("[a; touch /tmp/x][x=a; touch /tmp/x]"));
  EXPECT_EQ(call(R"({"text":"$(id)`id`|&\n* 'q' \"d\"","more":"m"})").value().at("stdout"),
            json::value("[$(id)`id`|&\n* 'q' \"d\"][x=$(id)`id`|&\n* 'q' \"d\"][m]"));
  EXPECT_EQ(call(R"({"text":"--version"})").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(call(R"({"text":"a\u0000b"})").error().code, ErrorCode::InvalidArgument);
}

TEST_F(DeclaredToolsTest, BehindTwoDashesNoValueIsAnOption) {
  load(
      "  - {name: t, description: d, arguments: {p: string}, command: {argv: [printf, --, \"%s\", "
      "<$.p>]}}\n");
  EXPECT_EQ(call(R"({"p":"-n"})").value().at("stdout"), json::value("-n"));
}

TEST_F(DeclaredToolsTest, ACommandGetsSecretsInItsEnvironmentAndArgumentsOnItsInput) {
  load(R"(
  - name: t
    description: d
    arguments: {a: string}
    command: {argv: [sh, -c, 'cat; echo "$EBAGENT_IDEMPOTENCY_KEY $TOKEN" >&2'], environment: {TOKEN: "secret:env:EBAGENT_TEST_TOKEN"}, input: arguments}
)");
  const auto answer = call(R"({"a":"b"})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().at("stdout"), json::value(R"({"a":"b"})"));
  EXPECT_EQ(answer.value().at("stderr"), json::value("key-1 [secret EBAGENT_TEST_TOKEN]\n"));
}

TEST_F(DeclaredToolsTest, ACommandThatFailsSaysWhy) {
  load("  - {name: t, description: d, command: {argv: [sh, -c, 'echo gone wrong >&2; exit 4']}}\n");
  const auto answer = call("{}");
  EXPECT_EQ(answer.error().code, ErrorCode::Conflict);
  EXPECT_EQ(answer.error().message, "The program /usr/bin/sh ended with exit code 4: gone wrong\n");
}

constexpr const char* kScript =
    "agents.yaml:2:64: A placeholder in a script would make the model's words a program; pass it behind the "
    "script and read it "
    "there, in a shell as \"$1\".";

TEST_F(DeclaredToolsTest, ErrorsSayWhereAndWhat) {
  struct Wrong {
    const char* yaml;
    const char* error;
  };
  for (const Wrong& wrong : std::initializer_list<Wrong>{
           {"  - {name: t, description: d}\n",
            "agents.yaml:2:5: A tool needs http, sql or command: what it does."},
           {"  - {name: t, description: d, sql: {}, http: {}}\n",
            "agents.yaml:2:36: A tool is either http or sql."},
           {"  - {name: t, http: {url: 'https://a.com/'}}\n",
            "agents.yaml:2:5: \"description\" is missing in a tool."},
           {"  - {name: t, description: d, effekt: read, http: {url: 'https://a.com/'}}\n",
            "agents.yaml:2:31: \"effekt\" is unknown in a tool. Did you mean \"effect\"?"},
           {"  - {name: t, description: d, timeout: 10, http: {url: 'https://a.com/'}}\n",
            "agents.yaml:2:40: \"timeout\" must be a duration of at most 366 days with its unit: 250ms, 10s, "
            "5m, 1h or 2d."},
           {"  - {name: t, description: d, http: {url: 'https://<$.host>/'}}\n",
            "agents.yaml:2:43: A placeholder stands in the path or query of a URL: https://HOST/... comes "
            "first, as it is."},
           {"  - {name: t, description: d, arguments: {id: string}, http: {url: 'https://a.com/<$.ID>'}}\n",
            "agents.yaml:2:68: <$.ID> names no argument of the tool. There are: id."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', hosts: [b.com]}}\n",
            "agents.yaml:2:43: Requests to a.com are not allowed: it is none of the tool's hosts."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', hosts: ['*']}}\n",
            "agents.yaml:2:68: \"*\" is no host that can be allowed: write api.example.com, "
            "api.example.com:8443 or "
            "*.example.com, in lower case."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', allow_private: [all]}}\n",
            "agents.yaml:2:77: \"all\" is neither an address nor a network (10.0.0.0/8)."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', headers: {Host: b.com}}}\n",
            "agents.yaml:2:70: \"Host\" is no header that a tool may set."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', headers: {A: 'secret:abc'}}}\n",
            "agents.yaml:2:74: A secret is named as secret:env:NAME or secret:file:/ABSOLUTE/PATH; its value "
            "never stands in a "
            "configuration."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', body: {a: b}}}\n",
            "agents.yaml:2:67: A GET has no body."},
           {"  - {name: t, description: d, http: {url: 'https://a.com/', output_limit: 1GB}}\n",
            "agents.yaml:2:75: \"output_limit\" must be a size of at most 1MB with its unit: 500B, 64KB or "
            "1MB."},
           {"  - {name: t, description: d, arguments: {a: {type: strng}}, http: {url: 'https://a.com/'}}\n",
            "agents.yaml:2:46: The schema at /type must be string, number, integer, boolean, object, array "
            "or null, or a "
            "list of these."},
           {"  - {name: t, description: d, arguments: {a: {type: integer, default: x}}, http: {url: "
            "'https://a.com/'}}\n",
            "agents.yaml:2:71: The default expected an integer, found \"x\"."},
           {"  - {name: t, description: d, sql: {database: services, statement: 'SELECT :a'}}\n",
            "agents.yaml:2:68: The parameter :a is no argument of the tool. There are none."},
           {"  - {name: t, description: d, sql: {database: servces, statement: 'SELECT 1'}}\n",
            "agents.yaml:2:47: There is no database \"servces\". Did you mean \"services\"?"},
           {"  - {name: t, description: d, arguments: {p: string}, command: {argv: [<$.p>]}}\n",
            "agents.yaml:2:64: The program of a command is fixed; a placeholder may only be an argument."},
           {"  - {name: t, description: d, arguments: {p: string}, command: {argv: [bash, -lc, 'ls "
            "<$.p>']}}\n",
            kScript},
           {"  - {name: t, description: d, arguments: {p: string}, command: {argv: [env, A=b, /bin/sh, -c, "
            "'<$.p>']}}\n",
            kScript},
           {"  - {name: t, description: d, arguments: {p: string}, command: {argv: [perl, -we, 'print "
            "<$.p>']}}\n",
            kScript},
           {"  - {name: t, description: d, command: {argv: [ls, 'secret:env:A']}}\n",
            "agents.yaml:2:40: Everyone on the machine can see a command's arguments; put the secret into "
            "its environment."},
           {"  - {name: t, description: d, command: {argv: [no-such-program-1]}}\n",
            "agents.yaml:2:48: There is no program \"no-such-program-1\" in "
            "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin; give its absolute path."},
           {"  - {name: t, description: d, command: {argv: [ls], directory: tmp}}\n",
            "agents.yaml:2:64: \"directory\" must be an absolute path."}}) {
    EXPECT_EQ(error_of(wrong.yaml), wrong.error) << wrong.yaml;
  }
}

TEST_F(DeclaredToolsTest, AProgramWithoutThemSaysSo) {
  App bare;
  const auto loaded = bare.load_text("tools:\n  - {name: t}\n");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace ebagent::tools
