#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "http/client.hpp"
#include "http/resolver.hpp"
#include "http/url.hpp"

namespace ebagent::http {

// Where requests may go.
struct EgressPolicy {
  // "api.example.com", "api.example.com:8443" or "*.example.com" (any name below, not itself). Without a port: those of http
  // and https. Empty: nowhere.
  std::vector<std::string> hosts = {};
  std::vector<Network> private_networks = {};  // of addresses that are not public, those that may be reached
  int max_redirects = 3;                       // followed if GET or HEAD, or if the server says so (307, 308)

  // InvalidArgument for a host that is none of the above forms.
  [[nodiscard]] Result<void> check() const;
};

// A client that goes only where its policy allows. A host is looked up, every address that it has must be allowed, and the
// connection is made to the address that was checked: a second lookup that answers differently changes nothing. Redirects are
// requests of their own, checked like the first; headers that may hold secrets stay with the origin that they were meant for,
// and https never leads to http. Proxies of the environment are not used, because they look names up themselves.
// Thread safety: as Client.
class EgressClient final : public Client {
 public:
  EgressClient(std::shared_ptr<Client> client, std::shared_ptr<Resolver> resolver, EgressPolicy policy)
      : client_(std::move(client)), resolver_(std::move(resolver)), policy_(std::move(policy)) {}

  // What is not allowed is Failure::InvalidRequest and nothing was sent.
  [[nodiscard]] Answer send(const Request& request) override;

  // Whether the policy names the host and port of a URL. InvalidArgument says why not.
  [[nodiscard]] static Result<void> check_host(const EgressPolicy& policy, const Url& url);

 private:
  // The address to connect to.
  [[nodiscard]] Result<Address> pick_address(const Url& url);
  [[nodiscard]] Answer send_once(Request& request);

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<Resolver> resolver_;
  const EgressPolicy policy_;
};

}  // namespace ebagent::http
