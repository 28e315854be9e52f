#include "targets/aws_client.hpp"

#include <boost/json.hpp>
#include <iterator>
#include <string>
#include <utility>

#include "core/ids.hpp"
#include "http/url.hpp"
#include "targets/outcome.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;

// An emulator takes any keys; these are the ones that their documentation uses.
const aws::Credentials kEmulatorKeys{.access_key_id = "test", .secret_access_key = "test"};

struct ServiceError {
  std::string code;
  std::string message;
};

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

// "com.amazonaws.sqs#QueueDoesNotExist:http://..." is QueueDoesNotExist.
std::string bare_code(std::string code) {
  code = code.substr(0, code.find(':'));
  const auto hash = code.rfind('#');
  return hash == std::string::npos ? code : code.substr(hash + 1);
}

// The text of the first element of that name.
std::string element(std::string_view xml, std::string_view name) {
  const std::string begin = "<" + std::string{name} + ">";
  const auto at = xml.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = xml.substr(at + begin.size());
  std::string text{rest.substr(0, rest.find("</"))};
  constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    for (auto found = text.find(entity); found != std::string::npos; found = text.find(entity, found + 1)) {
      text.replace(found, entity.size(), character);
    }
  }
  return text;
}

ServiceError service_error(const http::Response& response) {
  ServiceError error{.code = bare_code(std::string{response.header("x-amzn-errortype")}), .message = {}};
  if (response.body.starts_with('<')) {
    if (error.code.empty()) error.code = element(response.body, "Code");
    error.message = element(response.body, "Message");
    return error;
  }
  json::error_code no_json;
  const json::value body = json::parse(response.body, no_json);
  if (const auto* object = no_json ? nullptr : body.if_object(); object != nullptr) {
    if (error.code.empty()) error.code = bare_code(text_of(*object, "__type"));
    if (error.code.empty()) error.code = bare_code(text_of(*object, "code"));
    error.message = text_of(*object, "message");
    if (error.message.empty()) error.message = text_of(*object, "Message");
  }
  return error;
}

AwsRefusal refusal(const AwsCall& call, const std::string& endpoint, const http::Response& response) {
  ServiceError error = service_error(response);
  std::string message = std::string{aws::name_of(call.service)} + " at " + endpoint + " answered " +
                        std::to_string(response.status);
  if (!error.code.empty()) message += " " + error.code;
  if (!error.message.empty()) message += ": " + error.message;
  auto outcome = outcome_of_service_error(response, error.code, std::move(message));
  return {.code = std::move(error.code), .outcome = std::move(outcome)};
}

// It becomes part of a host name, to which a signature goes.
bool is_region(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

AwsRefusal refuse(delivery::SendOutcome outcome) {
  return {.code = {}, .outcome = std::move(outcome)};
}

}  // namespace

Result<aws::Credentials> AwsClient::credentials_for(const std::string& endpoint) {
  auto found = credentials_.credentials();
  if (found || found.error().code != ErrorCode::NotFound) return found;
  const auto url = http::parse_url(endpoint);
  if (url && url.value().is_loopback()) return kEmulatorKeys;
  return found;
}

AwsAnswer AwsClient::call(const AwsCall& call) {
  if (!is_region(call.region)) {
    return refuse(invalid_parameter("The target's ARN names no region, but \"" + call.region + "\"."));
  }
  const auto endpoint = endpoints_.url(call.service, call.region);
  if (!endpoint) return refuse(no_resource(aws::Endpoints::how_to_set(call.service)));
  const auto url = http::parse_url(*endpoint + call.path);
  if (!url) return refuse(invalid_parameter(url.error().message));
  const auto credentials = credentials_for(*endpoint);
  if (!credentials) {
    return refuse(delivery::Fail{std::string{delivery::kNoPermissions}, credentials.error().message});
  }
  http::Request request{.method = "POST",
                        .url = *endpoint + call.path + (call.query.empty() ? "" : "?" + call.query),
                        .headers = call.headers,
                        .body = call.body};
  aws::Headers signed_headers = call.headers;
  signed_headers.emplace_back("host", url.value().authority);
  const std::string hash = core::sha256_hex(call.body);
  auto added = aws::sign({.method = request.method,
                          .path = url.value().path,
                          .query = call.query,
                          .headers = signed_headers,
                          .payload_hash = hash},
                         credentials.value(), call.region, aws::signing_name(call.service), clock_.now());
  request.headers.insert(request.headers.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
  auto answer = http_.send(request);
  if (!answer) return refuse(outcome_of(answer.error()));
  if (!answer.value().is_success()) return refusal(call, *endpoint, answer.value());
  return std::move(answer.value().body);
}

AwsAnswer AwsClient::call_json(aws::Service service, const std::string& region, std::string_view version,
                               std::string_view target, std::string body) {
  return call({.service = service,
               .region = region,
               .headers = {{"Content-Type", "application/x-amz-json-" + std::string{version}},
                           {"X-Amz-Target", std::string{target}}},
               .body = std::move(body)});
}

}  // namespace ebagent::targets
