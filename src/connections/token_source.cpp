#include "connections/token_source.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <utility>

#include "connections/invocation.hpp"
#include "core/json.hpp"

namespace ebagent::connections {
namespace {

namespace json = boost::json;

// A token is not used when it would expire on its way.
constexpr std::chrono::seconds kMargin{30};
// Of a token whose endpoint does not say how long it is good; a refusal renews it sooner.
constexpr std::chrono::hours kUntold{1};
constexpr std::chrono::hours kLongest{24};
constexpr std::chrono::seconds kFailureCounts{1};
// Of connections that are gone, their entries are dropped when there are more.
constexpr std::size_t kMaxEntries = 10'000;

std::chrono::seconds lifetime_of(const json::object& answer) {
  const auto* value = answer.if_contains("expires_in");
  if (value == nullptr) return kUntold;
  double seconds = 0;
  if (value->is_number()) {
    seconds = value->to_number<double>();
  } else if (const auto* text = value->if_string()) {
    std::from_chars(text->data(), text->data() + text->size(), seconds);
  }
  const double longest = static_cast<double>(std::chrono::seconds{kLongest}.count());
  return std::chrono::seconds{static_cast<std::int64_t>(std::clamp(seconds, 0.0, longest))};
}

bool may_pass(int status) {
  return status == 408 || status == 429 || status >= 500;
}

}  // namespace

std::shared_ptr<TokenSource::Entry> TokenSource::entry(const std::string& arn) {
  const std::scoped_lock lock{mutex_};
  if (entries_.size() > kMaxEntries) {
    std::erase_if(entries_,
                  [&](const auto& named) { return connections_.connection(named.first) == nullptr; });
  }
  auto& found = entries_[arn];
  if (found == nullptr) found = std::make_shared<Entry>();
  return found;
}

TokenOutcome TokenSource::token(const Connection& connection) {
  const auto own = entry(connection.arn);
  const std::scoped_lock asking{own->asking};
  const TimePoint now = clock_.now();
  const bool is_same = own->sealed == connection.sealed;
  if (is_same && !own->token.empty() && now < own->expires) return own->token;
  if (is_same && now < own->failure_counts_until) return own->failure;
  return ask(connection, *own);
}

void TokenSource::forget(const Connection& connection, const std::string& token) {
  const auto own = entry(connection.arn);
  const std::scoped_lock asking{own->asking};
  if (own->token == token) own->token.clear();
}

TokenOutcome TokenSource::ask(const Connection& connection, Entry& entry) {
  entry.sealed = connection.sealed;
  entry.token.clear();
  TokenOutcome outcome = request(connection, entry);
  if (const auto* failure = std::get_if<NoToken>(&outcome)) {
    entry.failure = *failure;
    entry.failure_counts_until = clock_.now() + kFailureCounts;
  }
  return outcome;
}

TokenOutcome TokenSource::request(const Connection& connection, Entry& entry) {
  const auto parameters = connections_.auth_parameters(connection);
  if (!parameters) return NoToken{.reason = parameters.error().message};
  const auto* oauth = parameters.value().if_contains("OAuthParameters");
  if (oauth == nullptr || !oauth->is_object()) {
    return NoToken{.is_refused = true, .reason = "The connection has no OAuthParameters."};
  }
  const auto request = make_token_request(oauth->get_object());
  if (!request) return NoToken{.is_refused = true, .reason = request.error().message};
  const auto answer = http_.send(request.value());
  if (!answer) {
    const bool is_refused = answer.error().failure == http::Failure::InvalidRequest;
    return NoToken{.is_refused = is_refused,
                   .reason = "The authorization endpoint gave no answer: " + answer.error().text};
  }
  const int status = answer.value().status;
  if (!answer.value().is_success()) {
    return NoToken{.is_refused = !may_pass(status),
                   .reason = "The authorization endpoint answered " + std::to_string(status) + "."};
  }
  const auto parsed = core::parse_json(answer.value().body);
  const auto* object = parsed ? parsed.value().if_object() : nullptr;
  const std::string access = object == nullptr ? std::string{} : core::text_member(*object, "access_token");
  const bool can_be_sent =
      std::all_of(access.begin(), access.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (access.empty() || !can_be_sent) {
    return NoToken{.is_refused = true,
                   .reason = "The answer of the authorization endpoint has no access_token."};
  }
  const auto lifetime = lifetime_of(*object);
  entry.token = "Bearer " + access;
  entry.expires = clock_.now() + std::max<std::chrono::seconds>(lifetime - kMargin, lifetime / 2);
  return entry.token;
}

}  // namespace ebagent::connections
