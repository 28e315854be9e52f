#include "server/aws_api/caller.hpp"

#include <algorithm>

namespace ebagent::server::aws_api {
namespace {

constexpr std::size_t kAccountDigits = 12;
// Longer than any region there is; what is longer is no region.
constexpr std::size_t kMaxRegion = 32;

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRegion && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// The part before `mark`, taken off `text` with the mark.
std::string_view take(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + mark.size());
  return part;
}

std::string_view after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

struct Credential {
  std::string_view text;
  std::string_view separator;  // "/" or, in a query, "%2F"
};

Credential credential_of(const Request& request) {
  const std::string_view signed_header = after(request.headers.get("authorization"), "Credential=");
  if (!signed_header.empty()) return {signed_header.substr(0, signed_header.find_first_of(", ")), "/"};
  const std::string_view header = request.headers.get("x-amz-credential");
  if (!header.empty()) return {header, "/"};
  std::string_view query = after(request.target, "X-Amz-Credential=");
  query = query.substr(0, query.find('&'));
  return {query, query.find('/') == std::string_view::npos ? "%2F" : "/"};
}

}  // namespace

bus::Scope caller_scope(const Request& request, const bus::Scope& defaults) {
  bus::Scope scope = defaults;
  if (request.caller) {
    if (!request.caller->account.empty()) scope.account = request.caller->account;
    if (is_region(request.caller->region)) scope.region = request.caller->region;
    return scope;
  }
  Credential credential = credential_of(request);
  const std::string_view key = take(credential.text, credential.separator);
  take(credential.text, credential.separator);  // the date
  const std::string_view region = take(credential.text, credential.separator);
  if (is_account(key)) scope.account = key;
  if (is_region(region)) scope.region = region;
  return scope;
}

}  // namespace ebagent::server::aws_api
