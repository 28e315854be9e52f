#include "models/bedrock.hpp"

#include <iterator>
#include <utility>

#include "aws/arn.hpp"
#include "aws/sigv4.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/percent.hpp"
#include "http/url.hpp"
#include "models/bedrock_messages.hpp"
#include "models/json_members.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kSigningName = "bedrock";
constexpr const char* kBearerVariable = "AWS_BEARER_TOKEN_BEDROCK";
constexpr const char* kUrlVariable = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";
// What emulators on this machine take.
const aws::Credentials kEmulatorKeys{.access_key_id = "test", .secret_access_key = "test"};

// It becomes part of a host name, to which a signature goes.
bool is_region(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// "com.amazonaws.bedrock#ValidationException:http://..." is ValidationException.
std::string bare_type(std::string type) {
  type = type.substr(0, type.find(':'));
  const auto hash = type.rfind('#');
  return hash == std::string::npos ? type : type.substr(hash + 1);
}

}  // namespace

Result<std::unique_ptr<const Protocol>> BedrockProtocol::make(const ModelSettings& settings,
                                                              const ModelPorts& ports) {
  std::unique_ptr<BedrockProtocol> protocol(new BedrockProtocol(settings, ports));
  BOOST_OUTCOME_TRY(protocol->key_, KeyReference::parse(settings.api_key));
  if (!settings.region.empty() && !is_region(settings.region)) {
    return fail(ErrorCode::InvalidArgument, "\"" + settings.region + "\" is no region.");
  }
  protocol->service_ = "Bedrock";
  if (!settings.url.empty()) {
    BOOST_OUTCOME_TRY(const auto url, http::parse_url(settings.url));
    protocol->service_ += " at " + url.authority;
  }
  return std::unique_ptr<const Protocol>(std::move(protocol));
}

std::string BedrockProtocol::region() const {
  if (!settings_.region.empty()) return settings_.region;
  const auto arn = aws::parse_arn(settings_.model);
  if (arn && !arn->region.empty()) return arn->region;
  std::string region = ports_.environment("AWS_REGION");
  return region.empty() ? ports_.environment("AWS_DEFAULT_REGION") : region;
}

Result<std::string> BedrockProtocol::origin(const std::string& region) const {
  if (!settings_.url.empty()) return settings_.url;
  if (ports_.environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") != "true") {
    if (std::string url = ports_.environment(kUrlVariable); !url.empty()) return url;
  }
  if (!is_region(region)) {
    return fail(ErrorCode::InvalidArgument,
                "Bedrock needs a region: set it in the model's settings, or AWS_REGION.");
  }
  return "https://bedrock-runtime." + region + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
}

Result<std::string> BedrockProtocol::bearer_key() const {
  if (!key_.is_empty()) return key_.read(ports_.environment);
  if (ports_.environment(kBearerVariable).empty()) return std::string{};
  BOOST_OUTCOME_TRY(const auto usual, KeyReference::parse(std::string{"env:"} + kBearerVariable));
  return usual.read(ports_.environment);
}

Result<aws::Credentials> BedrockProtocol::credentials(bool is_loopback) const {
  auto found = ports_.credentials.credentials();
  if (found || found.error().code != ErrorCode::NotFound) return found;
  if (is_loopback) return kEmulatorKeys;
  return fail(ErrorCode::InvalidArgument,
              found.error().message + " Or set " + kBearerVariable + " to a key of Bedrock.");
}

std::string BedrockProtocol::body(const Conversation& conversation, const Dialect& dialect) const {
  return core::write_json(bedrock_request(conversation, settings_, dialect.caches));
}

Result<http::Request> BedrockProtocol::request(std::string body) const {
  const std::string region_name = region();
  BOOST_OUTCOME_TRY(auto base, origin(region_name));
  BOOST_OUTCOME_TRY(const auto base_url, http::parse_url(base));
  std::string path = base_url.path;
  while (path.ends_with('/')) path.pop_back();
  path.append("/model/").append(core::percent_encode(settings_.model));
  path.append(settings_.stream ? "/converse-stream" : "/converse");
  http::Request request{
      .url = base_url.origin() + path + (base_url.query.empty() ? "" : "?" + base_url.query),
      .headers = {{"Content-Type", "application/json"},
                  {"Accept", settings_.stream ? "application/vnd.amazon.eventstream" : "application/json"}},
      .body = std::move(body)};
  BOOST_OUTCOME_TRY(auto bearer, bearer_key());
  if (!bearer.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + bearer);
    return request;
  }
  BOOST_OUTCOME_TRY(const auto keys, credentials(base_url.is_loopback()));
  aws::Headers signed_headers = request.headers;
  signed_headers.emplace_back("host", base_url.authority);
  const std::string hash = core::sha256_hex(request.body);
  auto added =
      aws::sign({.method = request.method,
                 .path = path,
                 .query = base_url.query,
                 .headers = signed_headers,
                 .payload_hash = hash},
                keys, is_region(region_name) ? region_name : "us-east-1", kSigningName, ports_.clock.now());
  request.headers.insert(request.headers.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
  return request;
}

std::unique_ptr<StreamReader> BedrockProtocol::stream_reader(const OnText& on_text) const {
  return std::make_unique<BedrockStream>(service_, on_text);
}

Attempt BedrockProtocol::read(std::string_view body) const {
  return bedrock_turn(body, service_);
}

ServiceError BedrockProtocol::error_of(const http::Response& response) const {
  ServiceError error{.status = response.status,
                     .type = bare_type(std::string{response.header("x-amzn-errortype")})};
  auto parsed = core::parse_json(response.body);
  if (const auto* const answer = parsed ? parsed.value().if_object() : nullptr) {
    if (error.type.empty()) error.type = bare_type(core::text_member(*answer, "__type"));
    error.message = core::text_member(*answer, "message");
    if (error.message.empty()) error.message = core::text_member(*answer, "Message");
  }
  return error;
}

// Models that know no prompt caching refuse a request that asks for it, some with 403.
void BedrockProtocol::concede(const ServiceError& error, Dialect& dialect) const {
  const bool is_about_caching = error.message.find("cachePoint") != std::string::npos ||
                                error.message.find("prompt caching") != std::string::npos;
  if ((error.status == 400 || error.status == 403) && is_about_caching) dialect.caches = false;
}

}  // namespace ebagent::models
