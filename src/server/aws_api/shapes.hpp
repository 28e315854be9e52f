#pragma once

#include "server/aws_api/constraints.hpp"

// The inputs of the operations as the service model of Amazon EventBridge (2015-10-07) constrains them.
namespace ebagent::server::aws_api::shapes {

extern const Shape kPutRule;
extern const Shape kRuleReference;  // DescribeRule, EnableRule, DisableRule, DeleteRule
extern const Shape kListRules;
extern const Shape kListRuleNamesByTarget;
extern const Shape kPutTargets;
extern const Shape kListTargetsByRule;
extern const Shape kRemoveTargets;
extern const Shape kTestEventPattern;
extern const Shape kListEventBuses;
extern const Shape kDescribeEventBus;
extern const Shape kDeleteEventBus;
extern const Shape kCreateEventBus;
extern const Shape kUpdateEventBus;
extern const Shape kPutPermission;
extern const Shape kRemovePermission;
extern const Shape kTagResource;
extern const Shape kUntagResource;
extern const Shape kListTagsForResource;
extern const Shape kCreateArchive;
extern const Shape kUpdateArchive;
extern const Shape kArchiveReference;  // DescribeArchive, DeleteArchive
extern const Shape kListArchives;
extern const Shape kStartReplay;
extern const Shape kReplayReference;  // CancelReplay, DescribeReplay
extern const Shape kListReplays;
extern const Shape kCreateConnection;
extern const Shape kUpdateConnection;
extern const Shape kConnectionReference;  // DescribeConnection, DeleteConnection, DeauthorizeConnection
extern const Shape kListConnections;
extern const Shape kCreateApiDestination;
extern const Shape kUpdateApiDestination;
extern const Shape kApiDestinationReference;  // DescribeApiDestination, DeleteApiDestination
extern const Shape kListApiDestinations;

}  // namespace ebagent::server::aws_api::shapes
