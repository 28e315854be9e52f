#include "server/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <optional>
#include <utility>

namespace ebagent::server {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using BeastView = boost::beast::string_view;

// A body is given room at once up to this; beyond it memory follows the bytes that really arrive.
constexpr std::uint64_t kMaxReservedBody = 64 * 1024;

std::string_view view(BeastView text) {
  return {text.data(), text.size()};
}

bool is_100_continue(std::string_view expect) {
  constexpr std::string_view kWanted = "100-continue";
  if (expect.size() != kWanted.size()) return false;
  for (std::size_t i = 0; i < expect.size(); ++i) {
    const char c = expect[i] >= 'A' && expect[i] <= 'Z' ? static_cast<char>(expect[i] + 32) : expect[i];
    if (c != kWanted[i]) return false;
  }
  return true;
}

}  // namespace

// Collects what Beast's parser finds into a Request, without Beast's own containers.
class RequestParser::Parser final : public http::basic_parser<true> {
 public:
  Parser(std::size_t max_header_bytes, std::size_t max_body_bytes) {
    header_limit(static_cast<std::uint32_t>(max_header_bytes));
    body_limit(max_body_bytes);
    eager(true);
  }

  Request request;
  int version = 11;
  bool keeps_body = true;

 private:
  void on_request_impl(http::verb, BeastView method, BeastView target, int http_version,
                       error_code&) override {
    request.method.assign(method.data(), method.size());
    request.target.assign(target.data(), target.size());
    version = http_version;
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_field_impl(http::field, BeastView name, BeastView value, error_code&) override {
    // Trailers of a chunked body come here too; they may not pass for header fields.
    if (!in_body_) request.headers.add(view(name), view(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    in_body_ = true;
    if (length) request.body.reserve(static_cast<std::size_t>(std::min(*length, kMaxReservedBody)));
  }
  std::size_t on_body_impl(BeastView bytes, error_code&) override {
    if (keeps_body) request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override { in_body_ = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code&) override {
    if (keeps_body) request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  bool in_body_ = false;
};

namespace {

RequestParser::Progress refuse(std::size_t consumed, unsigned status, std::string reason) {
  return {consumed, RequestParser::State::Refused, status, std::move(reason)};
}

}  // namespace

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {}

RequestParser::~RequestParser() = default;

RequestParser::Progress RequestParser::feed(std::string_view bytes) {
  if (!parser_) parser_ = std::make_unique<Parser>(max_header_bytes_, max_body_bytes_);
  std::size_t consumed = 0;
  error_code error;
  while (consumed < bytes.size() && !parser_->is_done()) {
    const std::size_t used =
        parser_->put(boost::asio::const_buffer(bytes.data() + consumed, bytes.size() - consumed), error);
    consumed += used;
    if (error || used == 0) break;
  }
  if (error == http::error::header_limit) {
    return refuse(consumed, 431,
                  "The request's header is longer than " + std::to_string(max_header_bytes_) + " bytes.");
  }
  if (error == http::error::body_limit) {
    return refuse(consumed, 413,
                  "The request's body is longer than " + std::to_string(max_body_bytes_) + " bytes.");
  }
  if (error && error != http::error::need_more) {
    return refuse(consumed, 400, "The request is not valid HTTP: " + error.message() + ".");
  }
  if (!parser_->is_header_done()) return {consumed, State::NeedMore, 0, {}};
  if (parser_->version != 11 && parser_->version != 10) {
    return refuse(consumed, 505, "This server speaks HTTP/1.1 and HTTP/1.0 only.");
  }
  const std::string_view expect = parser_->request.headers.get("expect");
  if (!expect.empty() && !is_100_continue(expect)) {
    return refuse(consumed, 417, "The only expectation this server can meet is 100-continue.");
  }
  return {consumed, parser_->is_done() ? State::Complete : State::NeedMore, 0, {}};
}

bool RequestParser::wants_continue() const {
  return parser_ && parser_->is_header_done() && !parser_->is_done() && parser_->version == 11 &&
         parser_->request.body.empty() && parser_->request.headers.has("expect");
}

std::size_t RequestParser::body_bytes() const {
  return parser_ ? parser_->request.body.capacity() : 0;
}

void RequestParser::drop_body() {
  parser_->keeps_body = false;
  std::string{}.swap(parser_->request.body);
}

bool RequestParser::keep_alive() const {
  return parser_->keep_alive();
}

bool RequestParser::is_http_1_0() const {
  return parser_->version == 10;
}

Request RequestParser::take() {
  Request request = std::move(parser_->request);
  parser_.reset();
  return request;
}

}  // namespace ebagent::server
