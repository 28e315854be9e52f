#pragma once

#include "server/aws_api/constraints.hpp"

// The inputs of the operations as the service model of EventBridge Scheduler (2021-06-30) constrains them.
namespace ebagent::server::scheduler_api::shapes {

using aws_api::Shape;

extern const Shape kPutSchedule;  // CreateSchedule and UpdateSchedule
extern const Shape kScheduleReference;
extern const Shape kListSchedules;
extern const Shape kCreateScheduleGroup;
extern const Shape kGroupReference;
extern const Shape kListScheduleGroups;
extern const Shape kTagResource;
extern const Shape kUntagResource;
extern const Shape kListTagsForResource;

}  // namespace ebagent::server::scheduler_api::shapes
