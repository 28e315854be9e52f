#include "models/turn_record.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace ebagent::models {
namespace {

Turn full_turn() {
  return {.calls = {{.id = "call_1",
                     .name = "look",
                     .tool = "s3_head",
                     .input = boost::json::object{{"bucket", "b"}},
                     .on_error = OnError::Fail},
                    {.tool = "s3_get", .input = boost::json::object{}, .malformed = "{\"bucket\":"}},
          .text = "Let me look.",
          .end = TurnEnd::MaxTokens,
          .usage = {.input = 1, .output = 2, .cache_read = 3, .cache_write = 4},
          .model = "m-1",
          .content = boost::json::array{1}};
}

TEST(TurnRecord, HoldsAllOfATurn) {
  const Turn turn = full_turn();

  const Turn back = turn_from_record(to_record(turn)).value();

  EXPECT_EQ(core::write_json(to_record(back)), core::write_json(to_record(turn)));
  EXPECT_EQ(back.calls.at(0).on_error, OnError::Fail);
  EXPECT_EQ(back.calls.at(1).malformed, "{\"bucket\":");
  EXPECT_EQ(back.end, TurnEnd::MaxTokens);
  EXPECT_EQ(back.usage, turn.usage);
}

TEST(TurnRecord, LeavesOutWhatSaysNothing) {
  EXPECT_EQ(core::write_json(to_record({.text = "done"})), R"({"text":"done"})");
}

TEST(TurnRecord, RefusesWhatIsNoTurn) {
  for (const char* text : {"1", R"({"calls":1})", R"({"calls":[{}]})", R"({"usage":[]})", R"({"text":1})"}) {
    EXPECT_EQ(turn_from_record(core::parse_json(text).value()).error().code, ErrorCode::Malformed) << text;
  }
}

}  // namespace
}  // namespace ebagent::models
