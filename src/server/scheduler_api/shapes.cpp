#include "server/scheduler_api/shapes.hpp"

#include <limits>

#include "server/scheduler_api/patterns.hpp"

namespace ebagent::server::scheduler_api::shapes {
namespace {

using aws_api::Member;
using Type = Shape::Type;

constexpr Shape text(std::int64_t min, std::int64_t max) {
  return {.type = Type::String, .min = min, .max = max};
}
constexpr Shape text_like(std::int64_t min, std::int64_t max, bool (*satisfies)(std::string_view),
                          std::string_view pattern) {
  return {.type = Type::String, .min = min, .max = max, .satisfies = satisfies, .pattern = pattern};
}
constexpr Shape one_of(std::span<const std::string_view> values) {
  return {.type = Type::String, .values = values};
}
constexpr Shape number(std::int64_t min, std::int64_t max) {
  return {.type = Type::Integer, .min = min, .max = max};
}
constexpr Shape list_of(const Shape& element, std::int64_t min, std::int64_t max) {
  return {.type = Type::List, .min = min, .max = max, .element = &element};
}
constexpr Shape structure(std::span<const Member> members) {
  return {.type = Type::Structure, .members = members};
}

constexpr Shape kBoolean{.type = Type::Boolean};
constexpr Shape kTimestamp{.type = Type::Timestamp};
constexpr Shape kName = text_like(1, 64, is_name, "^[0-9a-zA-Z-_.]+$");
constexpr Shape kClientToken = text_like(1, 64, is_client_token, "^[a-zA-Z0-9-_]+$");
constexpr Shape kNextToken = text(1, 2048);
constexpr Shape kMaxResults = number(1, 100);
constexpr Shape kDescription = text(0, 512);
constexpr Shape kExpression = text(1, 256);
constexpr Shape kTimezone = text(1, 50);
constexpr Shape kKmsKey = text_like(
    1, 2048, is_kms_key_arn, R"(^arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$)");
constexpr std::string_view kStates[] = {"ENABLED", "DISABLED"};
constexpr Shape kState = one_of(kStates);
constexpr std::string_view kActions[] = {"NONE", "DELETE"};
constexpr Shape kAction = one_of(kActions);

constexpr std::string_view kModes[] = {"OFF", "FLEXIBLE"};
constexpr Shape kMode = one_of(kModes);
constexpr Shape kWindowMinutes = number(1, 1440);
constexpr Member kWindowMembers[] = {{"MaximumWindowInMinutes", &kWindowMinutes}, {"Mode", &kMode, true}};
constexpr Shape kWindow = structure(kWindowMembers);

// ---- targets
constexpr Shape kTargetArn = text(1, 1600);
constexpr Shape kRoleArn =
    text_like(1, 1600, is_role_arn, R"(^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+$)");
constexpr Shape kQueueArn =
    text_like(1, 1600, is_queue_arn, R"(^arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+$)");
constexpr Member kDeadLetterMembers[] = {{"Arn", &kQueueArn}};
constexpr Shape kDeadLetterConfig = structure(kDeadLetterMembers);
constexpr Shape kEventAge = number(60, 86'400);
constexpr Shape kAttempts = number(0, 185);
constexpr Member kRetryMembers[] = {{"MaximumEventAgeInSeconds", &kEventAge},
                                    {"MaximumRetryAttempts", &kAttempts}};
constexpr Shape kRetryPolicy = structure(kRetryMembers);
constexpr Shape kInput = text(1, Shape::kUnbounded);
constexpr Shape kDetailType = text(1, 128);
constexpr Shape kSource =
    text_like(1, 256, is_source, R"(^(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$)");
constexpr Member kEventBridgeMembers[] = {{"DetailType", &kDetailType, true}, {"Source", &kSource, true}};
constexpr Shape kEventBridge = structure(kEventBridgeMembers);
constexpr Shape kPartitionKey = text(1, 256);
constexpr Member kKinesisMembers[] = {{"PartitionKey", &kPartitionKey, true}};
constexpr Shape kKinesis = structure(kKinesisMembers);
constexpr Shape kMessageGroup = text(1, 128);
constexpr Member kSqsMembers[] = {{"MessageGroupId", &kMessageGroup}};
constexpr Shape kSqs = structure(kSqsMembers);

constexpr Shape kPipelineName = text_like(1, 256, is_pipeline_name, R"(^[A-Za-z0-9\-_]*$)");
constexpr Shape kPipelineValue = text(1, 1024);
constexpr Member kPipelineMembers[] = {{"Name", &kPipelineName, true}, {"Value", &kPipelineValue, true}};
constexpr Shape kPipelineParameter = structure(kPipelineMembers);
constexpr Shape kPipelineParameters = list_of(kPipelineParameter, 0, 200);
constexpr Member kSageMakerMembers[] = {{"PipelineParameterList", &kPipelineParameters}};
constexpr Shape kSageMaker = structure(kSageMakerMembers);

constexpr Shape kShortText = text(1, 255);
constexpr Shape kWeight = number(0, 1'000);
constexpr Shape kBase = number(0, 100'000);
constexpr Member kProviderMembers[] = {
    {"base", &kBase}, {"capacityProvider", &kShortText, true}, {"weight", &kWeight}};
constexpr Shape kProvider = structure(kProviderMembers);
constexpr Shape kProviders = list_of(kProvider, 0, 6);
constexpr std::string_view kLaunchTypes[] = {"EC2", "FARGATE", "EXTERNAL"};
constexpr Shape kLaunchType = one_of(kLaunchTypes);
constexpr Shape kAssignPublicIp = one_of(kStates);
constexpr Shape kSubnet = text(1, 1'000);
constexpr Shape kSecurityGroups = list_of(kSubnet, 1, 5);
constexpr Shape kSubnets = list_of(kSubnet, 1, 16);
constexpr Member kVpcMembers[] = {
    {"AssignPublicIp", &kAssignPublicIp}, {"SecurityGroups", &kSecurityGroups}, {"Subnets", &kSubnets, true}};
constexpr Shape kVpc = structure(kVpcMembers);
constexpr Member kNetworkMembers[] = {{"awsvpcConfiguration", &kVpc}};
constexpr Shape kNetwork = structure(kNetworkMembers);
constexpr Shape kConstraintExpression = text(0, 2'000);
constexpr std::string_view kConstraintTypes[] = {"distinctInstance", "memberOf"};
constexpr Shape kConstraintType = one_of(kConstraintTypes);
constexpr Member kConstraintMembers[] = {{"expression", &kConstraintExpression}, {"type", &kConstraintType}};
constexpr Shape kConstraint = structure(kConstraintMembers);
constexpr Shape kConstraints = list_of(kConstraint, 0, 10);
constexpr Shape kStrategyField = text(0, 255);
constexpr std::string_view kStrategyTypes[] = {"random", "spread", "binpack"};
constexpr Shape kStrategyType = one_of(kStrategyTypes);
constexpr Member kStrategyMembers[] = {{"field", &kStrategyField}, {"type", &kStrategyType}};
constexpr Shape kStrategy = structure(kStrategyMembers);
constexpr Shape kStrategies = list_of(kStrategy, 0, 5);
constexpr Shape kPlatform = text(1, 64);
constexpr std::string_view kPropagations[] = {"TASK_DEFINITION"};
constexpr Shape kPropagation = one_of(kPropagations);
constexpr Shape kReference = text(0, 1'024);
constexpr Shape kTagKey = text(1, 128);
constexpr Shape kTagValue = text(1, 256);
constexpr Shape kTagMap{.type = Type::Map, .element = &kTagValue, .key = &kTagKey};
constexpr Shape kTagMaps = list_of(kTagMap, 0, 50);
constexpr Shape kTaskCount = number(1, 10);
constexpr Shape kTaskDefinition = text(1, 1'600);
constexpr Member kEcsMembers[] = {{"CapacityProviderStrategy", &kProviders},
                                  {"EnableECSManagedTags", &kBoolean},
                                  {"EnableExecuteCommand", &kBoolean},
                                  {"Group", &kShortText},
                                  {"LaunchType", &kLaunchType},
                                  {"NetworkConfiguration", &kNetwork},
                                  {"PlacementConstraints", &kConstraints},
                                  {"PlacementStrategy", &kStrategies},
                                  {"PlatformVersion", &kPlatform},
                                  {"PropagateTags", &kPropagation},
                                  {"ReferenceId", &kReference},
                                  {"Tags", &kTagMaps},
                                  {"TaskCount", &kTaskCount},
                                  {"TaskDefinitionArn", &kTaskDefinition, true}};
constexpr Shape kEcs = structure(kEcsMembers);

constexpr Member kTargetMembers[] = {{"Arn", &kTargetArn, true},
                                     {"DeadLetterConfig", &kDeadLetterConfig},
                                     {"EcsParameters", &kEcs},
                                     {"EventBridgeParameters", &kEventBridge},
                                     {"Input", &kInput},
                                     {"KinesisParameters", &kKinesis},
                                     {"RetryPolicy", &kRetryPolicy},
                                     {"RoleArn", &kRoleArn, true},
                                     {"SageMakerPipelineParameters", &kSageMaker},
                                     {"SqsParameters", &kSqs}};
constexpr Shape kTarget = structure(kTargetMembers);

// ---- inputs
constexpr Member kPutScheduleMembers[] = {{"ActionAfterCompletion", &kAction},
                                          {"ClientToken", &kClientToken},
                                          {"Description", &kDescription},
                                          {"EndDate", &kTimestamp},
                                          {"FlexibleTimeWindow", &kWindow, true},
                                          {"GroupName", &kName},
                                          {"KmsKeyArn", &kKmsKey},
                                          {"Name", &kName, true},
                                          {"ScheduleExpression", &kExpression, true},
                                          {"ScheduleExpressionTimezone", &kTimezone},
                                          {"StartDate", &kTimestamp},
                                          {"State", &kState},
                                          {"Target", &kTarget, true}};
constexpr Member kScheduleReferenceMembers[] = {
    {"ClientToken", &kClientToken}, {"GroupName", &kName}, {"Name", &kName, true}};
constexpr Member kListSchedulesMembers[] = {{"GroupName", &kName},
                                            {"MaxResults", &kMaxResults},
                                            {"NamePrefix", &kName},
                                            {"NextToken", &kNextToken},
                                            {"State", &kState}};
constexpr Member kTagMembers[] = {{"Key", &kTagKey, true}, {"Value", &kTagValue, true}};
constexpr Shape kTag = structure(kTagMembers);
constexpr Shape kTags = list_of(kTag, 0, 200);
constexpr Member kCreateGroupMembers[] = {
    {"ClientToken", &kClientToken}, {"Name", &kName, true}, {"Tags", &kTags}};
constexpr Member kGroupReferenceMembers[] = {{"ClientToken", &kClientToken}, {"Name", &kName, true}};
constexpr Member kListGroupsMembers[] = {
    {"MaxResults", &kMaxResults}, {"NamePrefix", &kName}, {"NextToken", &kNextToken}};
constexpr Shape kGroupArn =
    text_like(1, 1'011, is_group_arn,
              R"(^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+$)");
constexpr Shape kTagKeys = list_of(kTagKey, 0, 200);
constexpr Member kTagResourceMembers[] = {{"ResourceArn", &kGroupArn, true}, {"Tags", &kTags, true}};
constexpr Member kUntagResourceMembers[] = {{"ResourceArn", &kGroupArn, true}, {"TagKeys", &kTagKeys, true}};
constexpr Member kListTagsMembers[] = {{"ResourceArn", &kGroupArn, true}};

}  // namespace

const Shape kPutSchedule = structure(kPutScheduleMembers);
const Shape kScheduleReference = structure(kScheduleReferenceMembers);
const Shape kListSchedules = structure(kListSchedulesMembers);
const Shape kCreateScheduleGroup = structure(kCreateGroupMembers);
const Shape kGroupReference = structure(kGroupReferenceMembers);
const Shape kListScheduleGroups = structure(kListGroupsMembers);
const Shape kTagResource = structure(kTagResourceMembers);
const Shape kUntagResource = structure(kUntagResourceMembers);
const Shape kListTagsForResource = structure(kListTagsMembers);

}  // namespace ebagent::server::scheduler_api::shapes
