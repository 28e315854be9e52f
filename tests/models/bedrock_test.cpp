#include "models/bedrock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "models/model_fixture.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;
using testing::event;
using testing::frame;
using ::testing::HasSubstr;
using testing::ModelFixture;
using ::testing::Not;
using testing::parse;

std::string exception(std::string type, std::string_view message) {
  return frame({{":exception-type", std::move(type)}, {":message-type", "exception"}},
               R"({"message":")" + std::string{message} + "\"}");
}

std::string stop(std::string_view reason) {
  return event("messageStop", R"({"stopReason":")" + std::string{reason} + "\"}");
}

std::string counts() {
  return event(
      "metadata",
      R"({"usage":{"inputTokens":10,"outputTokens":20,"totalTokens":37,"cacheReadInputTokens":3,"cacheWriteInputTokens":4},"metrics":{"latencyMs":5},"p":"abcdef"})");
}

std::string text_stream(std::string_view reason = "end_turn") {
  return event("messageStart", R"({"role":"assistant","p":"abc"})") +
         event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hel"}})") +
         event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"lo"}})") +
         event("contentBlockStop", R"({"contentBlockIndex":0})") + stop(reason) + counts();
}

std::string text_answer(std::string_view reason = "end_turn") {
  return R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},"stopReason":")" +
         std::string{reason} + R"(","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})";
}

std::string stream_of_calls() {
  return event("messageStart", R"({"role":"assistant"})") +
         event("contentBlockDelta",
               R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Let me "}}})") +
         event("contentBlockDelta",
               R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"see."}}})") +
         event("contentBlockDelta",
               R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}})") +
         event("contentBlockStop", R"({"contentBlockIndex":0})") +
         event("contentBlockDelta",
               R"({"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"cmVk"}}})") +
         event("contentBlockStop", R"({"contentBlockIndex":1})") +
         event("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"text":"I look."}})") +
         event("contentBlockStop", R"({"contentBlockIndex":2})") +
         event("contentBlockStart",
               R"({"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"head"}}})") +
         event("contentBlockDelta", R"({"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"key\":"}}})") +
         event("contentBlockDelta", R"({"contentBlockIndex":3,"delta":{"toolUse":{"input":"\"k\"}"}}})") +
         event("contentBlockStop", R"({"contentBlockIndex":3})") +
         event("contentBlockStart",
               R"({"contentBlockIndex":4,"start":{"toolUse":{"toolUseId":"tooluse_2","name":"list"}}})") +
         event("contentBlockStop", R"({"contentBlockIndex":4})") + stop("tool_use") + counts();
}

class BedrockTest : public ModelFixture {
 protected:
  BedrockTest() {
    settings = {.provider = "bedrock",
                .model = "eu.anthropic.claude-sonnet-4-20250514-v1:0",
                .region = "eu-central-1"};
    environment["AWS_ACCESS_KEY_ID"] = "AKID";
    environment["AWS_SECRET_ACCESS_KEY"] = "secret";
  }
  void ask_whole() {
    settings.stream = false;
    reply(text_answer());
    EXPECT_TRUE(ask());
  }
};

TEST_F(BedrockTest, AsksWithInstructionsTaskDataAndTools) {
  reply(text_stream());
  settings.temperature = 0.5;

  EXPECT_TRUE(ask());

  EXPECT_EQ(service.sent.at(0).url,
            "https://bedrock-runtime.eu-central-1.amazonaws.com/model/"
            "eu.anthropic.claude-sonnet-4-20250514-v1%3A0/converse-stream");
  EXPECT_EQ(core::write_json(sent()), core::write_json(parse(R"({
      "messages":[{"role":"user","content":[{"text":"Look at this event."},{"text":"<event>{}</event>"},
                                            {"cachePoint":{"type":"default"}}]}],
      "inferenceConfig":{"maxTokens":4096,"temperature":0.5},
      "system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}}],
      "toolConfig":{"tools":[{"toolSpec":{"name":"head",
          "inputSchema":{"json":{"type":"object","properties":{"key":{"type":"string"}}}},
          "description":"Looks at an object."}}]}})")));
}

TEST_F(BedrockTest, SignsEachTryAnew) {
  environment["AWS_SESSION_TOKEN"] = "token";
  refuse(503, "{}", {{"x-amzn-ErrorType", "ServiceUnavailableException"}, {"retry-after", "30"}});
  reply(text_stream());

  EXPECT_TRUE(ask());

  const std::string first = testing::header(service.sent.at(0), "Authorization");
  EXPECT_THAT(first, HasSubstr("Credential=AKID/20260126/eu-central-1/bedrock/aws4_request"));
  EXPECT_THAT(first, HasSubstr("SignedHeaders=accept;content-type;host;x-amz-date;x-amz-security-token,"));
  EXPECT_NE(first, testing::header(service.sent.at(1), "Authorization"));
  EXPECT_EQ(testing::header(service.sent.at(1), "X-Amz-Date"), "20260126T160030Z");
  EXPECT_EQ(testing::header(service.sent.at(1), "X-Amz-Security-Token"), "token");
}

// The signature that botocore 1.43.11's SigV4Auth makes of this request.
TEST_F(BedrockTest, EncodesThePathTwiceInItsSignature) {
  settings.url = "https://bedrock-runtime.eu-central-1.amazonaws.com";
  settings.stream = false;
  conversation.instructions.clear();
  conversation.task = "Hi";
  conversation.data.clear();
  conversation.tools.clear();
  settings.cache_prompt = false;
  reply(text_answer());

  EXPECT_TRUE(ask());

  EXPECT_EQ(
      service.sent.at(0).body,
      R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":4096}})");
  EXPECT_THAT(testing::header(service.sent.at(0), "Authorization"),
              HasSubstr("Signature=1e68a1fd4c61b7d3671d53055bfd0a59a4e0bc9900c3e89aecba88eab9866c16"));
}

TEST_F(BedrockTest, TakesABearerKeyBeforeCredentials) {
  environment["AWS_BEARER_TOKEN_BEDROCK"] = "usual";
  reply(text_stream());
  EXPECT_TRUE(ask());
  EXPECT_EQ(testing::header(service.sent.back(), "Authorization"), "Bearer usual");
  EXPECT_EQ(testing::header(service.sent.back(), "X-Amz-Date"), "");

  settings.api_key = "env:OWN";
  environment["OWN"] = "own";
  reply(text_stream());
  EXPECT_TRUE(ask());
  EXPECT_EQ(testing::header(service.sent.back(), "Authorization"), "Bearer own");
}

TEST_F(BedrockTest, FindsItsRegionAndItsKeysAtTheFirstTurn) {
  environment.clear();
  settings.region.clear();
  ASSERT_TRUE(make());
  EXPECT_EQ(error(), (Error{ErrorCode::InvalidArgument,
                            "Bedrock needs a region: set it in the model's settings, or AWS_REGION."}));
  environment["AWS_DEFAULT_REGION"] = "us-west-2";
  EXPECT_EQ(error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(error().message, HasSubstr("There are no AWS credentials"));
  EXPECT_THAT(error().message, HasSubstr("AWS_BEARER_TOKEN_BEDROCK"));
  environment["AWS_BEARER_TOKEN_BEDROCK"] = "key";

  const auto url = [&] {
    reply(text_stream());
    EXPECT_TRUE(ask());
    return service.sent.back().url;
  };
  EXPECT_THAT(url(), HasSubstr("https://bedrock-runtime.us-west-2.amazonaws.com/"));
  environment["AWS_REGION"] = "cn-north-1";
  EXPECT_THAT(url(), HasSubstr("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/"));
  settings.model = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc";
  EXPECT_EQ(
      url(),
      "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
      "arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2Fabc/converse-stream");
  environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://127.0.0.1:9/base/";
  EXPECT_THAT(url(), HasSubstr("http://127.0.0.1:9/base/model/arn%3A"));
  environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_THAT(url(), HasSubstr("https://bedrock-runtime.eu-west-1."));
  EXPECT_EQ(service.replies.size(), 0u);
}

TEST_F(BedrockTest, SignsWithAnyKeysForThisMachine) {
  environment.clear();
  settings.url = "http://127.0.0.1:9";
  reply(text_stream());

  EXPECT_TRUE(ask());

  EXPECT_THAT(testing::header(service.sent.back(), "Authorization"), HasSubstr("Credential=test/"));
}

TEST_F(BedrockTest, ReadsAStreamAlikeWhateverThePiecesInWhichItComes) {
  for (const std::size_t piece : {0, 1, 11, 500}) {
    reply(stream_of_calls(), piece);
    std::string streamed;
    request.on_text = [&](std::string_view text) { streamed += text; };

    const Turn turn = this->turn();

    ASSERT_EQ(turn.calls.size(), 2u);
    EXPECT_EQ(turn.calls[0].id, "tooluse_1");
    EXPECT_EQ(turn.calls[0].tool, "head");
    EXPECT_EQ(core::write_json(turn.calls[0].input), R"({"key":"k"})");
    EXPECT_EQ(core::write_json(turn.calls[1].input), "{}");
    EXPECT_EQ(turn.calls[1].malformed, "");
    EXPECT_EQ(turn.text, "I look.");
    EXPECT_EQ(streamed, "I look.");
    EXPECT_EQ(turn.end, TurnEnd::ToolCalls);
    EXPECT_EQ(turn.usage, (Usage{.input = 10, .output = 20, .cache_read = 3, .cache_write = 4}));
  }
}

TEST_F(BedrockTest, GivesReasoningBackWordForWordAndEachResultInTheNextMessage) {
  reply(stream_of_calls());
  conversation.exchanges.push_back(
      {.turn = turn(),
       .outcomes = {Result<json::value>("found"), fail(ErrorCode::NotFound, "gone")},
       .feedback = "Go on."});
  settings.cache_prompt = false;

  ask_whole();

  EXPECT_EQ(sent("/messages/1/content"), core::write_json(parse(R"([
      {"reasoningContent":{"reasoningText":{"text":"Let me see.","signature":"c2ln"}}},
      {"reasoningContent":{"redactedContent":"cmVk"}},
      {"text":"I look."},
      {"toolUse":{"toolUseId":"tooluse_1","name":"head","input":{"key":"k"}}},
      {"toolUse":{"toolUseId":"tooluse_2","name":"list","input":{}}}])")));
  EXPECT_EQ(sent("/messages/2"), core::write_json(parse(R"({"role":"user","content":[
      {"toolResult":{"toolUseId":"tooluse_1","content":[{"text":"found"}],"status":"success"}},
      {"toolResult":{"toolUseId":"tooluse_2","content":[{"text":"gone"}],"status":"error"}},
      {"text":"Go on."}]})")));
}

TEST_F(BedrockTest, ReadsAWholeAnswer) {
  settings.stream = false;
  reply(R"({"output":{"message":{"role":"assistant","content":[{"text":"One."},
      {"reasoningContent":{"reasoningText":{"text":"unsigned"}}},
      {"toolUse":{"toolUseId":"t","name":"head","input":{"key":"k"}}}]}},"stopReason":"tool_use",
      "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":1}})");

  const Turn turn = this->turn();

  EXPECT_THAT(service.sent.back().url, HasSubstr("/converse"));
  EXPECT_THAT(service.sent.back().url, Not(HasSubstr("stream")));
  EXPECT_EQ(turn.text, "One.");
  EXPECT_EQ(core::write_json(turn.calls.at(0).input), R"({"key":"k"})");
  EXPECT_EQ(turn.usage, (Usage{.input = 1, .output = 2}));
  EXPECT_TRUE(turn.content.is_null());
}

TEST_F(BedrockTest, KnowsWhyATurnEnded) {
  const std::pair<std::string_view, TurnEnd> ends[] = {
      {"end_turn", TurnEnd::Answer},          {"stop_sequence", TurnEnd::Answer},
      {"max_tokens", TurnEnd::MaxTokens},     {"guardrail_intervened", TurnEnd::Guardrail},
      {"content_filtered", TurnEnd::Refusal}, {"model_context_window_exceeded", TurnEnd::ContextFull}};
  for (const auto& [reason, end] : ends) {
    reply(text_stream(reason));
    const Turn turn = this->turn();
    EXPECT_EQ(turn.end, end) << reason;
    EXPECT_EQ(turn.text, "Hello");
  }
  settings.attempts = 1;
  for (const std::string_view reason : {"malformed_model_output", "malformed_tool_use"}) {
    reply(text_stream(reason));
    EXPECT_EQ(error().code, ErrorCode::Malformed);
  }
}

TEST_F(BedrockTest, GuardsTheDataAndNothingElse) {
  settings.guardrail_id = "gr1";

  ask_whole();

  EXPECT_EQ(sent("/guardrailConfig"), R"({"guardrailIdentifier":"gr1","guardrailVersion":"DRAFT"})");
  EXPECT_EQ(sent("/messages/0/content/0"), R"({"text":"Look at this event."})");
  EXPECT_EQ(sent("/messages/0/content/1"), R"({"guardContent":{"text":{"text":"<event>{}</event>"}}})");
  settings.guardrail_version = "3";
  ask_whole();
  EXPECT_EQ(sent("/guardrailConfig/guardrailVersion"), "\"3\"");
}

TEST_F(BedrockTest, KeepsToolsDeclaredWhileTheHistoryHoldsCalls) {
  conversation.tools.clear();
  ask_whole();
  EXPECT_EQ(sent("/toolConfig"), "(none)");

  exchange(head_call(), json::value(1));
  ask_whole();
  EXPECT_EQ(sent("/toolConfig/tools/0/toolSpec/name"), "\"head\"");
}

TEST_F(BedrockTest, AsksWithoutCachingWhereAModelHasNoneAndRemembers) {
  settings.stream = false;
  const std::pair<int, std::string> refusals[] = {{403,
                                                   "You invoked an unsupported model or your request did not "
                                                   "allow prompt caching. See the documentation."},
                                                  {400,
                                                   "Malformed input request: #/messages/6/content/0: "
                                                   "extraneous key [cachePoint] is not permitted, please "
                                                   "reformat your input and try again."}};
  for (const auto& [status, message] : refusals) {
    service.sent.clear();
    refuse(status, R"({"message":")" + message + "\"}", {{"x-amzn-ErrorType", "ValidationException"}});
    reply(text_answer());
    reply(text_answer());
    auto model = make().value();

    EXPECT_TRUE(model->next(conversation, {}));
    EXPECT_TRUE(model->next(conversation, {}));

    ASSERT_EQ(service.sent.size(), 3u);
    EXPECT_THAT(service.sent[0].body, HasSubstr("cachePoint"));
    EXPECT_THAT(service.sent[1].body, Not(HasSubstr("cachePoint")));
    EXPECT_EQ(service.sent[1].body, service.sent[2].body);
  }
}

TEST_F(BedrockTest, AnErrorInTheMiddleOfAStreamIsOfItsClass) {
  settings.attempts = 1;
  const std::string begun = event("messageStart", R"({"role":"assistant"})");
  const std::pair<std::string, ErrorCode> errors[] = {{"throttlingException", ErrorCode::Overloaded},
                                                      {"serviceUnavailableException", ErrorCode::Unavailable},
                                                      {"internalServerException", ErrorCode::Unavailable},
                                                      {"modelStreamErrorException", ErrorCode::Unavailable},
                                                      {"validationException", ErrorCode::InvalidArgument}};
  for (const auto& [type, code] : errors) {
    reply(begun + exception(type, "why"));
    EXPECT_EQ(error(), (Error{code, "Bedrock broke its answer off with " + type + ": why"}));
  }
  reply(begun + exception("validationException", "Input is too long for requested model."));
  EXPECT_EQ(turn().end, TurnEnd::ContextFull);
  reply(
      begun +
      frame({{":message-type", "error"}, {":error-code", "InternalFailure"}, {":error-message", "why"}}, ""));
  EXPECT_EQ(error(),
            (Error{ErrorCode::Unavailable, "Bedrock broke its answer off with InternalFailure: why"}));
}

TEST_F(BedrockTest, AStreamThatBreaksOffIsAskedForAnewWhereverItIsCut) {
  const std::string whole = text_stream();
  const std::size_t last_event = whole.size() - counts().size();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    if (size == last_event) continue;
    service.sent.clear();
    reply(whole.substr(0, size));
    reply(whole);
    EXPECT_EQ(turn().text, "Hello");
    EXPECT_EQ(service.sent.size(), 2u) << size;
  }
}

TEST_F(BedrockTest, WhatIsNoAnswerIsTriedAgainAndThenMalformed) {
  settings.attempts = 2;
  std::string wrong_crc = text_stream();
  wrong_crc[20] = static_cast<char>(wrong_crc[20] ^ 1);
  for (const std::string& body : {wrong_crc, std::string{"HTTP is something else"},
                                  event("contentBlockDelta", "{}"), event("contentBlockStart", "{}"),
                                  event("contentBlockDelta", "[]"), event("messageStop", "no JSON")}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
  settings.stream = false;
  for (const std::string body : {"<html>", "[]", "{}", R"({"output":{"message":{"content":[1]}}})"}) {
    reply(body);
    reply(body);
    EXPECT_EQ(error().code, ErrorCode::Malformed) << body;
  }
}

TEST_F(BedrockTest, ReadsErrorsInEachForm) {
  settings.attempts = 1;
  refuse(400, R"({"message":"no"})",
         {{"x-amzn-ErrorType", "ValidationException:http://internal.amazon.com/coral/"}});
  EXPECT_EQ(error(), (Error{ErrorCode::InvalidArgument, "Bedrock answered 400 ValidationException: no"}));
  refuse(404, R"({"__type":"com.amazonaws.bedrock#ResourceNotFoundException","Message":"no model"})");
  EXPECT_EQ(error(),
            (Error{ErrorCode::NotFound, "Bedrock answered 404 ResourceNotFoundException: no model"}));
  refuse(403, R"({"Message":"signature AKID"})", {{"x-amzn-ErrorType", "UnrecognizedClientException"}});
  EXPECT_EQ(error().message, "Bedrock answered 403 UnrecognizedClientException: it does not accept the key.");
  refuse(500, "oops");
  EXPECT_EQ(error(), (Error{ErrorCode::Unavailable, "Bedrock answered 500"}));
}

TEST_F(BedrockTest, TellsTheModelWhatElseItIsTold) {
  settings.extra = parse(R"({"thinking":{"type":"enabled","budget_tokens":1024}})");

  ask_whole();

  EXPECT_EQ(sent("/additionalModelRequestFields/thinking/budget_tokens"), "1024");
}

}  // namespace
}  // namespace ebagent::models
