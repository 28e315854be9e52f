#include "scheduler/schedule_groups.hpp"

#include <utility>

#include "bus/page.hpp"
#include "core/json.hpp"

namespace ebagent::scheduler {
namespace {

namespace json = boost::json;

constexpr std::string_view kRecordKind = "schedule-group";
constexpr std::size_t kMaxTags = 50;
// Deleted in one transaction, so that others wait for milliseconds only.
constexpr std::size_t kDeletedAtOnce = 500;

std::string record_key(const ScheduleGroup& group) {
  return scope_key(group.scope) + "/" + group.name;
}

std::string write_group(const ScheduleGroup& group) {
  json::object tags;
  for (const auto& [key, value] : group.tags) tags[key] = value;
  json::object object{{"Account", group.scope.account},
                      {"Region", group.scope.region},
                      {"Name", group.name},
                      {"Created", group.created.time_since_epoch().count()},
                      {"Modified", group.modified.time_since_epoch().count()},
                      {"Tags", std::move(tags)}};
  if (group.is_deleting) object["Deleting"] = true;
  if (!group.asked.token.empty()) {
    object["Token"] = group.asked.token;
    object["Asked"] = group.asked.digest;
  }
  return core::write_json(object);
}

TimePoint time_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return TimePoint{Duration{value != nullptr && value->is_int64() ? value->get_int64() : 0}};
}

Result<ScheduleGroup> read_group(const store::CatalogRecord& record) {
  const auto parsed = core::parse_json(record.json);
  const auto* object = parsed ? parsed.value().if_object() : nullptr;
  if (object == nullptr || core::text_member(*object, "Name").empty()) {
    return fail(ErrorCode::Malformed,
                "The store's record of schedule group " + record.key + " cannot be read.");
  }
  ScheduleGroup group{.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")},
                      .name = core::text_member(*object, "Name"),
                      .is_deleting = object->contains("Deleting"),
                      .created = time_member(*object, "Created"),
                      .modified = time_member(*object, "Modified"),
                      .asked = {core::text_member(*object, "Token"), core::text_member(*object, "Asked")}};
  if (const auto* tags = object->if_contains("Tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object()) {
      group.tags.emplace(key, json::value_to<std::string>(value));
    }
  }
  return group;
}

Result<void> check_tags(const bus::Tags& tags) {
  if (tags.size() <= kMaxTags) return success();
  return fail(ErrorCode::InvalidArgument,
              "A schedule group has at most " + std::to_string(kMaxTags) + " tags.");
}

Error no_group(std::string_view name) {
  return {ErrorCode::NotFound, "Schedule group " + std::string{name} + " does not exist."};
}

}  // namespace

std::string ScheduleGroups::deleting_message(std::string_view name) {
  return "Schedule group " + std::string{name} + " is being deleted.";
}

Result<void> ScheduleGroups::load() {
  BOOST_OUTCOME_TRY(const auto records, store_.catalog(kRecordKind));
  std::vector<ScheduleGroup> half_deleted;
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& record : records) {
      BOOST_OUTCOME_TRY(auto group, read_group(record));
      if (group.is_deleting) half_deleted.push_back(group);
      Key key{scope_key(group.scope), group.name};
      groups_.insert_or_assign(std::move(key), std::move(group));
    }
  }
  for (const ScheduleGroup& group : half_deleted) {
    BOOST_OUTCOME_TRY(finish_deletion(group));
  }
  return success();
}

Result<void> ScheduleGroups::put(const ScheduleGroup& group) {
  store::CatalogRecord record{std::string{kRecordKind}, record_key(group), write_group(group)};
  BOOST_OUTCOME_TRY(store_.commit_and_wait({store::PutCatalog{std::move(record)}}));
  const std::scoped_lock lock{mutex_};
  groups_.insert_or_assign({scope_key(group.scope), group.name}, group);
  return success();
}

Result<ScheduleGroup> ScheduleGroups::create(const bus::Scope& scope, std::string_view name, bus::Tags tags,
                                             RequestMark asked) {
  const std::scoped_lock changing{changing_};
  if (const auto existing = get(scope, name)) {
    const bool is_repeated = !asked.token.empty() && existing.value().asked == asked;
    if (is_repeated) return existing.value();
    return fail(ErrorCode::AlreadyExists, "Schedule group " + std::string{name} + " already exists.");
  }
  BOOST_OUTCOME_TRY(check_tags(tags));
  {
    const std::scoped_lock lock{mutex_};
    if (groups_.size() >= kMaxGroups) {
      return fail(ErrorCode::LimitExceeded,
                  "There may be " + std::to_string(kMaxGroups) + " schedule groups on this server.");
    }
  }
  const TimePoint now = clock_.now();
  ScheduleGroup group{.scope = scope,
                      .name = std::string{name},
                      .created = now,
                      .modified = now,
                      .tags = std::move(tags),
                      .asked = std::move(asked)};
  BOOST_OUTCOME_TRY(put(group));
  return group;
}

Result<ScheduleGroup> ScheduleGroups::get(const bus::Scope& scope, std::string_view name) const {
  const std::scoped_lock lock{mutex_};
  if (const auto found = groups_.find({scope_key(scope), std::string{name}}); found != groups_.end()) {
    return found->second;
  }
  if (name == kDefaultGroup) return ScheduleGroup{.scope = scope, .name = std::string{name}};
  return fail(no_group(name));
}

Result<bus::Page<ScheduleGroup>> ScheduleGroups::list(const bus::Scope& scope, std::string_view name_prefix,
                                                      const bus::PageRequest& page) const {
  std::map<std::string, ScheduleGroup> ordered;
  ordered.emplace(kDefaultGroup, ScheduleGroup{.scope = scope, .name = std::string{kDefaultGroup}});
  {
    const std::scoped_lock lock{mutex_};
    const std::string key = scope_key(scope);
    for (auto at = groups_.lower_bound({key, ""}); at != groups_.end() && at->first.first == key; ++at) {
      ordered.insert_or_assign(at->first.second, at->second);
    }
  }
  return bus::page_of<ScheduleGroup>(ordered, page, [&](const auto& entry) {
    return entry.first.starts_with(name_prefix) ? std::optional{entry.second} : std::nullopt;
  });
}

Result<void> ScheduleGroups::remove(const bus::Scope& scope, std::string_view name) {
  if (name == kDefaultGroup) {
    return fail(ErrorCode::InvalidArgument, "The default schedule group cannot be deleted.");
  }
  const std::scoped_lock changing{changing_};
  BOOST_OUTCOME_TRY(auto group, get(scope, name));
  {
    // Waits for schedules of the group that are just being written.
    const std::unique_lock lock{deleting_};
    group.is_deleting = true;
    BOOST_OUTCOME_TRY(put(group));
  }
  return finish_deletion(group);
}

Result<void> ScheduleGroups::finish_deletion(const ScheduleGroup& group) {
  for (std::size_t deleted = kDeletedAtOnce; deleted == kDeletedAtOnce;) {
    BOOST_OUTCOME_TRY(deleted, store_.delete_schedules(scope_key(group.scope), group.name, kDeletedAtOnce));
  }
  BOOST_OUTCOME_TRY(
      store_.commit_and_wait({store::DeleteCatalog{std::string{kRecordKind}, record_key(group)}}));
  const std::scoped_lock lock{mutex_};
  groups_.erase({scope_key(group.scope), group.name});
  return success();
}

Result<ScheduleGroup> ScheduleGroups::by_arn(const bus::Scope& scope, const std::string& arn) const {
  const std::string name = arn.substr(arn.find('/') + 1);
  if (arn != group_arn(scope, name)) return fail(no_group(name));
  return get(scope, name);
}

Result<void> ScheduleGroups::tag(const bus::Scope& scope, const std::string& arn, const bus::Tags& tags) {
  const std::scoped_lock changing{changing_};
  BOOST_OUTCOME_TRY(auto group, by_arn(scope, arn));
  for (const auto& [key, value] : tags) group.tags.insert_or_assign(key, value);
  BOOST_OUTCOME_TRY(check_tags(group.tags));
  return put(group);
}

Result<void> ScheduleGroups::untag(const bus::Scope& scope, const std::string& arn,
                                   const std::vector<std::string>& keys) {
  const std::scoped_lock changing{changing_};
  BOOST_OUTCOME_TRY(auto group, by_arn(scope, arn));
  for (const std::string& key : keys) group.tags.erase(key);
  return put(group);
}

Result<bus::Tags> ScheduleGroups::tags_of(const bus::Scope& scope, const std::string& arn) const {
  BOOST_OUTCOME_TRY(const auto group, by_arn(scope, arn));
  return group.tags;
}

void ScheduleGroups::forget() {
  const std::scoped_lock changing{changing_};
  const std::scoped_lock lock{mutex_};
  groups_.clear();
}

}  // namespace ebagent::scheduler
