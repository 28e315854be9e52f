#include "models/openai.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "models/model_fixture.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using testing::ModelFixture;
using ::testing::Not;
using testing::parse;

std::string sse(std::initializer_list<std::string_view> chunks) {
  std::string text;
  for (const std::string_view chunk : chunks) text.append("data: ").append(chunk).append("\n\n");
  return text;
}

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return R"({"id":"c","object":"chat.completion.chunk","model":"gpt-x","choices":[{"index":0,"delta":)" +
         std::string{delta} + R"(,"finish_reason":)" + std::string{finish} + "}]}";
}

constexpr std::string_view kCounts =
    R"({"id":"c","model":"gpt-x","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":10}}})";

std::string text_answer(std::string_view reason = "stop") {
  return R"({"model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":")" +
         std::string{reason} + R"("}],"usage":{"prompt_tokens":1,"completion_tokens":2}})";
}

class OpenAiTest : public ModelFixture {
 protected:
  OpenAiTest() {
    settings = {.provider = "openai", .model = "gpt-x"};
    environment["OPENAI_API_KEY"] = "sk-secret";
  }
  void ask_whole() {
    settings.stream = false;
    reply(text_answer());
    EXPECT_TRUE(ask());
  }
};

TEST_F(OpenAiTest, AsksWithInstructionsTaskDataAndTools) {
  reply(sse({chunk("{}", "\"stop\""), kCounts, "[DONE]"}));

  EXPECT_TRUE(ask());

  const auto& asked = service.sent.at(0);
  EXPECT_EQ(asked.url, "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(testing::header(asked, "Authorization"), "Bearer sk-secret");
  EXPECT_EQ(core::write_json(sent()), core::write_json(parse(R"({
      "model":"gpt-x","max_completion_tokens":4096,
      "messages":[{"role":"system","content":"Be brief."},
                  {"role":"user","content":"Look at this event.\n\n<event>{}</event>"}],
      "tools":[{"type":"function","function":{"name":"head",
                "parameters":{"type":"object","properties":{"key":{"type":"string"}}},
                "description":"Looks at an object."}}],
      "stream":true,"stream_options":{"include_usage":true}})")));
}

TEST_F(OpenAiTest, ReadsAStreamAlikeWhateverThePiecesInWhichItComes) {
  const std::string stream = sse(
      {chunk(R"({"role":"assistant","content":""})"), chunk(R"({"content":"I "})"),
       chunk(R"({"content":"look."})"),
       chunk(
           R"({"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"head","arguments":""}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"key\":"}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"\"k\"}"}}]})"),
       chunk(
           R"({"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"list","arguments":"{}"}}]})"),
       chunk("{}", "\"tool_calls\""), kCounts, "[DONE]"});
  for (const std::size_t piece : {0, 1, 5, 200}) {
    reply(stream, piece);
    std::string streamed;
    request.on_text = [&](std::string_view text) { streamed += text; };

    const Turn turn = this->turn();

    ASSERT_EQ(turn.calls.size(), 2u);
    EXPECT_EQ(turn.calls[0].id, "call_1");
    EXPECT_EQ(turn.calls[0].tool, "head");
    EXPECT_EQ(core::write_json(turn.calls[0].input), R"({"key":"k"})");
    EXPECT_EQ(turn.calls[1].id, "call_2");
    EXPECT_EQ(turn.text, "I look.");
    EXPECT_EQ(streamed, "I look.");
    EXPECT_EQ(turn.end, TurnEnd::ToolCalls);
    EXPECT_EQ(turn.model, "gpt-x");
    EXPECT_EQ(turn.usage, (Usage{.input = 20, .output = 9, .cache_read = 10}));
    EXPECT_TRUE(turn.content.is_null());
  }
}

TEST_F(OpenAiTest, GivesCallsBackWithTheServersIdsAndTheirResultsAfterThem) {
  auto& past =
      exchange(head_call("D681PevKs"), json::object{{"size", 1}});  // nine characters, as Mistral has them
  past.turn.text = "Looking.";
  past.turn.calls.push_back({.id = "", .tool = "list", .input = json::object{}, .malformed = "{\"broken"});
  past.outcomes.push_back(fail(ErrorCode::Malformed, "These arguments are no JSON."));
  past.feedback = "Two turns are left.";

  ask_whole();

  EXPECT_EQ(sent("/messages/2"),
            core::write_json(parse(R"({"role":"assistant","content":"Looking.","tool_calls":[
      {"id":"D681PevKs","type":"function","function":{"name":"head","arguments":"{\"key\":\"k\"}"}},
      {"id":"c00000001","type":"function","function":{"name":"list","arguments":"{}"}}]})")));
  EXPECT_EQ(sent("/messages/3"), R"({"role":"tool","tool_call_id":"D681PevKs","content":"{\"size\":1}"})");
  EXPECT_EQ(sent("/messages/4"),
            R"({"role":"tool","tool_call_id":"c00000001","content":"Error: These arguments are no JSON."})");
  EXPECT_EQ(sent("/messages/5"), R"({"role":"user","content":"Two turns are left."})");
}

TEST_F(OpenAiTest, ReadsAWholeAnswer) {
  settings.stream = false;
  reply(R"({"model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
      {"id":"call_1","type":"function","function":{"name":"head","arguments":"{\"key\":\"k\"}"}}]},
      "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5,"completion_tokens":6}})");

  const Turn turn = this->turn();

  EXPECT_EQ(turn.text, "");
  EXPECT_EQ(core::write_json(turn.calls.at(0).input), R"({"key":"k"})");
  EXPECT_EQ(turn.end, TurnEnd::ToolCalls);
  EXPECT_EQ(turn.usage, (Usage{.input = 5, .output = 6}));
  EXPECT_EQ(sent("/stream_options"), "(none)");
}

TEST_F(OpenAiTest, SaysWhichArgumentsAreMalformed) {
  settings.stream = false;
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("{\"a\":1}")", ""},
      {R"("")", ""},
      {"null", ""},
      {R"({"a":1})", ""},
      {R"("{\"a\":")", "{\"a\":"},
      {R"("[1]")", "[1]"},
      {"[1]", "[1]"},
      {R"("null")", "null"},
      {R"("{\"a\":1,\"a\":2}")", "{\"a\":1,\"a\":2}"}};
  for (const auto& [arguments, malformed] : cases) {
    reply(R"({"choices":[{"message":{"tool_calls":[{"id":"i","function":{"name":"head","arguments":)" +
          std::string{arguments} + R"(}}]},"finish_reason":"tool_calls"}]})");
    const Turn turn = this->turn();
    EXPECT_EQ(turn.calls.at(0).malformed, malformed) << arguments;
    EXPECT_TRUE(turn.calls.at(0).input.is_object());
  }
}

TEST_F(OpenAiTest, UnderstandsServersThatStreamInWaysOfTheirOwn) {
  // No index, the name in each piece, no finish reason for calls, no [DONE].
  reply(sse({chunk(
      R"({"tool_calls":[{"id":"a","function":{"name":"head","arguments":"{\"key\":\"k\"}"}},{"id":"b","function":{"name":"list","arguments":"{}"}}]})",
      "\"stop\"")}));
  const Turn one = turn();
  EXPECT_EQ(one.end, TurnEnd::ToolCalls);
  ASSERT_EQ(one.calls.size(), 2u);
  EXPECT_EQ(one.calls[1].id, "b");

  reply(sse({chunk(R"({"tool_calls":[{"index":0,"function":{"name":"head","arguments":{"key":"k"}}}]})"),
             "[DONE]"}));
  const Turn two = turn();
  EXPECT_EQ(two.calls.at(0).id, "");
  EXPECT_EQ(core::write_json(two.calls.at(0).input), R"({"key":"k"})");

  reply(sse({chunk(R"({"content":[{"type":"text","text":"Hi"}]})"), chunk("{}", "\"eos\"")}));
  const Turn three = turn();
  EXPECT_EQ(three.text, "Hi");
  EXPECT_EQ(three.end, TurnEnd::Answer);
}

TEST_F(OpenAiTest, GivesBackWhatAServerPutBesideACall) {
  reply(sse(
      {chunk(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"head","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]})"),
       chunk("{}", "\"tool_calls\"")}));
  conversation.exchanges.push_back({.turn = turn(), .outcomes = {json::value(1)}});

  ask_whole();

  EXPECT_EQ(sent("/messages/2/tool_calls/0/extra_content/google/thought_signature"), "\"s\"");
}

TEST_F(OpenAiTest, KnowsWhyATurnEnded) {
  settings.stream = false;
  const std::pair<std::string_view, TurnEnd> ends[] = {{"stop", TurnEnd::Answer},
                                                       {"length", TurnEnd::MaxTokens},
                                                       {"content_filter", TurnEnd::Refusal},
                                                       {"tool_calls", TurnEnd::Answer}};
  for (const auto& [reason, end] : ends) {
    reply(text_answer(reason));
    EXPECT_EQ(turn().end, end) << reason;
  }
  reply(R"({"choices":[{"message":{"content":null,"refusal":"I will not."},"finish_reason":"stop"}]})");
  const Turn refused = turn();
  EXPECT_EQ(refused.end, TurnEnd::Refusal);
  EXPECT_EQ(refused.text, "I will not.");

  settings.stream = true;
  reply(sse({chunk(R"({"refusal":"No"})"), chunk(R"({"refusal":"."})"), chunk("{}", "\"stop\"")}));
  EXPECT_EQ(turn().text, "No.");
}

TEST_F(OpenAiTest, AStreamThatBreaksOffIsAskedForAnew) {
  const std::string whole = sse({chunk(R"({"content":"Hi"})"), chunk("{}", "\"stop\"")});
  for (std::size_t size = 0; size < whole.size() - 1; size += 17) {
    service.sent.clear();
    reply(whole.substr(0, size));
    reply(whole);
    EXPECT_EQ(turn().text, "Hi");
    EXPECT_EQ(service.sent.size(), 2u) << size;
  }
}

TEST_F(OpenAiTest, AnErrorInTheMiddleOfAStreamIsOfItsClass) {
  settings.attempts = 1;
  const std::pair<std::string_view, ErrorCode> errors[] = {
      {R"({"error":{"message":"m","type":"server_error","code":null}})", ErrorCode::Unavailable},
      {R"({"error":{"message":"m","code":503}})", ErrorCode::Unavailable},
      {R"({"error":{"message":"m","code":400,"type":"BadRequestError"}})", ErrorCode::InvalidArgument},
      {R"({"error":"overrun"})", ErrorCode::Unavailable}};
  for (const auto& [body, code] : errors) {
    reply(sse({chunk(R"({"content":"Hi"})"), body}));
    EXPECT_EQ(error().code, code) << body;
  }
  reply(sse({R"({"error":{"message":"m","code":"context_length_exceeded"}})"}));
  EXPECT_EQ(turn().end, TurnEnd::ContextFull);
}

TEST_F(OpenAiTest, ReadsErrorsInEachForm) {
  settings.attempts = 1;
  const std::string at = "OpenAI at api.openai.com answered ";
  refuse(400, R"({"error":{"message":"bad","type":"invalid_request_error","param":null,"code":null}})");
  EXPECT_EQ(error().message, at + "400 invalid_request_error: bad");
  refuse(404, R"({"object":"error","message":"no model","type":"NotFoundError","code":404})");
  EXPECT_EQ(error(), (Error{ErrorCode::NotFound, at + "404 NotFoundError: no model"}));
  refuse(400, R"({"error":"model does not support tools"})");
  EXPECT_EQ(error().message, at + "400: model does not support tools");
  refuse(422, R"({"detail":[{"loc":["body","x"],"msg":"extra"}]})");
  EXPECT_EQ(error().message, at + R"(422: [{"loc":["body","x"],"msg":"extra"}])");
  refuse(401, R"({"error":{"message":"Incorrect API key provided: sk-secret.","code":"invalid_api_key"}})");
  EXPECT_EQ(error().message, at + "401 invalid_api_key: it does not accept the key.");
  refuse(429, R"({"error":{"message":"Pay.","type":"insufficient_quota","code":"insufficient_quota"}})");
  EXPECT_EQ(error().code, ErrorCode::LimitExceeded);
  refuse(400, R"({"error":{"message":"filtered","code":"content_filter"}})");
  EXPECT_EQ(turn().end, TurnEnd::Refusal);
  settings.stream = false;
  reply(R"({"error":{"message":"m","code":503}})");
  EXPECT_EQ(error().code, ErrorCode::Unavailable);
}

TEST_F(OpenAiTest, AServerOfOnesOwnNeedsNoKeyAndHasItsOwnPath) {
  environment.clear();
  const std::pair<std::string, std::string> urls[] = {
      {"http://localhost:11434", "http://localhost:11434/v1/chat/completions"},
      {"http://localhost:11434/v1/", "http://localhost:11434/v1/chat/completions"},
      {"https://g.example/v1beta/openai", "https://g.example/v1beta/openai/chat/completions"},
      {"https://g.example/v1?api-version=1", "https://g.example/v1/chat/completions?api-version=1"}};
  for (const auto& [url, expected] : urls) {
    settings.url = url;
    ask_whole();
    EXPECT_EQ(service.sent.back().url, expected);
    EXPECT_EQ(testing::header(service.sent.back(), "Authorization"), "");
  }
  EXPECT_EQ(sent("/max_tokens"), "4096");
  EXPECT_EQ(sent("/max_completion_tokens"), "(none)");
  settings.api_key = "env:MISSING";
  EXPECT_EQ(error().message, "There is no key in environment variable MISSING.");
  settings.url.clear();
  settings.api_key.clear();
  EXPECT_EQ(error().message, "There is no key in environment variable OPENAI_API_KEY.");
}

TEST_F(OpenAiTest, LeavesOutWhatAServerDoesNotUnderstandAndRemembers) {
  settings.url = "http://localhost:1";
  refuse(
      422,
      R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})");
  refuse(
      400,
      R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}})");
  reply(sse({chunk("{}", "\"stop\"")}));
  reply(sse({chunk("{}", "\"stop\"")}));
  auto model = make().value();

  EXPECT_TRUE(model->next(conversation, {}));
  EXPECT_TRUE(model->next(conversation, {}));

  ASSERT_EQ(service.sent.size(), 4u);
  EXPECT_THAT(service.sent[0].body, HasSubstr("stream_options"));
  EXPECT_THAT(service.sent[1].body, Not(HasSubstr("stream_options")));
  EXPECT_THAT(service.sent[1].body, HasSubstr("\"max_tokens\""));
  EXPECT_THAT(service.sent[2].body, HasSubstr("\"max_completion_tokens\""));
  EXPECT_EQ(service.sent[2].body, service.sent[3].body);
  EXPECT_TRUE(sleeps.empty());
}

TEST_F(OpenAiTest, WhatIsNoAnswerIsTriedAgainAndThenMalformed) {
  settings.attempts = 2;
  for (const std::string body : {"data: {nothing\n\n", "data: 1\n\n", "data: {\"choices\":[1]}\n\n"}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
  settings.stream = false;
  for (const std::string body : {"<html>", "[]", "{}", R"({"choices":[]})", R"({"choices":[{}]})",
                                 R"({"choices":[{"message":{"tool_calls":[1]}}]})"}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
  settings.stream = true;
  reply(sse({chunk(R"({"tool_calls":[{"index":99999999,"function":{"name":"x"}}]})")}));
  reply(sse({chunk(R"({"tool_calls":[{"index":-1,"function":{"name":"x"}}]})")}));
  EXPECT_EQ(error().code, ErrorCode::Malformed);
}

TEST_F(OpenAiTest, BeginsWithTheInputWhenThereIsNothingElse) {
  conversation.task = " ";
  conversation.data.clear();
  conversation.instructions.clear();
  input = R"({"a":1})";

  ask_whole();

  EXPECT_EQ(sent("/messages"), R"([{"role":"user","content":"{\"a\":1}"}])");
}

}  // namespace
}  // namespace ebagent::models
