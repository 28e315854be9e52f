#pragma once

#include <string>

#include "ebagent/result.hpp"

namespace ebagent::http {

// The parts of an absolute http or https URL, percent-encoded as they were written.
struct Url {
  std::string scheme = {};     // "http" or "https"
  std::string authority = {};  // host and, unless it is the scheme's own, port: what the Host header says
  std::string host = {};       // lower case; of an IPv6 address without its brackets
  std::string path = {};       // begins with '/'
  std::string query = {};      // without the '?'
  std::string fragment = {};   // without the '#'; never sent

  // Without path: "https://example.com:8443"
  [[nodiscard]] std::string origin() const { return scheme + "://" + authority; }
  // True when the host is this machine: localhost or a loopback address.
  [[nodiscard]] bool is_loopback() const;
};

// Returns InvalidArgument, saying why, for what is no http or https URL, has no host, or carries a user or password.
[[nodiscard]] Result<Url> parse_url(const std::string& text);

// The URL that a reference (absolute, or relative as in a Location header) means from `base`. InvalidArgument when it is none.
[[nodiscard]] Result<std::string> join_url(const std::string& base, const std::string& reference);

}  // namespace ebagent::http
