#include "tools/http_tool.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/json.hpp"
#include "tools/shown_text.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShown = 500;  // bytes of an answer in an error message

bool has_body(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool has_header(const http::Request& request, const std::string& name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return lower(header.first) == name; });
}

Result<void> add_headers(const HttpCall& call, const json::value& arguments, const ToolContext& context,
                         secrets::Redactor& secrets, http::Request& request) {
  for (const auto& [name, value] : call.headers) {
    BOOST_OUTCOME_TRY(auto text, value.fill(arguments, secrets));
    if (std::any_of(text.begin(), text.end(),
                    [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; })) {
      return fail(ErrorCode::InvalidArgument,
                  "The value of the header " + name + " would have a line break or control character.");
    }
    request.headers.emplace_back(name, std::move(text));
  }
  if (!has_header(request, "accept")) request.headers.emplace_back("Accept", "application/json, */*;q=0.5");
  if (call.effect != Effect::Read && !has_header(request, "idempotency-key")) {
    request.headers.emplace_back("Idempotency-Key", context.idempotency_key());
  }
  return success();
}

Result<http::Request> make_request(const HttpCall& call, const json::value& arguments,
                                   const ToolContext& context, secrets::Redactor& secrets) {
  http::Request request{.method = call.method};
  BOOST_OUTCOME_TRY(request.url, call.url.fill(arguments));
  BOOST_OUTCOME_TRYV(add_headers(call, arguments, context, secrets, request));
  if (call.body) {
    BOOST_OUTCOME_TRY(request.body, call.body->apply(arguments));
  } else if (has_body(call.method)) {
    request.body = core::write_json(arguments);
  }
  if (!request.body.empty() && !has_header(request, "content-type")) {
    request.headers.emplace_back("Content-Type", "application/json");
  }
  request.timeout = time_left(call.timeout, context);
  request.max_response_bytes = call.output_limit + 1;  // one more tells whether it was cut
  request.oversize = http::Request::Oversize::Cut;
  return request;
}

Error transport_error(const HttpCall& call, const http::TransportError& error) {
  const bool may_have_acted = error.failure == http::Failure::TimedOut ||
                              error.failure == http::Failure::Protocol ||
                              error.failure == http::Failure::TooLarge;
  const char* doubt =
      may_have_acted && call.effect != Effect::Read ? " It may have been carried out all the same." : "";
  const ErrorCode code = error.failure == http::Failure::InvalidRequest ? ErrorCode::InvalidArgument
                         : error.failure == http::Failure::TimedOut     ? ErrorCode::TimedOut
                                                                        : ErrorCode::Unavailable;
  return {code, error.text + doubt};
}

ErrorCode code_of(int status) {
  if (status == 408 || status == 429 || status >= 500) return ErrorCode::Unavailable;
  if (status == 404 || status == 410) return ErrorCode::NotFound;
  return status == 409 ? ErrorCode::Conflict : ErrorCode::InvalidArgument;
}

json::value body_of(const http::Response& response, bool is_cut) {
  const std::string type = lower(std::string(response.header("content-type")));
  if (!is_cut && type.find("json") != std::string::npos) {
    if (auto parsed = core::parse_json(response.body)) return std::move(parsed).value();
  }
  return json::value(valid_utf8(response.body));
}

Result<json::value> read_answer(const HttpCall& call, http::Response response) {
  if (!response.is_success()) {
    const std::string shown = valid_utf8(std::string_view(response.body).substr(0, kMaxShown));
    return fail(code_of(response.status), call.method + " " + call.url.base().authority + " answered " +
                                              std::to_string(response.status) +
                                              (shown.empty() ? "." : ": " + shown));
  }
  const bool is_cut = response.body.size() > call.output_limit;
  if (is_cut) response.body.resize(call.output_limit);
  json::object result{{"status", response.status}, {"body", body_of(response, is_cut)}};
  if (is_cut) result["is_truncated"] = true;
  return result;
}

}  // namespace

Tool::Function http_function(HttpCall call, std::shared_ptr<http::Client> client,
                             std::shared_ptr<secrets::Redactor> secrets) {
  return [call = std::move(call), client = std::move(client), secrets = std::move(secrets)](
             const json::value& arguments, const ToolContext& context) -> Result<json::value> {
    BOOST_OUTCOME_TRY(auto request, make_request(call, arguments, context, *secrets));
    http::Answer answer = client->send(request);
    if (!answer) return fail(transport_error(call, answer.error()));
    return read_answer(call, std::move(answer).assume_value());
  };
}

}  // namespace ebagent::tools
