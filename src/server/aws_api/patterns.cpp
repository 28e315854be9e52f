#include "server/aws_api/patterns.hpp"

#include <algorithm>

namespace ebagent::server::aws_api {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c);
}
bool is_word(char c) {
  return is_alphanumeric(c) || c == '_';
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

// Takes the text before `mark` off `text`; false when there is no such mark.
bool take_until(std::string_view& text, char mark, std::string_view& part) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return false;
  part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

// [a-z]{2}-[a-z]+-[\w-]+
bool is_region(std::string_view text) {
  std::string_view area, place;
  return take_until(text, '-', area) && take_until(text, '-', place) && area.size() == 2 &&
         all_of(area, is_lower) && all_of(place, is_lower) &&
         all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

// arn:aws[\w-]*:events:REGION:[0-9]{12}:event-bus\/ at the beginning of `text`, taken off.
bool take_bus_arn(std::string_view& text) {
  std::string_view rest = text, arn, partition, service, region, account, kind;
  if (!take_until(rest, ':', arn) || !take_until(rest, ':', partition) || !take_until(rest, ':', service) ||
      !take_until(rest, ':', region) || !take_until(rest, ':', account) || !take_until(rest, '/', kind)) {
    return false;
  }
  if (arn != "arn" || !partition.starts_with("aws") || service != "events" || !is_region(region) ||
      account.size() != 12 || !all_of(account, is_digit) || kind != "event-bus" ||
      !all_of(partition, [](char c) { return is_word(c) || c == '-'; })) {
    return false;
  }
  text = rest;
  return true;
}

}  // namespace

bool is_resource_name(std::string_view text) {
  return all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_bus_name(std::string_view text) {
  return all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-' || c == '/'; });
}

bool is_bus_name_or_arn(std::string_view text) {
  take_bus_arn(text);
  return is_bus_name(text);
}

bool is_input_path_key(std::string_view text) {
  return all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~,";
  return all_of(text, [&](char c) { return is_alphanumeric(c) || kMarks.find(c) != std::string_view::npos; });
}

bool is_header_value(std::string_view text) {
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
  return std::any_of(text.begin(), text.end(), is_visible) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

bool is_path_parameter(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") != std::string_view::npos &&
         text.find('\n') == std::string_view::npos;
}

bool is_query_name(std::string_view text) {
  return all_of(text, [](char c) { return !is_control(c); });
}

bool is_query_value(std::string_view text) {
  return all_of(text, [](char c) { return !is_control(c) || c == '\n' || c == '\r'; });
}

bool is_pipeline_parameter(std::string_view text) {
  return all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; }) &&
         is_alphanumeric(text.front()) && is_alphanumeric(text.back());
}

bool is_kms_key(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_word(c) || c == '-' || c == '/' || c == ':'; });
}

bool is_principal(std::string_view text) {
  constexpr std::size_t kAccountDigits = 12;
  return text == "*" || (text.size() == kAccountDigits &&
                         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

bool is_statement_id(std::string_view text) {
  return all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

bool is_bus_action(std::string_view text) {
  constexpr std::string_view kService = "events:";
  return text.starts_with(kService) && all_of(text.substr(kService.size()), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

bool is_events_arn(std::string_view text) {
  std::string_view arn, partition, service, region, account;
  if (!take_until(text, ':', arn) || !take_until(text, ':', partition) || !take_until(text, ':', service) ||
      !take_until(text, ':', region) || !take_until(text, ':', account)) {
    return false;
  }
  constexpr std::string_view kPartition = "aws";
  constexpr std::size_t kAccountDigits = 12;
  const auto all = [](std::string_view part, bool (*belongs)(char)) {
    return std::all_of(part.begin(), part.end(), belongs);
  };
  const std::size_t slash = text.rfind('/', text.size() - 2);
  return arn == "arn" && service == "events" && partition.starts_with(kPartition) &&
         all(partition.substr(kPartition.size()), [](char c) { return is_lower(c) || c == '-'; }) &&
         all(region, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; }) &&
         (account.empty() || (account.size() == kAccountDigits && all(account, is_digit))) &&
         text.size() > 2 && slash != std::string_view::npos && slash > 0 &&
         text.find('\n') == std::string_view::npos;
}

bool is_auth_header_parameter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return !is_control(c) && c != ':'; }) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (!is_control(c) && c != ':'); });
}

bool is_endpoint(std::string_view text) {
  constexpr std::string_view kMarks = "-()_.!~*';/?:@&=+$,";
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_alphanumeric(text[i]) || kMarks.find(text[i]) != std::string_view::npos) continue;
    if (text[i] != '%' || i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

bool is_connection_arn(std::string_view text) {
  if (!is_events_arn(text)) return false;
  constexpr std::string_view kMark = ":connection/";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos || std::count(text.begin(), text.end(), ':') != 5) return false;
  std::string_view name;
  std::string_view uuid = text.substr(mark + kMark.size());
  return take_until(uuid, '/', name) && is_resource_name(name) &&
         all_of(uuid, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace ebagent::server::aws_api
