#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::bus {

// The states a rule can be in, as the AWS API spells them.
inline constexpr std::string_view kEnabled = "ENABLED";
inline constexpr std::string_view kDisabled = "DISABLED";
inline constexpr std::string_view kEnabledWithCloudTrail = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

// What PutRule asks for. What is left out of an update is removed from the rule, as on AWS; targets stay.
struct RuleSpec {
  std::string name = {};
  std::string bus = "default";  // name or ARN of the event bus
  std::optional<std::string> event_pattern = {};
  std::optional<std::string> schedule_expression = {};
  std::string state{kEnabled};
  std::string description = {};
  std::string role_arn = {};
  std::string managed_by = {};                   // set by the owner of a managed rule only
  std::map<std::string, std::string> tags = {};  // of a new rule; an update leaves tags alone, as on AWS
};

// A rule as DescribeRule shows it. Empty text stands for an absent member.
struct Rule {
  std::string name;
  std::string arn;
  std::string bus;
  std::string event_pattern;
  std::string schedule_expression;
  std::string state;
  std::string description;
  std::string role_arn;
  std::string managed_by;
  std::string created_by;  // account

  bool operator==(const Rule&) const = default;
  // True in both of the enabled states.
  [[nodiscard]] bool is_enabled() const { return state != kDisabled; }
};

// How often and how long a delivery is attempted. Absent members are the defaults of EventBridge.
struct RetrySettings {
  std::optional<int> max_attempts = {};              // retries after the first attempt, 0-185
  std::optional<std::chrono::seconds> max_age = {};  // 60-86400 s

  bool operator==(const RetrySettings&) const = default;
};

// InputTransformer: values of the event by name, and the template that they are put into.
struct InputTransformer {
  std::map<std::string, std::string> input_paths = {};
  std::string input_template = {};

  bool operator==(const InputTransformer&) const = default;
};

// A target of a rule. Parameters that only its kind of target reads (SqsParameters, HttpParameters ...) are
// kept as they were given.
struct Target {
  std::string id = {};
  std::string arn = {};
  std::string role_arn = {};
  std::optional<std::string> input = {};
  std::optional<std::string> input_path = {};
  std::optional<InputTransformer> input_transformer = {};
  std::string dead_letter_arn = {};
  std::optional<RetrySettings> retry = {};
  boost::json::object parameters = {};  // every other member of the target

  bool operator==(const Target&) const = default;
};

// Reads a target in the shape of the AWS API. Returns Malformed (SerializationException) for a member of the
// wrong type; what a target may say is PutTargets' business.
[[nodiscard]] Result<Target> parse_target(const boost::json::object& json);

// The same shape back.
[[nodiscard]] boost::json::object to_json(const Target& target);

// An entry of PutTargets or RemoveTargets that was refused while the others were done.
struct FailedEntry {
  std::string target_id;
  std::string error_code;
  std::string error_message;

  bool operator==(const FailedEntry&) const = default;
};

// What a list operation asks for: the AWS members NextToken and Limit.
struct PageRequest {
  std::string next_token = {};    // empty: from the beginning
  std::optional<int> limit = {};  // 1-100; absent: 100
};

// One page of a list; an empty token ends it.
template <class T>
struct Page {
  std::vector<T> items;
  std::string next_token;
};

}  // namespace ebagent::bus
