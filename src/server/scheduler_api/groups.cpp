#include <string>
#include <utility>
#include <vector>

#include "server/scheduler_api/operation.hpp"
#include "server/scheduler_api/shapes.hpp"

namespace ebagent::server::scheduler_api {
namespace {

namespace json = boost::json;
using aws_api::add_text;
using aws_api::tags_of;
using aws_api::text_of;

Outcome nothing_or_error(const Result<void>& result) {
  if (!result) return api_error(result.error());
  return json::object{};
}

json::object shown(const scheduler::ScheduleGroup& group) {
  json::object out{{"Arn", scheduler::group_arn(group.scope, group.name)},
                   {"Name", group.name},
                   {"State", group.is_deleting ? "DELETING" : "ACTIVE"}};
  // The default group was never made.
  if (group.created != TimePoint{}) {
    add_time(out, "CreationDate", group.created);
    add_time(out, "LastModificationDate", group.modified);
  }
  return out;
}

Outcome create_group(const Call& call) {
  const auto name = text_of(call.input, "Name");
  const auto group =
      call.schedules.groups().create(call.scope, name, tags_of(call.input), mark_of(call.input));
  if (!group) return api_error(group.error());
  return json::object{{"ScheduleGroupArn", scheduler::group_arn(call.scope, name)}};
}

Outcome get_group(const Call& call) {
  const auto group = call.schedules.groups().get(call.scope, text_of(call.input, "Name"));
  if (!group) return api_error(group.error());
  return shown(group.value());
}

Outcome delete_group(const Call& call) {
  return nothing_or_error(call.schedules.groups().remove(call.scope, text_of(call.input, "Name")));
}

Outcome list_groups(const Call& call) {
  const auto page =
      call.schedules.groups().list(call.scope, text_of(call.input, "NamePrefix"), page_of(call.input));
  if (!page) return api_error(page.error());
  json::array groups;
  for (const scheduler::ScheduleGroup& group : page.value().items) groups.push_back(shown(group));
  json::object out{{"ScheduleGroups", std::move(groups)}};
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

std::string arn_of(const Call& call) {
  return std::string{text_of(call.input, "ResourceArn")};
}

Outcome tag_resource(const Call& call) {
  return nothing_or_error(call.schedules.groups().tag(call.scope, arn_of(call), tags_of(call.input)));
}

Outcome untag_resource(const Call& call) {
  std::vector<std::string> keys;
  for (const json::value& key : call.input.at("TagKeys").get_array()) keys.emplace_back(key.get_string());
  return nothing_or_error(call.schedules.groups().untag(call.scope, arn_of(call), keys));
}

Outcome list_tags(const Call& call) {
  const auto tags = call.schedules.groups().tags_of(call.scope, arn_of(call));
  if (!tags) return api_error(tags.error());
  json::array out;
  for (const auto& [key, value] : tags.value()) out.push_back(json::object{{"Key", key}, {"Value", value}});
  return json::object{{"Tags", std::move(out)}};
}

constexpr QueryMember kDeleteQuery[] = {{"clientToken", "ClientToken"}};
constexpr QueryMember kListQuery[] = {{"MaxResults", "MaxResults", QueryMember::Kind::Number},
                                      {"NamePrefix", "NamePrefix"},
                                      {"NextToken", "NextToken"}};
constexpr QueryMember kUntagQuery[] = {{"TagKeys", "TagKeys", QueryMember::Kind::List}};

constexpr Operation kOperations[] = {
    {"CreateScheduleGroup",
     "POST",
     "schedule-groups",
     "Name",
     {},
     &shapes::kCreateScheduleGroup,
     create_group},
    {"GetScheduleGroup", "GET", "schedule-groups", "Name", {}, &shapes::kGroupReference, get_group},
    {"DeleteScheduleGroup", "DELETE", "schedule-groups", "Name", kDeleteQuery, &shapes::kGroupReference,
     delete_group},
    {"ListScheduleGroups", "GET", "schedule-groups", "", kListQuery, &shapes::kListScheduleGroups,
     list_groups},
    {"TagResource", "POST", "tags", "ResourceArn", {}, &shapes::kTagResource, tag_resource},
    {"UntagResource", "DELETE", "tags", "ResourceArn", kUntagQuery, &shapes::kUntagResource, untag_resource},
    {"ListTagsForResource", "GET", "tags", "ResourceArn", {}, &shapes::kListTagsForResource, list_tags},
};

}  // namespace

std::span<const Operation> group_operations() {
  return kOperations;
}

}  // namespace ebagent::server::scheduler_api
