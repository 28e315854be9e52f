#include "models/service_model.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "models/retry.hpp"

namespace ebagent::models {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{5'000};
// Of a turn that streams and never falls silent, when its request has no deadline.
constexpr milliseconds kLongestTurn = std::chrono::hours{1};
// Of an answer that is put together here; the longest answers of models are a tenth of it.
constexpr std::size_t kMaxAnswerBytes = std::size_t{16} * 1024 * 1024;
// Of a stream, whose events repeat much and are not kept.
constexpr std::size_t kMaxStreamBytes = std::size_t{256} * 1024 * 1024;

// A service may repeat the key that it refuses.
std::string without_keys(std::string message, const http::Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  for (const auto& [name, value] : request.headers) {
    const bool is_bearer = value.starts_with(kBearer);
    if (!is_bearer && name != "x-api-key") continue;
    const std::string_view key = std::string_view{value}.substr(is_bearer ? kBearer.size() : 0);
    for (auto at = message.find(key); at != std::string::npos; at = message.find(key, at)) {
      message.replace(at, key.size(), "[key]");
    }
  }
  return message;
}

void sleep_here(Duration duration) {
  std::this_thread::sleep_for(duration);
}

}  // namespace

// The body of an answer as it comes: a stream's events, or one JSON text where a server does not stream though asked to.
class ServiceModel::Answer {
 public:
  Answer(const Protocol& protocol, const OnText& on_text)
      : protocol_(protocol), reader_(protocol.stream_reader(on_text)) {}

  bool feed(std::string_view piece) {
    if (!has_begun_ && !piece.empty()) is_whole_ = piece.front() == '{';
    has_begun_ = has_begun_ || !piece.empty();
    if (!is_whole_) return reader_->feed(piece);
    if (text_.size() + piece.size() > kMaxAnswerBytes) return false;
    text_.append(piece);
    return true;
  }
  Attempt finish() { return is_whole_ ? protocol_.read(text_) : reader_->finish(); }

 private:
  const Protocol& protocol_;
  const std::unique_ptr<StreamReader> reader_;
  bool has_begun_ = false;
  bool is_whole_ = false;
  std::string text_;
};

ServiceModel::ServiceModel(ModelSettings settings, std::unique_ptr<const Protocol> protocol, ModelPorts ports)
    : settings_(std::move(settings)),
      name_(settings_.provider + ":" + settings_.model),
      protocol_(std::move(protocol)),
      ports_(std::move(ports)),
      dialect_{.caches = settings_.cache_prompt} {}

Dialect ServiceModel::dialect() const {
  const std::scoped_lock lock{mutex_};
  return dialect_;
}

Result<Turn> ServiceModel::next(const Conversation& conversation, const TurnRequest& request) const {
  const std::function<void(Duration)> sleep = ports_.sleep ? ports_.sleep : sleep_here;
  Dialect spoken = dialect();
  std::string body = protocol_->body(conversation, spoken);
  const auto one_try = [&]() -> Attempt {
    for (;;) {
      auto turn = attempt(body, request);
      const Dialect known = dialect();
      if (turn || known == spoken) return turn;
      spoken = known;  // the request was refused for what it need not say
      body = protocol_->body(conversation, spoken);
    }
  };
  return with_retries(settings_.attempts, request,
                      {.clock = ports_.clock, .random = ports_.random, .sleep = sleep}, one_try);
}

Attempt ServiceModel::attempt(const std::string& body, const TurnRequest& request) const {
  auto made = protocol_->request(body);
  if (!made) return give_up(ErrorClass::Unauthorized, made.error().message);
  http::Request http = std::move(made).assume_value();
  const milliseconds left = request.deadline - ports_.clock.now();
  const milliseconds longest = settings_.stream ? kLongestTurn : milliseconds{settings_.timeout};
  http.connect_timeout = kConnectTimeout;
  http.timeout = std::clamp(left, milliseconds{1}, longest);
  http.is_cancelled = request.is_cancelled;
  http.max_response_bytes = settings_.stream ? kMaxStreamBytes : kMaxAnswerBytes;
  if (settings_.stream) http.max_silence = settings_.timeout;
  return send(std::move(http), request);
}

Attempt ServiceModel::send(http::Request request, const TurnRequest& turn) const {
  Answer streamed{*protocol_, turn.on_text};
  if (settings_.stream) {
    request.on_body = [&streamed](std::string_view piece) { return streamed.feed(piece); };
  }
  const auto answer = ports_.http.send(request);
  if (!answer) {
    return give_up(classify(answer.error().failure),
                   std::string{protocol_->service()} + ": " + answer.error().text);
  }
  Attempt result = !answer.value().is_success() ? refuse(answer.value())
                   : settings_.stream           ? streamed.finish()
                                                : protocol_->read(answer.value().body);
  if (result) return result;
  Failure failure = std::move(result).assume_error();
  failure.message = without_keys(std::move(failure.message), request);
  return boost::outcome_v2::failure(std::move(failure));
}

Attempt ServiceModel::refuse(const http::Response& response) const {
  const ServiceError error = protocol_->error_of(response);
  Failure failure = failure_of(protocol_->service(), error);
  read_retry_headers(response, ports_.clock.now(), failure);
  const std::scoped_lock lock{mutex_};
  protocol_->concede(error, dialect_);
  return boost::outcome_v2::failure(std::move(failure));
}

}  // namespace ebagent::models
