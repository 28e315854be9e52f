#include "connections/invocation.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/percent.hpp"

namespace ebagent::connections {
namespace {

namespace json = boost::json;

// AWS gives a destination five seconds.
constexpr std::chrono::seconds kTimeout{5};
// Answers are looked at for their status only, those of token endpoints for a token.
constexpr std::size_t kMaxAnswerBytes = std::size_t{1024} * 1024;

constexpr std::string_view kUserAgent = "Amazon/EventBridge/ApiDestinations";
constexpr std::string_view kRange = "bytes=0-1048575";
constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// How a message is framed is HTTP's business, and these two AWS keeps for itself.
constexpr std::array<std::string_view, 11> kOwnHeaders{
    "host",    "content-length", "transfer-encoding", "connection", "te",   "trailer",
    "upgrade", "expect",         "keep-alive",        "user-agent", "range"};

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool same_header(std::string_view a, std::string_view b) {
  return lower(a) == lower(b);
}
bool same_text(std::string_view a, std::string_view b) {
  return a == b;
}

// Puts a pair in place of those that are the same by `same`.
template <class Same>
void put(Pairs& pairs, const std::string& name, const std::string& value, Same same) {
  std::erase_if(pairs, [&](const auto& pair) { return same(pair.first, name); });
  pairs.emplace_back(name, value);
}

// The members of a map of the target's HttpParameters.
Pairs given_by_target(const json::object& parameters, std::string_view member) {
  Pairs pairs;
  const auto* value = parameters.if_contains(json::string_view{member.data(), member.size()});
  const auto* map = value == nullptr ? nullptr : value->if_object();
  if (map == nullptr) return pairs;
  for (const auto& [name, text] : *map) {
    if (text.is_string()) pairs.emplace_back(name, text.get_string());
  }
  return pairs;
}

// A list of {Key, Value} of a connection's parameters.
Pairs given_by_connection(const json::object& parameters, std::string_view member) {
  Pairs pairs;
  const auto* value = parameters.if_contains(json::string_view{member.data(), member.size()});
  const auto* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return pairs;
  for (const auto& element : *list) {
    const auto* object = element.if_object();
    if (object == nullptr) continue;
    pairs.emplace_back(core::text_member(*object, "Key"), core::text_member(*object, "Value"));
  }
  return pairs;
}

Result<void> put_headers(http::Headers& headers, const Pairs& given) {
  for (const auto& [name, value] : given) {
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower(name)) != kOwnHeaders.end()) {
      return fail(ErrorCode::InvalidArgument, "HttpParameters cannot set the header " + name + ".");
    }
    put(headers, name, value, same_header);
  }
  return success();
}

// The endpoint with each `*` replaced by the next value; without values it stays as it is.
Result<std::string> filled(const std::string& endpoint, const json::object& parameters) {
  const auto* member = parameters.if_contains("PathParameterValues");
  const auto* values = member == nullptr ? nullptr : member->if_array();
  if (values == nullptr || values->empty()) return endpoint;
  const auto places = static_cast<std::size_t>(std::count(endpoint.begin(), endpoint.end(), '*'));
  if (places != values->size()) {
    return fail(ErrorCode::InvalidArgument, "The endpoint has " + std::to_string(places) +
                                                " '*' and the target's PathParameterValues " +
                                                std::to_string(values->size()) + " values.");
  }
  std::string out;
  std::size_t next = 0;
  for (const char c : endpoint) {
    if (c != '*') {
      out += c;
      continue;
    }
    const auto* text = values->at(next++).if_string();
    if (text != nullptr) out += core::percent_encode({text->data(), text->size()});
  }
  return out;
}

std::string encoded(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(core::percent_encode(name)).append("=").append(core::percent_encode(value));
  }
  return out;
}

// The URL with parameters in its query, in place of those of the same name.
std::string with_query(const std::string& url, const Pairs& parameters) {
  if (parameters.empty()) return url;
  const std::string without_fragment = url.substr(0, url.find('#'));
  const std::size_t mark = without_fragment.find('?');
  std::string out = without_fragment.substr(0, mark);
  std::string query;
  std::string_view rest =
      mark == std::string::npos ? std::string_view{} : std::string_view{without_fragment}.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const std::string name = core::percent_decode(one.substr(0, one.find('=')));
    const bool is_replaced = std::any_of(parameters.begin(), parameters.end(),
                                         [&](const auto& pair) { return pair.first == name; });
    if (is_replaced || one.empty()) continue;
    query.append(query.empty() ? "" : "&").append(one);
  }
  query.append(query.empty() ? "" : "&").append(encoded(parameters));
  return out.append("?").append(query);
}

Result<std::string> with_members(const std::string& payload, const Pairs& members) {
  if (members.empty()) return payload;
  auto parsed = core::parse_json(payload);
  if (!parsed || !parsed.value().is_object()) {
    return fail(
        ErrorCode::Malformed,
        "The connection has body parameters, and what the target gets is no JSON object to add them to.");
  }
  for (const auto& [name, value] : members) parsed.value().get_object()[name] = value;
  return core::write_json(parsed.value());
}

bool has_body(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

const json::object& object_or_none(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* value = object.if_contains(json::string_view{name.data(), name.size()});
  return value == nullptr || !value->is_object() ? kNone : value->get_object();
}

// The body of a token request; a user who says that it is JSON gets JSON.
std::string token_body(const Pairs& members, const http::Headers& headers) {
  const bool is_json = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return same_header(header.first, "content-type") && lower(header.second).starts_with("application/json");
  });
  if (!is_json) return encoded(members);
  json::object object;
  for (const auto& [name, value] : members) object[name] = value;
  return core::write_json(object);
}

}  // namespace

Result<http::Request> make_request(const Invocation& invocation) {
  const json::object& target = invocation.target_parameters;
  const json::object& connection = invocation.connection_parameters;
  const ApiDestination& destination = invocation.destination;
  BOOST_OUTCOME_TRY(std::string url, filled(destination.endpoint, target));

  Pairs query = given_by_target(target, "QueryStringParameters");
  for (const auto& [name, value] : given_by_connection(connection, "QueryStringParameters")) {
    put(query, name, value, same_text);
  }
  http::Headers headers{{"Content-Type", std::string{kJson}}};
  BOOST_OUTCOME_TRYV(put_headers(headers, given_by_target(target, "HeaderParameters")));
  BOOST_OUTCOME_TRYV(put_headers(headers, given_by_connection(connection, "HeaderParameters")));
  BOOST_OUTCOME_TRYV(put_headers(headers, invocation.authorization));
  headers.emplace_back("User-Agent", kUserAgent);
  headers.emplace_back("Range", kRange);

  http::Request request{.method = destination.method,
                        .url = with_query(url, query),
                        .headers = std::move(headers),
                        .timeout = kTimeout,
                        .max_response_bytes = kMaxAnswerBytes};
  if (has_body(destination.method)) {
    BOOST_OUTCOME_TRY(request.body,
                      with_members(invocation.payload, given_by_connection(connection, "BodyParameters")));
  }
  return request;
}

Result<http::Request> make_token_request(const json::object& oauth) {
  const json::object& client = object_or_none(oauth, "ClientParameters");
  const json::object& more = object_or_none(oauth, "OAuthHttpParameters");
  const std::string method = core::text_member(oauth, "HttpMethod");
  Pairs credentials{{"grant_type", "client_credentials"},
                    {"client_id", core::text_member(client, "ClientID")},
                    {"client_secret", core::text_member(client, "ClientSecret")}};
  Pairs query = given_by_connection(more, "QueryStringParameters");
  http::Headers headers{{"Accept", "application/json"}};
  if (has_body(method)) headers.emplace_back("Content-Type", kForm);
  BOOST_OUTCOME_TRYV(put_headers(headers, given_by_connection(more, "HeaderParameters")));
  headers.emplace_back("User-Agent", kUserAgent);
  http::Request request{.method = method, .timeout = kTimeout, .max_response_bytes = kMaxAnswerBytes};
  for (const auto& [name, value] : given_by_connection(more, "BodyParameters")) {
    put(credentials, name, value, same_text);
  }
  if (has_body(method)) {
    request.body = token_body(credentials, headers);
  } else {
    for (const auto& [name, value] : credentials) put(query, name, value, same_text);
  }
  request.url = with_query(core::text_member(oauth, "AuthorizationEndpoint"), query);
  request.headers = std::move(headers);
  return request;
}

std::string basic_credentials(std::string_view user, std::string_view password) {
  const std::string text = std::string{user} + ":" + std::string{password};
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return "Basic " + encoded;
}

}  // namespace ebagent::connections
