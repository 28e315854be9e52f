#include "server/scheduler_api/patterns.hpp"

#include <algorithm>
#include <string_view>

namespace ebagent::server::scheduler_api {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// One or more characters that are letters, digits or among `others`.
bool is_made_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

struct Arn {
  std::string_view service, region, account, resource;
};

// The parts of arn:aws(-[a-z]+)?:SERVICE:REGION:ACCOUNT:RESOURCE; empty ones when it is none of that service.
Arn read_arn(std::string_view text, std::string_view service) {
  const auto take = [&text] {
    const auto end = text.find(':');
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
  };
  if (take() != "arn") return {};
  std::string_view partition = take();
  if (!partition.starts_with("aws")) return {};
  partition.remove_prefix(3);
  const bool is_variant =
      partition.size() > 1 && partition.front() == '-' &&
      std::all_of(partition.begin() + 1, partition.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!partition.empty() && !is_variant) return {};
  Arn arn{.service = take(), .region = take(), .account = take(), .resource = text};
  return arn.service == service ? arn : Arn{};
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool is_placed(const Arn& arn) {
  return is_region(arn.region) && is_account(arn.account);
}

// The text behind `prefix`; empty when it does not begin so.
std::string_view behind(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view{};
}

}  // namespace

bool is_name(std::string_view text) {
  return is_made_of(text, "-_.");
}

bool is_client_token(std::string_view text) {
  return is_made_of(text, "-_");
}

bool is_pipeline_name(std::string_view text) {
  return text.empty() || is_made_of(text, "-_");
}

bool is_kms_key_arn(std::string_view text) {
  const Arn arn = read_arn(text, "kms");
  const bool is_key = arn.resource.starts_with("key/") || arn.resource.starts_with("alias/");
  if (!is_placed(arn) || !is_key) return false;
  const std::string_view id = arn.resource.substr(arn.resource.find('/') + 1);
  return id.empty() || is_made_of(id, "-_");
}

bool is_role_arn(std::string_view text) {
  const Arn arn = read_arn(text, "iam");
  return arn.region.empty() && is_account(arn.account) &&
         is_made_of(behind(arn.resource, "role/"), "_+=,.@/-");
}

bool is_queue_arn(std::string_view text) {
  const Arn arn = read_arn(text, "sqs");
  return is_placed(arn) && is_made_of(arn.resource, "-_");
}

bool is_group_arn(std::string_view text) {
  const Arn arn = read_arn(text, "scheduler");
  return is_placed(arn) && is_made_of(behind(arn.resource, "schedule-group/"), "-_.");
}

bool is_source(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == '$') return true;
  return is_made_of(text.substr(0, 1), "/.-_") && !text.starts_with("aws.") &&
         text.find('\n') == std::string_view::npos;
}

}  // namespace ebagent::server::scheduler_api
