#include "server/aws_api/shapes.hpp"

#include "server/aws_api/patterns.hpp"
#include "server/aws_api/shape_forms.hpp"

namespace ebagent::server::aws_api::shapes {
namespace {

constexpr std::string_view kBusPattern =
    R"((arn:aws[\w-]*:events:[a-z]{2}-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+)";

constexpr Shape kBoolean{.type = Shape::Type::Boolean};
constexpr Shape kText{.type = Shape::Type::String};
constexpr Shape kTextList = list_of(kText);
constexpr Shape kInteger =
    number(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
constexpr Shape kArn = text(1, 1600);
constexpr Shape kName = text_like(1, 64, is_resource_name, R"([\.\-_A-Za-z0-9]+)");
constexpr Shape kBusName = text_like(1, 256, is_bus_name, R"([/\.\-_A-Za-z0-9]+)");
constexpr Shape kBusNameOrArn = text_like(1, 1600, is_bus_name_or_arn, kBusPattern);
constexpr Shape kNextToken = text(1, 2048);
constexpr Shape kLimit = number(1, 100);
constexpr Shape kEventPattern = text(0, 4096);
constexpr Shape kScheduleExpression = text(0, 256);
constexpr Shape kDescription = text(0, 512);

constexpr std::string_view kRuleStates[] = {"ENABLED", "DISABLED",
                                            "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"};
constexpr Shape kRuleState = one_of(kRuleStates);

constexpr Shape kTagKey = text(1, 128);
constexpr Shape kTagValue = text(0, 256);
constexpr Member kTagMembers[] = {{"Key", &kTagKey, true}, {"Value", &kTagValue, true}};
constexpr Shape kTag = structure(kTagMembers);
constexpr Shape kTags = list_of(kTag);

// ---- targets: what every target may say
// --------------------------------------------------------------------

constexpr Shape kInput = text(0, 8192);
constexpr Shape kInputPath = text(0, 256);
constexpr Shape kInputPathKey = text_like(1, 256, is_input_path_key, R"([A-Za-z0-9\_\-]+)");
constexpr Shape kInputPathsMap = map_of(kInputPathKey, kInputPath, 100);
constexpr Shape kInputTemplate = text(1, 8192);
constexpr Member kInputTransformerMembers[] = {{"InputPathsMap", &kInputPathsMap},
                                               {"InputTemplate", &kInputTemplate, true}};
constexpr Shape kInputTransformer = structure(kInputTransformerMembers);

constexpr Member kDeadLetterMembers[] = {{"Arn", &kArn}};
constexpr Shape kDeadLetterConfig = structure(kDeadLetterMembers);

constexpr Shape kRetryAttempts = number(0, 185);
constexpr Shape kEventAge = number(60, 86400);
constexpr Member kRetryMembers[] = {{"MaximumRetryAttempts", &kRetryAttempts},
                                    {"MaximumEventAgeInSeconds", &kEventAge}};
constexpr Shape kRetryPolicy = structure(kRetryMembers);

// ---- targets: what only one kind of target reads
// -----------------------------------------------------------

constexpr Member kKinesisMembers[] = {{"PartitionKeyPath", &kInputPath, true}};
constexpr Shape kKinesis = structure(kKinesisMembers);

constexpr Shape kRunCommandKey = text(1, 128);
constexpr Shape kRunCommandValue = text(1, 256);
constexpr Shape kRunCommandValues = list_of(kRunCommandValue, 1, 50);
constexpr Member kRunCommandTargetMembers[] = {{"Key", &kRunCommandKey, true},
                                               {"Values", &kRunCommandValues, true}};
constexpr Shape kRunCommandTarget = structure(kRunCommandTargetMembers);
constexpr Shape kRunCommandTargets = list_of(kRunCommandTarget, 1, 5);
constexpr Member kRunCommandMembers[] = {{"RunCommandTargets", &kRunCommandTargets, true}};
constexpr Shape kRunCommand = structure(kRunCommandMembers);

constexpr std::string_view kLaunchTypes[] = {"EC2", "FARGATE", "EXTERNAL"};
constexpr Shape kLaunchType = one_of(kLaunchTypes);
constexpr std::string_view kPublicIpChoices[] = {"ENABLED", "DISABLED"};
constexpr Shape kPublicIp = one_of(kPublicIpChoices);
constexpr Member kVpcMembers[] = {
    {"Subnets", &kTextList, true}, {"SecurityGroups", &kTextList}, {"AssignPublicIp", &kPublicIp}};
constexpr Shape kVpc = structure(kVpcMembers);
constexpr Member kNetworkMembers[] = {{"awsvpcConfiguration", &kVpc}};
constexpr Shape kNetwork = structure(kNetworkMembers);
constexpr Shape kCapacityProvider = text(1, 255);
constexpr Shape kCapacityWeight = number(0, 1000);
constexpr Shape kCapacityBase = number(0, 100000);
constexpr Member kCapacityMembers[] = {
    {"capacityProvider", &kCapacityProvider, true}, {"weight", &kCapacityWeight}, {"base", &kCapacityBase}};
constexpr Shape kCapacityItem = structure(kCapacityMembers);
constexpr Shape kCapacityStrategy = list_of(kCapacityItem, 0, 6);
constexpr std::string_view kConstraintTypes[] = {"distinctInstance", "memberOf"};
constexpr Shape kConstraintType = one_of(kConstraintTypes);
constexpr Shape kConstraintExpression = text(0, 2000);
constexpr Member kConstraintMembers[] = {{"type", &kConstraintType}, {"expression", &kConstraintExpression}};
constexpr Shape kConstraint = structure(kConstraintMembers);
constexpr Shape kConstraints = list_of(kConstraint, 0, 10);
constexpr std::string_view kPlacementTypes[] = {"random", "spread", "binpack"};
constexpr Shape kPlacementType = one_of(kPlacementTypes);
constexpr Shape kPlacementField = text(0, 255);
constexpr Member kPlacementMembers[] = {{"type", &kPlacementType}, {"field", &kPlacementField}};
constexpr Shape kPlacement = structure(kPlacementMembers);
constexpr Shape kPlacements = list_of(kPlacement, 0, 5);
constexpr std::string_view kPropagations[] = {"TASK_DEFINITION"};
constexpr Shape kPropagation = one_of(kPropagations);
constexpr Shape kTaskCount = number(1, Shape::kUnbounded);
constexpr Shape kReferenceId = text(0, 1024);
constexpr Member kEcsMembers[] = {{"TaskDefinitionArn", &kArn, true},
                                  {"TaskCount", &kTaskCount},
                                  {"LaunchType", &kLaunchType},
                                  {"NetworkConfiguration", &kNetwork},
                                  {"PlatformVersion", &kText},
                                  {"Group", &kText},
                                  {"CapacityProviderStrategy", &kCapacityStrategy},
                                  {"EnableECSManagedTags", &kBoolean},
                                  {"EnableExecuteCommand", &kBoolean},
                                  {"PlacementConstraints", &kConstraints},
                                  {"PlacementStrategy", &kPlacements},
                                  {"PropagateTags", &kPropagation},
                                  {"ReferenceId", &kReferenceId},
                                  {"Tags", &kTags}};
constexpr Shape kEcs = structure(kEcsMembers);

constexpr Member kArrayMembers[] = {{"Size", &kInteger}};
constexpr Shape kArray = structure(kArrayMembers);
constexpr Member kBatchRetryMembers[] = {{"Attempts", &kInteger}};
constexpr Shape kBatchRetry = structure(kBatchRetryMembers);
constexpr Member kBatchMembers[] = {{"JobDefinition", &kText, true},
                                    {"JobName", &kText, true},
                                    {"ArrayProperties", &kArray},
                                    {"RetryStrategy", &kBatchRetry}};
constexpr Shape kBatch = structure(kBatchMembers);

constexpr Shape kMessageGroupId = text(0, 100);
constexpr Member kSqsMembers[] = {{"MessageGroupId", &kMessageGroupId}};
constexpr Shape kSqs = structure(kSqsMembers);

constexpr Shape kPathParameter = text_like(0, Shape::kUnbounded, is_path_parameter, R"(^(?!\s*$).+)");
constexpr Shape kPathParameters = list_of(kPathParameter);
constexpr Shape kHeaderKey = text_like(0, 512, is_header_name, R"(^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$)");
constexpr Shape kHeaderValue =
    text_like(0, 512, is_header_value, R"(^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$)");
constexpr Shape kHeaderParameters = map_of(kHeaderKey, kHeaderValue);
constexpr Shape kQueryKey = text_like(0, 512, is_query_name, R"([^\x00-\x1F\x7F]+)");
constexpr Shape kQueryValue = text_like(0, 512, is_query_value, R"([^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+)");
constexpr Shape kQueryParameters = map_of(kQueryKey, kQueryValue);
constexpr Member kHttpMembers[] = {{"PathParameterValues", &kPathParameters},
                                   {"HeaderParameters", &kHeaderParameters},
                                   {"QueryStringParameters", &kQueryParameters}};
constexpr Shape kHttp = structure(kHttpMembers);

constexpr Shape kDatabase = text(1, 64);
constexpr Shape kDbUser = text(1, 128);
constexpr Shape kSql = text(1, 100000);
constexpr Shape kStatementName = text(1, 500);
constexpr Member kRedshiftMembers[] = {
    {"SecretManagerArn", &kArn}, {"Database", &kDatabase, true},     {"DbUser", &kDbUser},
    {"Sql", &kSql, true},        {"StatementName", &kStatementName}, {"WithEvent", &kBoolean}};
constexpr Shape kRedshift = structure(kRedshiftMembers);

constexpr Shape kPipelineName = text_like(1, 256, is_pipeline_parameter, "^[a-zA-Z0-9](-*[a-zA-Z0-9])*$");
constexpr Shape kPipelineValue = text(0, 1024);
constexpr Member kPipelineParameterMembers[] = {{"Name", &kPipelineName, true},
                                                {"Value", &kPipelineValue, true}};
constexpr Shape kPipelineParameter = structure(kPipelineParameterMembers);
constexpr Shape kPipelineParameters = list_of(kPipelineParameter, 0, 200);
constexpr Member kPipelineMembers[] = {{"PipelineParameterList", &kPipelineParameters}};
constexpr Shape kPipeline = structure(kPipelineMembers);

constexpr Member kTargetMembers[] = {{"Id", &kName, true},
                                     {"Arn", &kArn, true},
                                     {"RoleArn", &kArn},
                                     {"Input", &kInput},
                                     {"InputPath", &kInputPath},
                                     {"InputTransformer", &kInputTransformer},
                                     {"KinesisParameters", &kKinesis},
                                     {"RunCommandParameters", &kRunCommand},
                                     {"EcsParameters", &kEcs},
                                     {"BatchParameters", &kBatch},
                                     {"SqsParameters", &kSqs},
                                     {"HttpParameters", &kHttp},
                                     {"RedshiftDataParameters", &kRedshift},
                                     {"SageMakerPipelineParameters", &kPipeline},
                                     {"DeadLetterConfig", &kDeadLetterConfig},
                                     {"RetryPolicy", &kRetryPolicy}};
constexpr Shape kTarget = structure(kTargetMembers);
constexpr Shape kTargets = list_of(kTarget, 1, 100);
constexpr Shape kTargetIds = list_of(kName, 1, 100);

// ---- operations
// --------------------------------------------------------------------------------------------

constexpr Member kPutRuleMembers[] = {{"Name", &kName, true},
                                      {"ScheduleExpression", &kScheduleExpression},
                                      {"EventPattern", &kEventPattern},
                                      {"State", &kRuleState},
                                      {"Description", &kDescription},
                                      {"RoleArn", &kArn},
                                      {"Tags", &kTags},
                                      {"EventBusName", &kBusNameOrArn}};
constexpr Member kRuleReferenceMembers[] = {
    {"Name", &kName, true}, {"EventBusName", &kBusNameOrArn}, {"Force", &kBoolean}};
constexpr Member kListRulesMembers[] = {
    {"NamePrefix", &kName}, {"EventBusName", &kBusNameOrArn}, {"NextToken", &kNextToken}, {"Limit", &kLimit}};
constexpr Member kListRuleNamesMembers[] = {{"TargetArn", &kArn, true},
                                            {"EventBusName", &kBusNameOrArn},
                                            {"NextToken", &kNextToken},
                                            {"Limit", &kLimit}};
constexpr Member kPutTargetsMembers[] = {
    {"Rule", &kName, true}, {"EventBusName", &kBusNameOrArn}, {"Targets", &kTargets, true}};
constexpr Member kListTargetsMembers[] = {
    {"Rule", &kName, true}, {"EventBusName", &kBusNameOrArn}, {"NextToken", &kNextToken}, {"Limit", &kLimit}};
constexpr Member kRemoveTargetsMembers[] = {{"Rule", &kName, true},
                                            {"EventBusName", &kBusNameOrArn},
                                            {"Ids", &kTargetIds, true},
                                            {"Force", &kBoolean}};
constexpr Member kTestEventPatternMembers[] = {{"EventPattern", &kEventPattern, true},
                                               {"Event", &kText, true}};
constexpr Member kListBusesMembers[] = {
    {"NamePrefix", &kBusName}, {"NextToken", &kNextToken}, {"Limit", &kLimit}};
constexpr Member kDescribeBusMembers[] = {{"Name", &kBusNameOrArn}};
constexpr Member kDeleteBusMembers[] = {{"Name", &kBusName, true}};

constexpr Shape kPartnerSource = text(1, 256);
constexpr Shape kKmsKey = text_like(0, 2048, is_kms_key, R"(^[a-zA-Z0-9_\-/:]*$)");
constexpr std::string_view kLogDetails[] = {"NONE", "FULL"};
constexpr Shape kLogDetail = one_of(kLogDetails);
constexpr std::string_view kLogLevels[] = {"OFF", "ERROR", "INFO", "TRACE"};
constexpr Shape kLogLevel = one_of(kLogLevels);
constexpr Member kLogMembers[] = {{"IncludeDetail", &kLogDetail}, {"Level", &kLogLevel}};
constexpr Shape kLogConfig = structure(kLogMembers);
constexpr Member kCreateBusMembers[] = {{"Name", &kBusName, true},
                                        {"EventSourceName", &kPartnerSource},
                                        {"Description", &kDescription},
                                        {"KmsKeyIdentifier", &kKmsKey},
                                        {"DeadLetterConfig", &kDeadLetterConfig},
                                        {"LogConfig", &kLogConfig},
                                        {"Tags", &kTags}};
constexpr Member kUpdateBusMembers[] = {{"Name", &kBusName},
                                        {"Description", &kDescription},
                                        {"KmsKeyIdentifier", &kKmsKey},
                                        {"DeadLetterConfig", &kDeadLetterConfig},
                                        {"LogConfig", &kLogConfig}};

constexpr Shape kOwnBusName = text_like(1, 256, is_resource_name, R"([\.\-_A-Za-z0-9]+)");
constexpr Shape kBusAction = text_like(1, 64, is_bus_action, "events:[a-zA-Z]+");
constexpr Shape kPrincipal = text_like(1, 12, is_principal, R"((\d{12}|\*))");
constexpr Shape kStatementId = text_like(1, 64, is_statement_id, "[a-zA-Z0-9-_]+");
constexpr Member kConditionMembers[] = {
    {"Type", &kText, true}, {"Key", &kText, true}, {"Value", &kText, true}};
constexpr Shape kCondition = structure(kConditionMembers);
constexpr Member kPutPermissionMembers[] = {{"EventBusName", &kOwnBusName}, {"Action", &kBusAction},
                                            {"Principal", &kPrincipal},     {"StatementId", &kStatementId},
                                            {"Condition", &kCondition},     {"Policy", &kText}};
constexpr Member kRemovePermissionMembers[] = {
    {"StatementId", &kStatementId}, {"RemoveAllPermissions", &kBoolean}, {"EventBusName", &kOwnBusName}};

constexpr Shape kTagKeys = list_of(kTagKey);
constexpr Member kTagResourceMembers[] = {{"ResourceARN", &kArn, true}, {"Tags", &kTags, true}};
constexpr Member kUntagResourceMembers[] = {{"ResourceARN", &kArn, true}, {"TagKeys", &kTagKeys, true}};
constexpr Member kListTagsMembers[] = {{"ResourceARN", &kArn, true}};

}  // namespace

const Shape kPutRule = structure(kPutRuleMembers);
const Shape kRuleReference = structure(kRuleReferenceMembers);
const Shape kListRules = structure(kListRulesMembers);
const Shape kListRuleNamesByTarget = structure(kListRuleNamesMembers);
const Shape kPutTargets = structure(kPutTargetsMembers);
const Shape kListTargetsByRule = structure(kListTargetsMembers);
const Shape kRemoveTargets = structure(kRemoveTargetsMembers);
const Shape kTestEventPattern = structure(kTestEventPatternMembers);
const Shape kListEventBuses = structure(kListBusesMembers);
const Shape kDescribeEventBus = structure(kDescribeBusMembers);
const Shape kDeleteEventBus = structure(kDeleteBusMembers);
const Shape kCreateEventBus = structure(kCreateBusMembers);
const Shape kUpdateEventBus = structure(kUpdateBusMembers);
const Shape kPutPermission = structure(kPutPermissionMembers);
const Shape kRemovePermission = structure(kRemovePermissionMembers);
const Shape kTagResource = structure(kTagResourceMembers);
const Shape kUntagResource = structure(kUntagResourceMembers);
const Shape kListTagsForResource = structure(kListTagsMembers);

}  // namespace ebagent::server::aws_api::shapes
