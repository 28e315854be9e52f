#include <string>
#include <utility>

#include "bus/rule.hpp"

namespace ebagent::bus {
namespace {

namespace json = boost::json;

Error wrong_type(std::string_view member, std::string_view wanted) {
  return {ErrorCode::Malformed,
          "The member " + std::string{member} + " of a target must be " + std::string{wanted} + "."};
}

Result<std::string> read_text(std::string_view member, const json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return fail(wrong_type(member, "a string"));
  return std::string{text->data(), text->size()};
}

Result<const json::object*> read_object(std::string_view member, const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return fail(wrong_type(member, "an object"));
  return object;
}

Result<std::optional<std::int64_t>> read_whole_number(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  if (value == nullptr || value->is_null()) return std::optional<std::int64_t>{};
  json::error_code not_whole;
  const auto number = value->to_number<std::int64_t>(not_whole);
  if (not_whole) return fail(wrong_type(member, "a whole number"));
  return std::optional{number};
}

// Settings out of int's range are out of every bound too; the nearest int keeps them so.
int narrowed(std::int64_t number) {
  return static_cast<int>(
      std::clamp<std::int64_t>(number, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

Result<void> read_retry(Target& target, const json::value& value) {
  BOOST_OUTCOME_TRY(const auto* object, read_object("RetryPolicy", value));
  BOOST_OUTCOME_TRY(const auto attempts, read_whole_number(*object, "MaximumRetryAttempts"));
  BOOST_OUTCOME_TRY(const auto age, read_whole_number(*object, "MaximumEventAgeInSeconds"));
  RetrySettings retry;
  if (attempts) retry.max_attempts = narrowed(*attempts);
  if (age) retry.max_age = std::chrono::seconds{narrowed(*age)};
  target.retry = retry;
  return success();
}

Result<void> read_transformer(Target& target, const json::value& value) {
  BOOST_OUTCOME_TRY(const auto* object, read_object("InputTransformer", value));
  InputTransformer transformer;
  if (const auto* paths = object->if_contains("InputPathsMap"); paths != nullptr && !paths->is_null()) {
    BOOST_OUTCOME_TRY(const auto* map, read_object("InputPathsMap", *paths));
    for (const auto& [name, path] : *map) {
      BOOST_OUTCOME_TRY(auto text, read_text(name, path));
      transformer.input_paths.emplace(name, std::move(text));
    }
  }
  if (const auto* text = object->if_contains("InputTemplate"); text != nullptr && !text->is_null()) {
    BOOST_OUTCOME_TRY(transformer.input_template, read_text("InputTemplate", *text));
  }
  target.input_transformer = std::move(transformer);
  return success();
}

Result<void> read_dead_letter_config(Target& target, const json::value& value) {
  BOOST_OUTCOME_TRY(const auto* object, read_object("DeadLetterConfig", value));
  if (const auto* arn = object->if_contains("Arn"); arn != nullptr && !arn->is_null()) {
    BOOST_OUTCOME_TRY(target.dead_letter_arn, read_text("DeadLetterConfig.Arn", *arn));
  }
  return success();
}

struct MemberReader {
  std::string_view name;
  Result<void> (*read)(Target&, const json::value&);
};

// The members that are one text each.
template <const char* Name, auto Member>
Result<void> read_member(Target& target, const json::value& value) {
  BOOST_OUTCOME_TRY(target.*Member, read_text(Name, value));
  return success();
}
constexpr char kId[] = "Id";
constexpr char kArn[] = "Arn";
constexpr char kRoleArn[] = "RoleArn";
constexpr char kInput[] = "Input";
constexpr char kInputPath[] = "InputPath";

constexpr MemberReader kMembers[] = {
    {kId, read_member<kId, &Target::id>},
    {kArn, read_member<kArn, &Target::arn>},
    {kRoleArn, read_member<kRoleArn, &Target::role_arn>},
    {kInput, read_member<kInput, &Target::input>},
    {kInputPath, read_member<kInputPath, &Target::input_path>},
    {"InputTransformer", read_transformer},
    {"DeadLetterConfig", read_dead_letter_config},
    {"RetryPolicy", read_retry},
};

}  // namespace

Result<Target> parse_target(const json::object& object) {
  Target target;
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;  // SDKs may send null for a member that is not set
    const auto* known =
        std::find_if(std::begin(kMembers), std::end(kMembers),
                     [&key = name](const MemberReader& reader) { return reader.name == key; });
    if (known == std::end(kMembers)) {
      target.parameters.insert_or_assign(name, value);
      continue;
    }
    if (auto read = known->read(target, value); !read) return fail(std::move(read).error());
  }
  return target;
}

json::object to_json(const Target& target) {
  json::object object{{"Id", target.id}, {"Arn", target.arn}};
  if (!target.role_arn.empty()) object["RoleArn"] = target.role_arn;
  if (target.input) object["Input"] = *target.input;
  if (target.input_path) object["InputPath"] = *target.input_path;
  if (target.input_transformer) {
    json::object transformer;
    if (!target.input_transformer->input_paths.empty()) {
      json::object paths;
      for (const auto& [name, path] : target.input_transformer->input_paths) paths[name] = path;
      transformer["InputPathsMap"] = std::move(paths);
    }
    transformer["InputTemplate"] = target.input_transformer->input_template;
    object["InputTransformer"] = std::move(transformer);
  }
  for (const auto& [name, value] : target.parameters) object.insert_or_assign(name, value);
  if (!target.dead_letter_arn.empty())
    object["DeadLetterConfig"] = json::object{{"Arn", target.dead_letter_arn}};
  if (target.retry) {
    json::object retry;
    if (target.retry->max_attempts) retry["MaximumRetryAttempts"] = *target.retry->max_attempts;
    if (target.retry->max_age) retry["MaximumEventAgeInSeconds"] = target.retry->max_age->count();
    object["RetryPolicy"] = std::move(retry);
  }
  return object;
}

}  // namespace ebagent::bus
