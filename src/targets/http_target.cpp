#include "targets/http_target.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/percent.hpp"
#include "ebagent/result.hpp"
#include "http/url.hpp"
#include "targets/cloud_event_form.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kTimeout{10};
// Only the beginning of an answer is ever looked at.
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} * 1024;

// How a message is framed is HTTP's business, not the rule's.
constexpr std::array<std::string_view, 9> kOwnHeaders{
    "host",    "content-length", "transfer-encoding", "connection", "te", "trailer",
    "upgrade", "expect",         "keep-alive"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const json::object* object_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

// The path with each `*` replaced by the next value; a path without values stays as it is.
Result<std::string> filled_path(const std::string& path, const json::object& parameters) {
  const auto* member = parameters.if_contains("PathParameterValues");
  const auto* values = member == nullptr ? nullptr : member->if_array();
  if (values == nullptr || values->empty()) return path;
  const auto places = static_cast<std::size_t>(std::count(path.begin(), path.end(), '*'));
  if (places != values->size()) {
    return fail(ErrorCode::InvalidArgument, "The target's URL has " + std::to_string(places) +
                                                " '*' and its PathParameterValues " +
                                                std::to_string(values->size()) + " values.");
  }
  std::string filled;
  auto next = values->begin();
  for (const char c : path) {
    if (c != '*') {
      filled += c;
      continue;
    }
    filled +=
        core::percent_encode(next->is_string() ? std::string_view{next->get_string()} : std::string_view{});
    ++next;
  }
  return filled;
}

std::string with_query(std::string query, const json::object& parameters) {
  const auto* added = object_member(parameters, "QueryStringParameters");
  if (added == nullptr) return query;
  for (const auto& [name, value] : *added) {
    if (!value.is_string()) continue;
    query.append(query.empty() ? "" : "&").append(core::percent_encode(name)).append("=");
    query += core::percent_encode(std::string_view{value.get_string()});
  }
  return query;
}

bool has_header(const http::Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return lower(header.first) == name; });
}

Result<http::Headers> given_headers(const json::object& parameters) {
  http::Headers headers;
  const auto* given = object_member(parameters, "HeaderParameters");
  if (given == nullptr) return headers;
  for (const auto& [name, value] : *given) {
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower(std::string{name})) != kOwnHeaders.end()) {
      return fail(ErrorCode::InvalidArgument,
                  "HttpParameters cannot set the header " + std::string{name} + ".");
    }
    if (value.is_string()) headers.emplace_back(name, value.get_string());
  }
  return headers;
}

// What the fragment asks for.
Result<CloudEventForm> form_of(const std::string& fragment) {
  if (fragment.empty()) return CloudEventForm::None;
  if (fragment == "cloudevents=binary") return CloudEventForm::Binary;
  if (fragment == "cloudevents=structured") return CloudEventForm::Structured;
  return fail(
      ErrorCode::InvalidArgument,
      "A target's URL may end in #cloudevents=binary or #cloudevents=structured, not in #" + fragment + ".");
}

struct Prepared {
  http::Request request;
  std::string name;  // without the query, which may hold secrets
};

Result<Prepared> prepare(const store::Delivery& delivery) {
  const json::object parameters = target_parameters(*delivery.route, "HttpParameters");
  BOOST_OUTCOME_TRY(const auto url, http::parse_url(delivery.route->target_arn));
  BOOST_OUTCOME_TRY(const auto path, filled_path(url.path, parameters));
  BOOST_OUTCOME_TRY(const auto form, form_of(url.fragment));
  BOOST_OUTCOME_TRY(auto headers, given_headers(parameters));
  BOOST_OUTCOME_TRY(auto message, formed(delivery, form));
  for (auto& header : message.headers) {
    if (!has_header(headers, lower(header.first))) headers.push_back(std::move(header));
  }
  if (!has_header(headers, "idempotency-key")) headers.emplace_back("Idempotency-Key", delivery_id(delivery));
  const std::string query = with_query(url.query, parameters);
  const std::string name = url.origin() + path;
  return Prepared{.request = {.method = "POST",
                              .url = name + (query.empty() ? "" : "?" + query),
                              .headers = std::move(headers),
                              .body = std::move(message.body),
                              .timeout = kTimeout,
                              .max_response_bytes = kMaxAnswerBytes,
                              .oversize = http::Request::Oversize::Cut},
                  .name = name};
}

}  // namespace

delivery::SendOutcome HttpTarget::send(const store::Delivery& delivery) {
  const auto prepared = prepare(delivery);
  if (!prepared) return invalid_parameter(prepared.error().message);
  const auto answer = http_.send(prepared.value().request);
  if (!answer) return outcome_of(answer.error());
  return outcome_of_http_answer(answer.value(), prepared.value().name);
}

}  // namespace ebagent::targets
