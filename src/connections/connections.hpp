#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bus/rule.hpp"
#include "bus/scope.hpp"
#include "connections/api_destination.hpp"
#include "connections/connection.hpp"
#include "connections/secret_box.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::connections {

struct ConnectionFilter {
  std::string name_prefix = {};
  std::string state = {};  // as the AWS API spells it
};

struct ApiDestinationFilter {
  std::string name_prefix = {};
  std::string connection_arn = {};
};

// The connections and API destinations of every scope: the operations of the AWS API on them.
//
// Every change is in the store, durably, before its call returns; secrets are there in sealed form only. Errors, by their
// AWS name: NotFound (ResourceNotFoundException), AlreadyExists (ResourceAlreadyExistsException), InvalidArgument
// (ValidationException); anything else is the store's or the key's. Thread safety: every member may be called from any
// thread.
class Connections {
 public:
  // Reads what the store holds. The references must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Connections>> open(store::Store& store, const Clock& clock,
                                                                 core::Random& random, SecretBox& secrets);

  // One with OAuth is Authorizing until somebody has a token for it.
  Result<Connection> create_connection(const bus::Scope& scope, const ConnectionSpec& spec);
  Result<Connection> update_connection(const bus::Scope& scope, const ConnectionSpec& spec);
  // Returns it as it was.
  Result<Connection> delete_connection(const bus::Scope& scope, std::string_view name);
  // Forgets its secrets; an update with new ones makes it good again.
  Result<Connection> deauthorize_connection(const bus::Scope& scope, std::string_view name);
  [[nodiscard]] Result<Connection> describe_connection(const bus::Scope& scope, std::string_view name) const;
  [[nodiscard]] Result<bus::Page<Connection>> list_connections(const bus::Scope& scope,
                                                               const ConnectionFilter& filter,
                                                               const bus::PageRequest& page) const;

  Result<ApiDestination> create_api_destination(const bus::Scope& scope, const ApiDestinationSpec& spec);
  Result<ApiDestination> update_api_destination(const bus::Scope& scope, const ApiDestinationSpec& spec);
  Result<void> delete_api_destination(const bus::Scope& scope, std::string_view name);
  [[nodiscard]] Result<ApiDestination> describe_api_destination(const bus::Scope& scope,
                                                                std::string_view name) const;
  [[nodiscard]] Result<bus::Page<ApiDestination>> list_api_destinations(const bus::Scope& scope,
                                                                        const ApiDestinationFilter& filter,
                                                                        const bus::PageRequest& page) const;
  // Whether its connection is authorized.
  [[nodiscard]] bool is_active(const ApiDestination& destination) const;

  // For who sends: by ARN; null when there is none.
  [[nodiscard]] std::shared_ptr<const ApiDestination> api_destination(std::string_view arn) const;
  [[nodiscard]] std::shared_ptr<const Connection> connection(std::string_view arn) const;
  // The AuthParameters with their secrets. NotFound when it was deauthorized; errors as SecretBox::open().
  [[nodiscard]] Result<boost::json::object> auth_parameters(const Connection& connection) const;

  // Those that wait for a first token.
  [[nodiscard]] std::vector<std::shared_ptr<const Connection>> authorizing() const;
  // What came of asking for one. Nothing happens when the connection was changed meanwhile.
  Result<void> set_state(const Connection& connection, ConnectionState state, std::string reason);

  // Forgets everything; the store must have been cleared before.
  void clear();

 private:
  template <class T>
  using ByName = std::map<std::string, std::shared_ptr<const T>, std::less<>>;
  template <class T>
  using ByScope = std::map<bus::Scope, ByName<T>>;

  Connections(store::Store& store, const Clock& clock, core::Random& random, SecretBox& secrets)
      : store_(store), clock_(clock), random_(random), secrets_(secrets) {}

  Result<void> load();
  Result<void> save(Connection connection);
  Result<void> save(ApiDestination destination);
  // Seals the parameters into the connection and says what state that makes.
  Result<void> set_parameters(Connection& connection, const boost::json::object& auth_parameters);
  Result<void> check(const ApiDestination& destination) const;
  [[nodiscard]] std::shared_ptr<const Connection> find_connection(const bus::Scope& scope,
                                                                  std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const ApiDestination> find_destination(const bus::Scope& scope,
                                                                       std::string_view name) const;

  store::Store& store_;
  const Clock& clock_;
  core::Random& random_;
  SecretBox& secrets_;

  std::mutex changing_;  // held for the whole of a change, its durable write included; readers do not take it

  mutable std::shared_mutex mutex_;
  // All guarded by mutex_, and written by the holder of changing_ only.
  ByScope<Connection> connections_;
  ByScope<ApiDestination> destinations_;
  ByName<Connection> connections_by_arn_;
  ByName<ApiDestination> destinations_by_arn_;
};

}  // namespace ebagent::connections
