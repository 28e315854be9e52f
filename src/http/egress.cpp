#include "http/egress.hpp"

#include <algorithm>
#include <chrono>

namespace ebagent::http {
namespace {

constexpr std::size_t kMaxHostLength = 253;  // of a name in DNS

struct HostPort {
  std::string_view host;
  std::string_view port;  // empty: the schemes' own
};

HostPort split(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  HostPort parts{authority.substr(0, colon), has_port ? authority.substr(colon + 1) : std::string_view{}};
  if (!has_port) parts.host = authority;
  if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

// Names as they stand in a URL once libcurl has read it; international names in their ASCII form (xn--).
bool is_plain_host(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostLength && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

std::string_view without_dot(std::string_view host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool names(std::string_view allowed, const HostPort& target) {
  const HostPort entry = split(allowed);
  if (entry.port != target.port) return false;
  if (!entry.host.starts_with("*.")) return entry.host == target.host;
  const std::string_view suffix = entry.host.substr(1);
  return target.host.size() > suffix.size() && target.host.ends_with(suffix);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// What a header says to any origin; all others may be meant for one alone.
bool may_travel(const std::string& header) {
  const std::string name = lower(header);
  return name == "accept" || name == "content-type" || name == "user-agent" || name == "accept-language";
}

Answer refused(std::string why) {
  return boost::outcome_v2::failure(TransportError{Failure::InvalidRequest, std::move(why)});
}

// The request that a redirect leads to, or why it is not followed.
Result<Request> redirected(const Request& request, const Url& from, const Response& answer) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::InvalidArgument, "The redirect of " + from.authority + " is not followed: " + why);
  };
  BOOST_OUTCOME_TRY(auto location, join_url(request.url, std::string(answer.header("location"))));
  auto to = parse_url(location);
  if (!to) return refuse(to.error().message);
  if (from.scheme == "https" && to.value().scheme != "https") return refuse("it leads from https to http.");
  Request next = request;
  next.url = std::move(location);
  const bool keeps_method = answer.status == 307 || answer.status == 308;
  if (!keeps_method && request.method != "GET" && request.method != "HEAD") {
    if (answer.status != 303)
      return refuse("only a GET may follow it, and this was a " + request.method + ".");
    next.method = "GET";
    next.body.clear();
    std::erase_if(next.headers, [](const auto& header) { return lower(header.first) == "content-type"; });
  }
  if (to.value().origin() != from.origin()) {
    std::erase_if(next.headers, [](const auto& header) { return !may_travel(header.first); });
  }
  return next;
}

}  // namespace

Result<void> EgressPolicy::check() const {
  for (const std::string& entry : hosts) {
    HostPort parts = split(entry);
    const bool has_port = entry.size() > parts.host.size() && !parts.port.empty();
    if (parts.host.starts_with("*.")) parts.host.remove_prefix(2);
    const bool is_fine = is_plain_host(parts.host) && !parts.host.ends_with('.') &&
                         parts.host.find('*') == std::string_view::npos &&
                         (!has_port || is_number(parts.port)) && !entry.ends_with(':');
    if (is_fine) continue;
    return fail(ErrorCode::InvalidArgument,
                "\"" + entry +
                    "\" is no host that can be allowed: write api.example.com, api.example.com:8443 or "
                    "*.example.com, in lower case.");
  }
  return success();
}

Result<void> EgressClient::check_host(const EgressPolicy& policy, const Url& url) {
  HostPort target = split(url.authority);
  target.host = without_dot(url.host);
  if (!is_plain_host(target.host)) {
    return fail(
        ErrorCode::InvalidArgument,
        "The host of the URL is no plain name; write international names in their ASCII form (xn--...).");
  }
  // A port that is the other scheme's own is a port like any other.
  for (const std::string& allowed : policy.hosts) {
    if (names(allowed, target)) return success();
  }
  return fail(ErrorCode::InvalidArgument,
              "Requests to " + url.authority + " are not allowed: it is none of the tool's hosts.");
}

Result<Address> EgressClient::pick_address(const Url& url) {
  std::vector<Address> addresses;
  const std::string host(without_dot(url.host));
  if (const auto literal = Address::parse(host)) {
    addresses.push_back(*literal);
  } else {
    BOOST_OUTCOME_TRY(addresses, resolver_->resolve(host));
  }
  for (const Address& address : addresses) {
    const bool is_allowed =
        address.is_public() || std::any_of(policy_.private_networks.begin(), policy_.private_networks.end(),
                                           [&](const Network& network) { return network.contains(address); });
    if (is_allowed) continue;
    return fail(ErrorCode::InvalidArgument,
                "Requests to " + url.authority + " are not allowed: its address " + address.text() +
                    " is not one of the public internet (allow_private names those that may be reached).");
  }
  if (addresses.empty()) return fail(ErrorCode::NotFound, "The host " + url.host + " has no address.");
  return addresses.front();
}

Answer EgressClient::send_once(Request& request) {
  const auto url = parse_url(request.url);
  if (!url) return refused(url.error().message);
  if (auto allowed = check_host(policy_, url.value()); !allowed) return refused(allowed.error().message);
  auto address = pick_address(url.value());
  if (!address) {
    const ErrorCode code = address.error().code;
    if (code == ErrorCode::InvalidArgument) return refused(address.error().message);
    return boost::outcome_v2::failure(TransportError{Failure::Connect, address.error().message});
  }
  request.max_redirects = 0;
  request.address = address.value().text();
  return client_->send(request);
}

Answer EgressClient::send(const Request& original) {
  Request request = original;
  const auto deadline = std::chrono::steady_clock::now() + original.timeout;
  for (int hop = 0;; ++hop) {
    Answer answer = send_once(request);
    if (!answer || !is_redirect(answer.value().status) || answer.value().header("location").empty())
      return answer;
    if (policy_.max_redirects == 0) return answer;
    const auto from = parse_url(request.url);
    if (hop == policy_.max_redirects) {
      return refused("More than " + std::to_string(policy_.max_redirects) + " redirects; the last was of " +
                     from.value().authority + ".");
    }
    auto next = redirected(request, from.value(), answer.value());
    if (!next) return refused(next.error().message);
    request = std::move(next).value();
    request.timeout =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (request.timeout.count() <= 0) {
      return boost::outcome_v2::failure(TransportError{
          Failure::TimedOut, "No answer from " + from.value().authority + " before the time was up."});
    }
  }
}

}  // namespace ebagent::http
