#include "bus/archive.hpp"

#include <utility>

#include "core/json.hpp"

namespace ebagent::bus {

namespace json = boost::json;

std::string_view name_of(ArchiveState state) {
  return state == ArchiveState::Enabled ? "ENABLED" : "DISABLED";
}

std::string archive_arn(const Scope& scope, std::string_view archive) {
  return "arn:aws:events:" + scope.region + ":" + scope.account + ":archive/" + std::string{archive};
}

std::string archive_rule_name(std::string_view archive) {
  return "Events-Archive-" + std::string{archive};
}

std::string archive_target_arn(const Scope& scope) {
  return "arn:aws:events:" + scope.region + ":::";
}

Result<std::string> archive_rule_pattern(std::string_view event_pattern) {
  BOOST_OUTCOME_TRY(auto parsed, core::parse_json(event_pattern.empty() ? "{}" : event_pattern));
  if (!parsed.is_object()) return fail(ErrorCode::Malformed, "An event pattern must be a JSON object.");
  json::object& pattern = parsed.get_object();
  pattern["replay-name"] = json::array{json::object{{"exists", false}}};
  return core::write_json(parsed);
}

std::string write_archive(const Scope& scope, const Archive& archive) {
  return core::write_json(json::object{{"Account", scope.account},
                                       {"Region", scope.region},
                                       {"Name", archive.name},
                                       {"EventBusName", archive.bus},
                                       {"Description", archive.description},
                                       {"EventPattern", archive.event_pattern},
                                       {"KmsKeyIdentifier", archive.kms_key},
                                       {"RetentionDays", archive.retention_days},
                                       {"Created", archive.created.time_since_epoch().count()},
                                       {"Number", archive.number}});
}

Result<ScopedArchive> read_archive(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  const auto* object = parsed.if_object();
  if (object == nullptr) return fail(ErrorCode::Malformed, "it is no JSON object.");
  ScopedArchive read;
  read.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")};
  Archive& archive = read.archive;
  archive.name = core::text_member(*object, "Name");
  archive.arn = archive_arn(read.scope, archive.name);
  archive.bus = core::text_member(*object, "EventBusName");
  archive.description = core::text_member(*object, "Description");
  archive.event_pattern = core::text_member(*object, "EventPattern");
  archive.kms_key = core::text_member(*object, "KmsKeyIdentifier");
  archive.retention_days = static_cast<int>(core::integer_member(*object, "RetentionDays").value_or(0));
  archive.created = TimePoint{Duration{core::integer_member(*object, "Created").value_or(0)}};
  archive.number = core::integer_member(*object, "Number").value_or(0);
  if (archive.name.empty() || archive.bus.empty() || archive.number == 0) {
    return fail(ErrorCode::Malformed, "it names no archive.");
  }
  return read;
}

}  // namespace ebagent::bus
