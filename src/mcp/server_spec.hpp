#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "secrets/secret_reference.hpp"

namespace ebagent::mcp {

inline constexpr std::size_t kMaxServers = 32;  // of one configuration; each is a process or a connection
inline constexpr std::chrono::milliseconds kDefaultTimeout{60'000};
inline constexpr std::chrono::milliseconds kDefaultStartTimeout{
    30'000};  // npx may have to fetch the program first
inline constexpr std::chrono::milliseconds kMaxTimeout{std::chrono::hours{24}};

// One entry of `mcp:` in an agents.yaml: a server whose tools the agents may use.
struct ServerSpec {
  std::string name = {};
  std::vector<std::string> command = {};                // a program and its arguments; or
  std::string url = {};                                 // http (to this machine only) or https
  std::map<std::string, std::string> environment = {};  // beside the minimal one; secrets are filled in
  std::map<std::string, std::string> headers = {};      // of every request to a url; secrets are filled in
  bool is_trusted = false;    // what the server says of its tools' effects is believed
  bool is_sensitive = false;  // its results may hold secrets or personal data
  std::string pin = {};       // "sha256:…" that the list of its tools must have; empty: any list
  std::chrono::milliseconds timeout = kDefaultTimeout;             // of one call
  std::chrono::milliseconds start_timeout = kDefaultStartTimeout;  // until the tools are listed
  std::optional<std::vector<std::string>> tools =
      {};                               // those that are offered, by the server's own names; absent: all
  std::string prefix = {};              // of the tools' names; NAME_ unless another is given
  std::vector<std::string> roots = {};  // folders, as file: URIs
};

using ResolveSecret = std::function<Result<std::string>(const secrets::SecretReference&)>;

// Reads the section's JSON text. A value of `env` or `headers` may be, or end in, a reference to a secret ("Bearer
// secret:env:TOKEN"). Errors begin with the JSON pointer of what is wrong: InvalidArgument, or those of resolving; they never
// hold a value.
[[nodiscard]] Result<std::vector<ServerSpec>> read_server_specs(std::string_view json,
                                                                const ResolveSecret& resolve);

}  // namespace ebagent::mcp
