#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "fuzz/disagreement.hpp"
#include "server/authenticator.hpp"
#include "server/aws_api/caller.hpp"
#include "server/origin_guard.hpp"
#include "server/request_parser.hpp"

// A number, then the bytes of one connection: read at once and in pieces of that many bytes they are the same requests.
// Each request is then held against the guard and the verifier of callers, who must not know it.
namespace ebagent::server {
namespace {

using ebagent::pattern::disagree;

constexpr std::size_t kMaxHeader = 1024;
constexpr std::size_t kMaxBody = 2048;

struct Reading {
  std::vector<Request> requests;
  bool is_header_too_long = false;
};

// The complete requests, up to the end or to a refusal. (How early what is incomplete is refused depends on the pieces.)
Reading read(std::string_view bytes, std::size_t piece) {
  RequestParser parser{kMaxHeader, kMaxBody};
  Reading reading;
  std::string waiting;
  while (!bytes.empty()) {
    waiting += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (!waiting.empty()) {
      const auto progress = parser.feed(waiting);
      if (progress.consumed > waiting.size()) disagree("more was consumed than given", {});
      waiting.erase(0, progress.consumed);
      if (progress.state == RequestParser::State::Refused) {
        reading.is_header_too_long = progress.status == 431;
        return reading;
      }
      if (progress.state == RequestParser::State::NeedMore) break;
      reading.requests.push_back(parser.take());
    }
  }
  return reading;
}

std::string told(const Request& request) {
  std::string out = request.method + " " + request.target + "\n";
  request.headers.each(
      [&](std::string_view name, std::string_view value) { (((out += name) += ": ") += value) += "\n"; });
  return out + "\n" + request.body + "\n";
}

std::string told(const std::vector<Request>& requests) {
  std::string out;
  for (const Request& request : requests) out += told(request);
  return out;
}

void check_caller(const Request& request) {
  static const SystemClock clock{};
  static const Authenticator authenticator{
      AccessKeys::parse("AKIDEXAMPLE a-secret-nobody-knows\nBearer a-token-nobody-knows", "keys").value(),
      clock, Authenticator::Tokens::Always};
  static const OriginGuard guard{OriginGuard::Bound::Loopback};
  (void)guard.refusal(request);
  const bus::Scope scope = aws_api::caller_scope(request, {});
  if (scope.account.size() != 12 || scope.region.empty()) disagree("a caller without account or region", {});
  for (const auto& outcome : {authenticator.verify(request, "events"), authenticator.verify_other(request)}) {
    const auto* denial = std::get_if<Denial>(&outcome);
    if (denial == nullptr) disagree("a caller is taken without its secret", {{"request", told(request)}});
    if (denial->message.empty()) disagree("refused without a reason", {{"request", told(request)}});
  }
}

}  // namespace
}  // namespace ebagent::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::server;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size() + 1);
  const auto pieces = read(bytes, data[0] + std::size_t{1});
  // A header that comes in one piece may be a few bytes longer than one that does not.
  const bool is_at_the_limit = whole.is_header_too_long != pieces.is_header_too_long;
  if (!is_at_the_limit && told(whole.requests) != told(pieces.requests)) {
    ebagent::pattern::disagree("reading at once and in pieces", {{"bytes", std::string(bytes)},
                                                                 {"at once", told(whole.requests)},
                                                                 {"in pieces", told(pieces.requests)}});
  }
  for (const Request& request : whole.requests) check_caller(request);
  return 0;
}
