#include "server/aws_api/patterns.hpp"
#include "server/aws_api/shape_forms.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api::shapes {
namespace {

constexpr std::string_view kNamePattern = R"([\.\-_A-Za-z0-9]+)";
constexpr std::string_view kArnPattern = R"(^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$)";

constexpr Shape kArchiveName = text_like(1, 48, is_resource_name, kNamePattern);
constexpr Shape kReplayName = text_like(1, 64, is_resource_name, kNamePattern);
constexpr Shape kEventsArn = text_like(1, 1600, is_events_arn, kArnPattern);
constexpr Shape kDescription = text(0, 512);
constexpr Shape kEventPattern = text(0, 4096);
constexpr Shape kRetentionDays = number(0, std::numeric_limits<std::int32_t>::max());
constexpr Shape kKmsKey = text_like(0, 2048, is_kms_key, R"(^[a-zA-Z0-9_\-/:]*$)");
constexpr Shape kNextToken = text(1, 2048);
constexpr Shape kLimit = number(1, 100);
constexpr Shape kArn = text(1, 1600);
constexpr Shape kArns = list_of(kArn);
constexpr Shape kTimestamp = timestamp();

constexpr std::string_view kArchiveStates[] = {"ENABLED",  "DISABLED",      "CREATING",
                                               "UPDATING", "CREATE_FAILED", "UPDATE_FAILED"};
constexpr Shape kArchiveState = one_of(kArchiveStates);
constexpr std::string_view kReplayStates[] = {"STARTING",  "RUNNING",   "CANCELLING",
                                              "COMPLETED", "CANCELLED", "FAILED"};
constexpr Shape kReplayState = one_of(kReplayStates);

constexpr Member kCreateArchiveMembers[] = {
    {"ArchiveName", &kArchiveName, true}, {"EventSourceArn", &kEventsArn, true},
    {"Description", &kDescription},       {"EventPattern", &kEventPattern},
    {"RetentionDays", &kRetentionDays},   {"KmsKeyIdentifier", &kKmsKey}};
constexpr Member kUpdateArchiveMembers[] = {{"ArchiveName", &kArchiveName, true},
                                            {"Description", &kDescription},
                                            {"EventPattern", &kEventPattern},
                                            {"RetentionDays", &kRetentionDays},
                                            {"KmsKeyIdentifier", &kKmsKey}};
constexpr Member kArchiveReferenceMembers[] = {{"ArchiveName", &kArchiveName, true}};
constexpr Member kListArchivesMembers[] = {{"NamePrefix", &kArchiveName},
                                           {"EventSourceArn", &kEventsArn},
                                           {"State", &kArchiveState},
                                           {"NextToken", &kNextToken},
                                           {"Limit", &kLimit}};

constexpr Member kDestinationMembers[] = {{"Arn", &kArn, true}, {"FilterArns", &kArns}};
constexpr Shape kDestination = structure(kDestinationMembers);
constexpr Member kStartReplayMembers[] = {
    {"ReplayName", &kReplayName, true},    {"Description", &kDescription},
    {"EventSourceArn", &kEventsArn, true}, {"EventStartTime", &kTimestamp, true},
    {"EventEndTime", &kTimestamp, true},   {"Destination", &kDestination, true}};
constexpr Member kReplayReferenceMembers[] = {{"ReplayName", &kReplayName, true}};
constexpr Member kListReplaysMembers[] = {{"NamePrefix", &kReplayName},
                                          {"State", &kReplayState},
                                          {"EventSourceArn", &kEventsArn},
                                          {"NextToken", &kNextToken},
                                          {"Limit", &kLimit}};

}  // namespace

const Shape kCreateArchive = structure(kCreateArchiveMembers);
const Shape kUpdateArchive = structure(kUpdateArchiveMembers);
const Shape kArchiveReference = structure(kArchiveReferenceMembers);
const Shape kListArchives = structure(kListArchivesMembers);
const Shape kStartReplay = structure(kStartReplayMembers);
const Shape kReplayReference = structure(kReplayReferenceMembers);
const Shape kListReplays = structure(kListReplaysMembers);

}  // namespace ebagent::server::aws_api::shapes
