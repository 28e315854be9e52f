#include "bus/archive.hpp"
#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

bus::ArchiveSettings settings_of(const json::object& input) {
  return {.description = optional_text_of(input, "Description"),
          .event_pattern = optional_text_of(input, "EventPattern"),
          .retention_days = number_of(input, "RetentionDays"),
          .kms_key = optional_text_of(input, "KmsKeyIdentifier")};
}

// What CreateArchive and UpdateArchive answer.
json::object outcome_json(const bus::Archive& archive) {
  json::object out;
  add_text(out, "ArchiveArn", archive.arn);
  add_text(out, "State", bus::name_of(bus::ArchiveState::Enabled));
  add_time(out, "CreationTime", archive.created);
  return out;
}

json::object summary_json(const bus::Scope& scope, const bus::ArchiveView& view) {
  const bus::Archive& archive = view.archive;
  json::object out;
  add_text(out, "ArchiveName", archive.name);
  add_text(out, "EventSourceArn", bus::bus_arn(scope, archive.bus));
  add_text(out, "State", bus::name_of(view.state));
  add_text(out, "StateReason", view.state_reason);
  out.emplace("RetentionDays", archive.retention_days);
  out.emplace("SizeBytes", view.size.bytes);
  out.emplace("EventCount", view.size.events);
  add_time(out, "CreationTime", archive.created);
  return out;
}

std::string_view name_of(const Call& call) {
  return text_of(call.input, "ArchiveName");
}

Outcome create_archive(const Call& call) {
  const auto archive = call.catalog.create_archive(
      call.scope, name_of(call), text_of(call.input, "EventSourceArn"), settings_of(call.input));
  if (!archive) return api_error(archive.error());
  return outcome_json(archive.value());
}

Outcome update_archive(const Call& call) {
  const auto archive = call.catalog.update_archive(call.scope, name_of(call), settings_of(call.input));
  if (!archive) return api_error(archive.error());
  return outcome_json(archive.value());
}

Outcome delete_archive(const Call& call) {
  return nothing_or_error(call.catalog.delete_archive(call.scope, name_of(call)));
}

Outcome describe_archive(const Call& call) {
  const auto view = call.catalog.describe_archive(call.scope, name_of(call));
  if (!view) return api_error(view.error());
  const bus::Archive& archive = view.value().archive;
  json::object out = summary_json(call.scope, view.value());
  add_text(out, "ArchiveArn", archive.arn);
  add_text(out, "Description", archive.description);
  add_text(out, "EventPattern", archive.event_pattern);
  add_text(out, "KmsKeyIdentifier", archive.kms_key);
  return out;
}

Outcome list_archives(const Call& call) {
  const auto page =
      call.catalog.list_archives(call.scope,
                                 {.name_prefix = std::string{text_of(call.input, "NamePrefix")},
                                  .source_arn = std::string{text_of(call.input, "EventSourceArn")},
                                  .state = std::string{text_of(call.input, "State")}},
                                 page_request(call.input));
  if (!page) return api_error(page.error());
  json::array archives;
  for (const bus::ArchiveView& view : page.value().items) archives.push_back(summary_json(call.scope, view));
  json::object out;
  out.emplace("Archives", std::move(archives));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr Operation kOperations[] = {
    {"CreateArchive", &shapes::kCreateArchive, create_archive},
    {"UpdateArchive", &shapes::kUpdateArchive, update_archive},
    {"DeleteArchive", &shapes::kArchiveReference, delete_archive},
    {"DescribeArchive", &shapes::kArchiveReference, describe_archive},
    {"ListArchives", &shapes::kListArchives, list_archives},
};

}  // namespace

std::span<const Operation> archive_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
