#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

// Who manages the rules that archives are fed by, as AWS names it.
inline constexpr std::string_view kArchiveManager = "prod.vhs.events.aws.internal";

// What may be said of an archive beside its name and bus. Absent members are left as they are by an update.
struct ArchiveSettings {
  std::optional<std::string> description = {};
  std::optional<std::string> event_pattern = {};  // empty: every event
  std::optional<int> retention_days = {};         // 0: for ever
  std::optional<std::string> kms_key = {};        // kept and shown; the store is the machine's own
};

// Events of one bus, kept from its creation on to be replayed.
struct Archive {
  std::string name = {};
  std::string arn = {};
  std::string bus = {};  // a name
  std::string description = {};
  std::string event_pattern = {};
  std::string kms_key = {};
  int retention_days = 0;
  TimePoint created = {};
  std::int64_t number = 0;  // under which the store keeps its events

  bool operator==(const Archive&) const = default;
};

enum class ArchiveState { Enabled, Disabled };

// An archive as DescribeArchive shows it.
struct ArchiveView {
  Archive archive;
  ArchiveState state = ArchiveState::Enabled;
  std::string state_reason = {};
  store::ArchiveSize size = {};
};

// At most one of them may be given.
struct ArchiveFilter {
  std::string name_prefix = {};
  std::string source_arn = {};
  std::string state = {};  // as the AWS API spells it
};

// "ENABLED", "DISABLED".
[[nodiscard]] std::string_view name_of(ArchiveState state);

// "arn:aws:events:REGION:ACCOUNT:archive/NAME"
[[nodiscard]] std::string archive_arn(const Scope& scope, std::string_view archive);
// The rule on the archive's bus that decides what is archived.
[[nodiscard]] std::string archive_rule_name(std::string_view archive);
// That rule's one target, which stands for the archive itself.
[[nodiscard]] std::string archive_target_arn(const Scope& scope);

// The archive's pattern, for events that are not replayed. Malformed when it is no JSON object.
[[nodiscard]] Result<std::string> archive_rule_pattern(std::string_view event_pattern);

// The JSON text that an archive is kept as, and back. Errors: Malformed.
[[nodiscard]] std::string write_archive(const Scope& scope, const Archive& archive);
struct ScopedArchive {
  Scope scope;
  Archive archive;
};
[[nodiscard]] Result<ScopedArchive> read_archive(std::string_view json);

}  // namespace ebagent::bus
