#include "bus/validation.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"
#include "transform/path.hpp"

namespace ebagent::bus {
namespace {

constexpr std::string_view kNamePattern = R"([\.\-_A-Za-z0-9]+)";

// Longer values are cut in messages: an answer must not grow with what was wrong in the question.
constexpr std::size_t kMaxValueInMessage = 256;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

std::string shortened(std::string_view value) {
  if (value.size() <= kMaxValueInMessage) return std::string{value};
  std::size_t end = kMaxValueInMessage;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
  return std::string{value.substr(0, end)} + "...";
}

Error constraint_error(std::string_view value, std::string_view where, std::string_view constraint) {
  return {ErrorCode::InvalidArgument,
          "1 validation error detected: Value '" + shortened(value) + "' at '" + std::string{where} +
              "' failed to satisfy constraint: Member must " + std::string{constraint}};
}

Result<void> check_length(std::string_view value, std::string_view where, std::size_t least,
                          std::size_t most) {
  const std::size_t length = core::character_count(value);
  if (length < least) {
    return fail(
        constraint_error(value, where, "have length greater than or equal to " + std::to_string(least)));
  }
  if (length > most) {
    return fail(constraint_error(value, where, "have length less than or equal to " + std::to_string(most)));
  }
  return success();
}

Result<void> check_name(std::string_view name, std::string_view where) {
  BOOST_OUTCOME_TRYV(check_length(name, where, 1, kMaxNameLength));
  if (!std::all_of(name.begin(), name.end(), is_name_character)) {
    return fail(
        constraint_error(name, where, "satisfy regular expression pattern: " + std::string{kNamePattern}));
  }
  return success();
}

Result<void> check_range(std::int64_t value, std::string_view where, std::int64_t least, std::int64_t most) {
  const std::string text = std::to_string(value);
  if (value < least) {
    return fail(
        constraint_error(text, where, "have value greater than or equal to " + std::to_string(least)));
  }
  if (value > most) {
    return fail(constraint_error(text, where, "have value less than or equal to " + std::to_string(most)));
  }
  return success();
}

Result<void> check_retry(const RetrySettings& retry, const std::string& at) {
  if (retry.max_attempts) {
    BOOST_OUTCOME_TRYV(
        check_range(*retry.max_attempts, at + "retryPolicy.maximumRetryAttempts", 0, kMaxRetryAttempts));
  }
  if (retry.max_age) {
    BOOST_OUTCOME_TRYV(check_range(retry.max_age->count(), at + "retryPolicy.maximumEventAgeInSeconds",
                                   kMinEventAge.count(), kMaxEventAge.count()));
  }
  return success();
}

}  // namespace

Result<void> check_rule_name(std::string_view name) {
  return check_name(name, "name");
}

Result<void> check_rule_members(const RuleSpec& spec) {
  BOOST_OUTCOME_TRYV(check_rule_name(spec.name));
  constexpr std::array kStates{kEnabled, kDisabled, kEnabledWithCloudTrail};
  if (std::find(kStates.begin(), kStates.end(), spec.state) == kStates.end()) {
    return fail(constraint_error(spec.state, "state",
                                 "satisfy enum value set: [ENABLED, DISABLED, "
                                 "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]"));
  }
  BOOST_OUTCOME_TRYV(check_length(spec.description, "description", 0, kMaxDescriptionLength));
  return check_length(spec.role_arn, "roleArn", 0, kMaxArnLength);
}

Result<void> check_target_members(const Target& target, std::size_t index) {
  const std::string at = "targets." + std::to_string(index + 1) + ".member.";
  BOOST_OUTCOME_TRYV(check_name(target.id, at + "id"));
  BOOST_OUTCOME_TRYV(check_length(target.arn, at + "arn", 1, kMaxArnLength));
  BOOST_OUTCOME_TRYV(check_length(target.role_arn, at + "roleArn", 0, kMaxArnLength));
  BOOST_OUTCOME_TRYV(check_length(target.dead_letter_arn, at + "deadLetterConfig.arn", 0, kMaxArnLength));
  if (target.input) {
    BOOST_OUTCOME_TRYV(check_length(*target.input, at + "input", 0, kMaxInputLength));
  }
  if (target.input_path) {
    BOOST_OUTCOME_TRYV(check_length(*target.input_path, at + "inputPath", 0, transform::kMaxPathLength));
  }
  if (target.retry) {
    BOOST_OUTCOME_TRYV(check_retry(*target.retry, at));
  }
  const int inputs =
      (target.input ? 1 : 0) + (target.input_path ? 1 : 0) + (target.input_transformer ? 1 : 0);
  if (inputs > 1) {
    return fail(
        ErrorCode::InvalidArgument,
        "Only one of Input, InputPath, or InputTransformer must be provided for target " + target.id + ".");
  }
  return success();
}

Result<void> check_tags(const std::map<std::string, std::string>& tags) {
  constexpr std::size_t kMaxTags = 50;  // of one resource
  if (tags.size() <= kMaxTags) return success();
  return fail(ErrorCode::InvalidArgument,
              "A resource can have at most " + std::to_string(kMaxTags) + " tags.");
}

Result<void> check_entries(std::size_t count, std::string_view where) {
  if (count == 0) return fail(constraint_error("[]", where, "have length greater than or equal to 1"));
  if (count > kMaxEntries) {
    return fail(constraint_error(std::to_string(count) + " entries", where,
                                 "have length less than or equal to " + std::to_string(kMaxEntries)));
  }
  return success();
}

Result<std::size_t> checked_page_size(const PageRequest& page) {
  const int limit = page.limit.value_or(kMaxPageSize);
  BOOST_OUTCOME_TRYV(check_range(limit, "limit", 1, kMaxPageSize));
  return static_cast<std::size_t>(limit);
}

bool has_target_format(std::string_view text) {
  constexpr std::ptrdiff_t kSeparators = 5;  // arn:partition:service:region:account:resource
  for (const std::string_view begin : {"http://", "https://", "file:///"}) {
    if (text.size() > begin.size() && text.starts_with(begin)) return true;
  }
  if (text == "stdout:") return true;
  return text.starts_with("arn:") && std::count(text.begin(), text.end(), ':') >= kSeparators;
}

}  // namespace ebagent::bus
