#include <gtest/gtest.h>

#include "bus/rule.hpp"
#include "core/json.hpp"

namespace ebagent::bus {
namespace {

Result<Target> parsed(std::string_view text) {
  return parse_target(core::parse_json(text).value().as_object());
}

TEST(Target, IsReadFromTheShapeOfTheAwsApiAndWrittenBack) {
  const std::string text =
      R"({"Id":"1","Arn":"arn:aws:sqs:us-west-2:123:jobs.fifo","RoleArn":"arn:aws:iam::123:role/r",)"
      R"("InputTransformer":{"InputPathsMap":{"id":"$.detail.id"},"InputTemplate":"<id>"},)"
      R"("SqsParameters":{"MessageGroupId":"g"},"DeadLetterConfig":{"Arn":"arn:aws:sqs:us-west-2:123:dead"},)"
      R"("RetryPolicy":{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":60}})";

  const Target target = parsed(text).value();

  EXPECT_EQ(target.retry->max_attempts, 3);
  EXPECT_EQ(target.input_transformer->input_paths.at("id"), "$.detail.id");
  EXPECT_EQ(target.dead_letter_arn, "arn:aws:sqs:us-west-2:123:dead");
  EXPECT_EQ(core::write_json(to_json(target)), text);
}

TEST(Target, TakesNullForAMemberThatIsNotThere) {
  EXPECT_EQ(parsed(R"({"Id":"1","Arn":"arn","Input":null,"RetryPolicy":null})").value(),
            (Target{.id = "1", .arn = "arn"}));
}

TEST(Target, RefusesMembersOfTheWrongType) {
  for (const char* text :
       {R"({"Id":1})", R"({"Arn":[]})", R"({"Input":{}})", R"({"RetryPolicy":5})",
        R"({"RetryPolicy":{"MaximumRetryAttempts":"3"}})", R"({"RetryPolicy":{"MaximumRetryAttempts":1.5}})",
        R"({"InputTransformer":"<a>"})", R"({"InputTransformer":{"InputPathsMap":{"a":1}}})",
        R"({"DeadLetterConfig":[]})"}) {
    const auto target = parsed(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, ErrorCode::Malformed) << text;
  }
}

TEST(Target, KeepsNumbersOutOfAnyRangeOutOfTheirs) {
  const Target target = parsed(R"({"RetryPolicy":{"MaximumRetryAttempts":4294967297}})").value();

  EXPECT_GT(target.retry->max_attempts, 185);
}

}  // namespace
}  // namespace ebagent::bus
