#include "cli/bus_api.hpp"

#include <utility>
#include <vector>

#include "aws/environment.hpp"
#include "aws/sigv4.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "http/url.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

std::vector<std::unique_ptr<aws::CredentialSource>> credential_sources() {
  std::vector<std::unique_ptr<aws::CredentialSource>> sources;
  sources.push_back(std::make_unique<aws::EnvironmentCredentials>(aws::process_environment()));
  sources.push_back(std::make_unique<aws::SharedFileCredentials>(aws::process_environment()));
  return sources;
}

Error refusal(const http::Response& response) {
  std::string text = "The server answered HTTP " + std::to_string(response.status) + ".";
  const auto body = core::parse_json(response.body);
  if (body && body.value().is_object()) {
    const json::object& error = body.value().get_object();
    const std::string type = core::text_member(error, "__type");
    const std::string message = core::text_member(error, "message");
    if (!type.empty()) text = type + ": " + (message.empty() ? core::text_member(error, "Message") : message);
  }
  return {response.status >= 500 ? ErrorCode::Unavailable : ErrorCode::InvalidArgument, std::move(text)};
}

}  // namespace

BusApi::BusApi(std::unique_ptr<http::Client> http, std::string endpoint, std::string region,
               const Clock& clock)
    : http_(std::move(http)),
      endpoint_(std::move(endpoint)),
      region_(std::move(region)),
      clock_(clock),
      credentials_(credential_sources(), clock) {}

Result<http::Request> BusApi::signed_request(std::string_view operation, std::string body) {
  BOOST_OUTCOME_TRY(const auto url, http::parse_url(endpoint_));
  auto credentials = credentials_.credentials();
  if (!credentials) {
    if (credentials.error().code != ErrorCode::NotFound || !url.is_loopback())
      return fail(credentials.error());
    credentials = aws::Credentials{.access_key_id = "test", .secret_access_key = "test"};
  }
  http::Request request{.url = url.origin() + "/",
                        .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                    {"X-Amz-Target", "AWSEvents." + std::string(operation)}},
                        .body = std::move(body)};
  aws::Headers headers = request.headers;
  headers.emplace_back("host", url.authority);
  const std::string hash = core::sha256_hex(request.body);
  for (auto& header :
       aws::sign({.method = request.method, .path = "/", .headers = headers, .payload_hash = hash},
                 credentials.value(), region_, "events", clock_.now())) {
    request.headers.push_back(std::move(header));
  }
  return request;
}

Result<json::object> BusApi::call(std::string_view operation, const json::object& input) {
  BOOST_OUTCOME_TRY(const auto request, signed_request(operation, core::write_json(input)));
  const auto answer = http_->send(request);
  if (!answer) {
    return fail(ErrorCode::Unavailable, answer.error().text + " Is a server running at " + endpoint_ + "?");
  }
  if (!answer.value().is_success()) return fail(refusal(answer.value()));
  if (answer.value().body.empty()) return json::object{};
  BOOST_OUTCOME_TRY(auto body, core::parse_json(answer.value().body));
  if (!body.is_object()) return fail(ErrorCode::Malformed, "The server's answer is no object.");
  return std::move(body.get_object());
}

}  // namespace ebagent::cli
