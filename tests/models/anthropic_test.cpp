#include "models/anthropic.hpp"

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

// A stream as the service sends it: each event with its name.
std::string sse(std::initializer_list<std::string_view> events) {
  std::string text;
  for (const std::string_view event : events) {
    const auto object = parse(event).as_object();
    text += "event: " + std::string{object.at("type").as_string()} + "\ndata: ";
    text.append(event).append("\n\n");
  }
  return text;
}

constexpr std::string_view kStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":3,"cache_read_input_tokens":7,"output_tokens":1}}})";
constexpr std::string_view kEndOfTurn =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}})";
constexpr std::string_view kEndForTools =
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}})";
constexpr std::string_view kStop = R"({"type":"message_stop"})";

std::string text_answer(std::string_view reason = "end_turn", std::string_view text = "Hello") {
  return R"({"type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":")" +
         std::string{text} + R"("}],"stop_reason":")" + std::string{reason} +
         R"(","usage":{"input_tokens":1,"output_tokens":2}})";
}

std::string stream_of_calls() {
  return sse(
      {kStart,
       R"({"type":"ping"})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me "}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"see."}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I "}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"look \u00fc."}})",
       R"({"type":"content_block_stop","index":1})",
       R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"head","input":{}}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"key\": \""}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"k\"}"}})",
       R"({"type":"content_block_stop","index":2})",
       R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"list","input":{}}})",
       R"({"type":"content_block_stop","index":3})",
       kEndForTools,
       kStop});
}

class AnthropicTest : public ModelFixture {
 protected:
  AnthropicTest() {
    settings = {.provider = "anthropic", .model = "claude-x"};
    environment["ANTHROPIC_API_KEY"] = "sk-ant-secret";
  }
  // The request that the conversation makes.
  void ask_whole() {
    settings.stream = false;
    reply(text_answer());
    EXPECT_TRUE(ask());
  }
};

TEST_F(AnthropicTest, AsksWithInstructionsTaskDataAndTools) {
  reply(sse({kStart, kEndOfTurn, kStop}));
  settings.temperature = 0.25;

  EXPECT_TRUE(ask());

  const auto& asked = service.sent.at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url, "https://api.anthropic.com/v1/messages");
  EXPECT_EQ(testing::header(asked, "x-api-key"), "sk-ant-secret");
  EXPECT_EQ(testing::header(asked, "anthropic-version"), "2023-06-01");
  EXPECT_EQ(testing::header(asked, "Content-Type"), "application/json");
  EXPECT_EQ(core::write_json(sent()), core::write_json(parse(R"({
      "model":"claude-x","max_tokens":4096,
      "messages":[{"role":"user","content":[
        {"type":"text","text":"Look at this event."},
        {"type":"text","text":"<event>{}</event>","cache_control":{"type":"ephemeral"}}]}],
      "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
      "tools":[{"name":"head","input_schema":{"type":"object","properties":{"key":{"type":"string"}}},
                "description":"Looks at an object."}],
      "temperature":0.25,"stream":true})")));
}

TEST_F(AnthropicTest, ReadsAStreamAlikeWhateverThePiecesInWhichItComes) {
  for (const std::size_t piece : {0, 1, 3, 100}) {
    reply(stream_of_calls(), piece);
    std::string streamed;
    request.on_text = [&](std::string_view text) { streamed += text; };

    const Turn turn = this->turn();

    ASSERT_EQ(turn.calls.size(), 2u);
    EXPECT_EQ(turn.calls[0].id, "toolu_1");
    EXPECT_EQ(turn.calls[0].tool, "head");
    EXPECT_EQ(core::write_json(turn.calls[0].input), R"({"key":"k"})");
    EXPECT_EQ(turn.calls[0].malformed, "");
    EXPECT_EQ(core::write_json(turn.calls[1].input), "{}");
    EXPECT_EQ(turn.text, "I look ü.");
    EXPECT_EQ(streamed, turn.text);
    EXPECT_EQ(turn.end, TurnEnd::ToolCalls);
    EXPECT_EQ(turn.model, "claude-x");
    EXPECT_EQ(turn.usage, (Usage{.input = 25, .output = 15, .cache_read = 7, .cache_write = 3}));
  }
}

TEST_F(AnthropicTest, GivesThinkingBackWordForWordAndEachResultInTheNextMessage) {
  reply(stream_of_calls());
  conversation.exchanges.push_back({.turn = turn(),
                                    .outcomes = {Result<json::value>(json::object{{"size", 1}}),
                                                 fail(ErrorCode::NotFound, "There is no bucket.")},
                                    .feedback = "Two turns are left."});

  ask_whole();

  EXPECT_EQ(sent("/messages/1"), core::write_json(parse(R"({"role":"assistant","content":[
      {"type":"thinking","thinking":"Let me see.","signature":"c2ln"},
      {"type":"text","text":"I look ü."},
      {"type":"tool_use","id":"toolu_1","name":"head","input":{"key":"k"}},
      {"type":"tool_use","id":"toolu_2","name":"list","input":{}}]})")));
  EXPECT_EQ(sent("/messages/2"), core::write_json(parse(R"({"role":"user","content":[
      {"type":"tool_result","tool_use_id":"toolu_1","content":"{\"size\":1}"},
      {"type":"tool_result","tool_use_id":"toolu_2","content":"There is no bucket.","is_error":true},
      {"type":"text","text":"Two turns are left.","cache_control":{"type":"ephemeral"}}]})")));
  EXPECT_EQ(sent("/messages/3"), "(none)");
}

TEST_F(AnthropicTest, GivesNobodyElsesContentBack) {
  auto& past = exchange(head_call(), json::value("found"));
  past.turn.text = "Looking.";
  past.turn.content = parse(R"({"provider":"bedrock","blocks":[{"reasoningContent":{}}]})");

  ask_whole();

  EXPECT_EQ(sent("/messages/1/content"), core::write_json(parse(R"([{"type":"text","text":"Looking."},
      {"type":"tool_use","id":"call_1","name":"head","input":{"key":"k"}}])")));
}

TEST_F(AnthropicTest, ReadsAWholeAnswer) {
  settings.stream = false;
  reply(R"({"type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"One."},
      {"type":"tool_use","id":"toolu_1","name":"head","input":{"key":"k"}}],"stop_reason":"tool_use",
      "usage":{"input_tokens":5,"output_tokens":6}})");

  const Turn turn = this->turn();

  EXPECT_EQ(turn.text, "One.");
  EXPECT_EQ(core::write_json(turn.calls.at(0).input), R"({"key":"k"})");
  EXPECT_EQ(turn.end, TurnEnd::ToolCalls);
  EXPECT_EQ(turn.usage, (Usage{.input = 5, .output = 6}));
  EXPECT_TRUE(turn.content.is_null());
  EXPECT_EQ(sent("/stream"), "(none)");
}

TEST_F(AnthropicTest, TakesAWholeAnswerWhereAStreamWasAskedFor) {
  reply(text_answer(), 5);

  EXPECT_EQ(turn().text, "Hello");
}

TEST_F(AnthropicTest, KnowsWhyATurnEnded) {
  settings.stream = false;
  const std::pair<std::string_view, TurnEnd> ends[] = {
      {"end_turn", TurnEnd::Answer},      {"stop_sequence", TurnEnd::Answer},
      {"max_tokens", TurnEnd::MaxTokens}, {"refusal", TurnEnd::Refusal},
      {"pause_turn", TurnEnd::Paused},    {"model_context_window_exceeded", TurnEnd::ContextFull},
      {"something_new", TurnEnd::Answer}};
  for (const auto& [reason, end] : ends) {
    reply(text_answer(reason));
    const Turn turn = this->turn();
    EXPECT_EQ(turn.end, end) << reason;
    EXPECT_EQ(turn.text, "Hello");
  }
}

TEST_F(AnthropicTest, GoesOnFromAPauseWithTheModelsOwnWords) {
  settings.stream = false;
  reply(R"({"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Searching"},
      {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}],
      "stop_reason":"pause_turn","usage":{"input_tokens":5,"output_tokens":6}})");
  conversation.exchanges.push_back({.turn = turn()});

  ask_whole();

  EXPECT_EQ(sent("/messages/1"), core::write_json(parse(R"({"role":"assistant","content":[
      {"type":"text","text":"Searching"},
      {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}]})")));
  EXPECT_EQ(sent("/messages/2"), "(none)");
}

TEST_F(AnthropicTest, SaysWhichArgumentsAreMalformedAndGivesThemBackEmpty) {
  reply(sse(
      {kStart,
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"head","input":{}}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"key\": "}})",
       kEndForTools, kStop}));
  const Turn broken = turn();
  ASSERT_EQ(broken.calls.size(), 1u);
  EXPECT_EQ(broken.calls[0].malformed, "{\"key\": ");
  EXPECT_EQ(core::write_json(broken.calls[0].input), "{}");

  conversation.exchanges.push_back({.turn = broken, .outcomes = {fail(ErrorCode::Malformed, "No JSON.")}});
  ask_whole();

  EXPECT_EQ(sent("/messages/1/content/0/input"), "{}");
  EXPECT_EQ(sent("/messages/2/content/0/is_error"), "true");
}

TEST_F(AnthropicTest, ACallThatWasCutAtTheTokenLimitIsNone) {
  reply(sse(
      {kStart,
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"hm","signature":""}})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"head","input":{}}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"key\": "}})",
       R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":4096}})",
       kStop}));

  const Turn cut = turn();

  EXPECT_EQ(cut.end, TurnEnd::MaxTokens);
  EXPECT_TRUE(cut.calls.empty());
  conversation.exchanges.push_back({.turn = cut, .feedback = "Be shorter."});
  ask_whole();
  // Nothing of it can be given back: what follows goes into the message before.
  EXPECT_EQ(sent("/messages/0/content/2/text"), "\"Be shorter.\"");
  EXPECT_EQ(sent("/messages/1"), "(none)");
}

TEST_F(AnthropicTest, AStreamThatBreaksOffIsAskedForAnew) {
  const std::string whole =
      sse({kStart, R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
           R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})",
           kEndOfTurn, kStop});
  for (std::size_t size = 0; size < whole.size() - 1; size += 13) {
    service.sent.clear();
    sleeps.clear();
    reply(whole.substr(0, size));
    reply(whole);
    const Turn turn = this->turn();
    EXPECT_EQ(turn.text, "Hi");
    EXPECT_EQ(service.sent.size(), 2u) << size;
    EXPECT_EQ(sleeps.size(), 1u);
  }
  service.replies.push_back(testing::transport_failure(http::Failure::Protocol, whole.substr(0, 200)));
  reply(whole);
  EXPECT_EQ(turn().text, "Hi");
}

TEST_F(AnthropicTest, AnErrorInTheMiddleOfAStreamIsOfItsClass) {
  settings.attempts = 2;
  const std::string overloaded =
      sse({kStart, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"});
  reply(overloaded);
  reply(overloaded);

  EXPECT_EQ(error(),
            (Error{ErrorCode::Overloaded,
                   "Anthropic at api.anthropic.com broke its answer off with overloaded_error: Overloaded "
                   "(tried 2 times)"}));
  reply(sse({kStart, R"({"type":"error","error":{"type":"invalid_request_error","message":"no"}})"}));
  EXPECT_EQ(error().code, ErrorCode::InvalidArgument);
}

TEST_F(AnthropicTest, WhatIsNoAnswerIsTriedAgainAndThenMalformed) {
  settings.attempts = 2;
  for (const std::string body :
       {"data: {nothing\n\n", "event: x\ndata: []\n\n", "data: {\"type\":\"content_block_delta\"}\n\n",
        "data: {\"type\":\"content_block_start\"}\n\n", "data: {\"type\":\"message_start\"}\n\n"}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
  settings.stream = false;
  for (const std::string body : {"<html>", "[]", "{}", R"({"content":[1]})"}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
}

TEST_F(AnthropicTest, WaitsAsTheServiceAsksAndTriesAgain) {
  refuse(429, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})",
         {{"retry-after", "3"}});
  refuse(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  reply(sse({kStart, kEndOfTurn, kStop}));

  EXPECT_TRUE(ask());

  ASSERT_EQ(sleeps.size(), 2u);
  EXPECT_EQ(sleeps[0], Duration{3'000});
  EXPECT_EQ(service.sent[0].body, service.sent[2].body);
}

TEST_F(AnthropicTest, AContextThatIsFullIsATurn) {
  refuse(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}})");

  EXPECT_EQ(turn().end, TurnEnd::ContextFull);
}

TEST_F(AnthropicTest, SaysWhatTheServiceSaysButNeverTheKey) {
  refuse(404, R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}})");
  EXPECT_EQ(error(), (Error{ErrorCode::NotFound,
                            "Anthropic at api.anthropic.com answered 404 not_found_error: model: claude-x"}));
  refuse(401,
         R"({"type":"error","error":{"type":"authentication_error","message":"invalid key sk-ant-secret"}})");
  EXPECT_EQ(error(),
            (Error{ErrorCode::InvalidArgument,
                   "Anthropic at api.anthropic.com answered 401 authentication_error: it does not accept the "
                   "key."}));
  refuse(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"sk-ant-secret? sk-ant-secret!"}})");
  EXPECT_THAT(error().message, HasSubstr(": [key]? [key]!"));
  refuse(502, std::string(100'000, '<'));
  settings.attempts = 1;
  EXPECT_EQ(error(), (Error{ErrorCode::Unavailable, "Anthropic at api.anthropic.com answered 502"}));
  refuse(400, R"({"type":"error","error":{"type":"invalid_request_error","message":")" +
                  std::string(5'000, 'x') + "\"}}");
  EXPECT_LT(error().message.size(), 500u);
}

TEST_F(AnthropicTest, NeedsItsKeyAtTheFirstTurnOnly) {
  environment.erase("ANTHROPIC_API_KEY");
  ASSERT_TRUE(make());

  EXPECT_EQ(error(), (Error{ErrorCode::InvalidArgument,
                            "There is no key in environment variable ANTHROPIC_API_KEY."}));
  EXPECT_TRUE(service.sent.empty());
  settings.api_key = "env:OTHER";
  environment["OTHER"] = "other\n";
  reply(sse({kStart, kEndOfTurn, kStop}));
  EXPECT_TRUE(ask());
  EXPECT_EQ(testing::header(service.sent.at(0), "x-api-key"), "other");
}

TEST_F(AnthropicTest, KeepsThePathOfItsUrlInFront) {
  const std::pair<std::string, std::string> urls[] = {
      {"http://127.0.0.1:9", "http://127.0.0.1:9/v1/messages"},
      {"https://gateway.example/anthropic/", "https://gateway.example/anthropic/v1/messages"},
      {"https://gateway.example/v1", "https://gateway.example/v1/messages"},
      {"https://gateway.example/a?b=c", "https://gateway.example/a/v1/messages?b=c"}};
  for (const auto& [url, expected] : urls) {
    settings.url = url;
    reply(sse({kStart, kEndOfTurn, kStop}));
    EXPECT_TRUE(ask());
    EXPECT_EQ(service.sent.back().url, expected);
  }
}

TEST_F(AnthropicTest, LeavesOutWhatIsTrimmedAndAnswersWhatHasNoResult) {
  exchange(head_call("a"), json::value("long")).is_trimmed = true;
  exchange(head_call("b"), json::value("x")).outcomes.clear();
  exchange(head_call("c"), json::value(""));

  ask_whole();

  EXPECT_EQ(sent("/messages/2/content/0/content"), "\"[This result was left out to save room.]\"");
  EXPECT_EQ(sent("/messages/4/content/0/is_error"), "true");
  EXPECT_EQ(sent("/messages/6/content/0/content"), R"("\"\"")");
}

TEST_F(AnthropicTest, MakesUpIdsAndNamesThatCanBeSent) {
  exchange({.id = "", .tool = "s3 löschen!", .input = json::object{}}, json::value(1));
  conversation.exchanges.back().turn.calls.push_back({.id = "same", .tool = "head"});
  conversation.exchanges.back().turn.calls.push_back({.id = "same", .tool = ""});
  conversation.exchanges.back().turn.calls.push_back(
      {.id = std::string(65, 'x'), .tool = std::string(70, 't')});

  ask_whole();

  EXPECT_EQ(sent("/messages/1/content/0"),
            R"({"type":"tool_use","id":"c00000000","name":"s3_l__schen_","input":{}})");
  EXPECT_EQ(sent("/messages/1/content/1/id"), "\"same\"");
  EXPECT_EQ(sent("/messages/1/content/2"),
            R"({"type":"tool_use","id":"c00000002","name":"unnamed","input":{}})");
  EXPECT_EQ(sent("/messages/1/content/3/id"), "\"c00000003\"");
  EXPECT_EQ(sent("/messages/1/content/3/name"), "\"" + std::string(64, 't') + "\"");
  EXPECT_EQ(sent("/messages/2/content/3/tool_use_id"), "\"c00000003\"");
}

TEST_F(AnthropicTest, DeclaresTheToolsOfItsHistoryWhenThereAreNoOthers) {
  conversation.tools.clear();
  exchange(head_call(), json::value(1));
  exchange(head_call(), json::value(1));

  ask_whole();

  EXPECT_EQ(
      sent("/tools"),
      R"([{"name":"head","input_schema":{"type":"object","properties":{}},"description":"No longer available."}])");
}

TEST_F(AnthropicTest, AsksWithoutCachingWhereThatIsNotUnderstoodAndRemembers) {
  settings.stream = false;
  refuse(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"cache_control: Extra inputs"}})");
  reply(text_answer());
  reply(text_answer());
  auto model = make().value();

  EXPECT_TRUE(model->next(conversation, {}));
  EXPECT_TRUE(model->next(conversation, {}));

  ASSERT_EQ(service.sent.size(), 3u);
  EXPECT_THAT(service.sent[0].body, HasSubstr("cache_control"));
  EXPECT_THAT(service.sent[1].body, Not(HasSubstr("cache_control")));
  EXPECT_THAT(service.sent[2].body, Not(HasSubstr("cache_control")));
  EXPECT_TRUE(sleeps.empty());
}

TEST_F(AnthropicTest, AddsWhatElseTheServiceIsToBeTold) {
  settings.extra = parse(R"({"thinking":{"type":"enabled","budget_tokens":1024},"max_tokens":9})");
  settings.cache_prompt = false;

  ask_whole();

  EXPECT_EQ(sent("/thinking/budget_tokens"), "1024");
  EXPECT_EQ(sent("/max_tokens"), "9");
  EXPECT_EQ(sent("/messages/0/content/1/cache_control"), "(none)");
}

TEST_F(AnthropicTest, GivesTheTransferTheTimeThatTheTurnHas) {
  request.deadline = clock.now() + std::chrono::seconds{30};
  settings.timeout = std::chrono::seconds{20};
  reply(sse({kStart, kEndOfTurn, kStop}));
  EXPECT_TRUE(ask());
  EXPECT_EQ(service.sent.back().timeout, std::chrono::seconds{30});
  EXPECT_EQ(service.sent.back().max_silence, std::chrono::seconds{20});

  ask_whole();
  EXPECT_EQ(service.sent.back().timeout, std::chrono::seconds{20});

  service.replies.push_back(testing::transport_failure(http::Failure::Cancelled));
  EXPECT_EQ(error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace ebagent::models
