#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bus/rule.hpp"
#include "ebagent/result.hpp"

// The constraints of the service model on members of requests. A refusal is InvalidArgument with AWS's
// message. Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html and its
// neighbours
namespace ebagent::bus {

inline constexpr std::size_t kMaxNameLength = 64;  // of a rule or a target's id
inline constexpr std::size_t kMaxArnLength = 1600;
inline constexpr std::size_t kMaxDescriptionLength = 512;
inline constexpr std::size_t kMaxInputLength = 8192;
inline constexpr std::size_t kMaxEntries = 100;  // targets or ids in one request
inline constexpr int kMaxPageSize = 100;
inline constexpr int kMaxRetryAttempts = 185;
inline constexpr std::chrono::seconds kMinEventAge{60};
inline constexpr std::chrono::seconds kMaxEventAge{86'400};

[[nodiscard]] Result<void> check_rule_name(std::string_view name);
// Name, state, description and role; pattern and schedule are the catalog's to compile.
[[nodiscard]] Result<void> check_rule_members(const RuleSpec& spec);
// The members of the target at `index` in its request that are no matter of compiling.
[[nodiscard]] Result<void> check_target_members(const Target& target, std::size_t index);
// The number of tags that a resource would have.
[[nodiscard]] Result<void> check_tags(const std::map<std::string, std::string>& tags);
// The number of entries of the member `where`.
[[nodiscard]] Result<void> check_entries(std::size_t count, std::string_view where);
// The page size that the request means.
[[nodiscard]] Result<std::size_t> checked_page_size(const PageRequest& page);

// Whether `text` can stand for a target: it has the parts of an ARN (AWS looks at no more when targets are put), or it
// is one of the addresses that this server takes beside ARNs: an http or https URL, file:///PATH, or stdout:
[[nodiscard]] bool has_target_format(std::string_view text);

}  // namespace ebagent::bus
