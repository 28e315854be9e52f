#include "connections/connections.hpp"

#include <utility>

#include "bus/page.hpp"
#include "core/json.hpp"

namespace ebagent::connections {
namespace {

namespace json = boost::json;

// Kinds of catalog records; their key is the ARN.
constexpr std::string_view kConnectionRecord = "connection";
constexpr std::string_view kDestinationRecord = "api-destination";

Error no_connection(std::string_view verb, std::string_view name) {
  return {ErrorCode::NotFound, "Failed to " + std::string{verb} + " the connection(s). Connection '" +
                                   std::string{name} + "' does not exist."};
}

Error no_destination(std::string_view verb, std::string_view name) {
  return {ErrorCode::NotFound, "Failed to " + std::string{verb} +
                                   " the api-destination(s). An api-destination '" + std::string{name} +
                                   "' does not exist."};
}

Error unreadable(const store::CatalogRecord& record, const Error& why) {
  return {ErrorCode::Malformed, "The store's record of " + record.key + " cannot be read: " + why.message};
}

template <class Map>
auto find_in(const Map& by_scope, const bus::Scope& scope, std::string_view name) ->
    typename Map::mapped_type::mapped_type {
  const auto own = by_scope.find(scope);
  if (own == by_scope.end()) return nullptr;
  const auto found = own->second.find(name);
  return found == own->second.end() ? nullptr : found->second;
}

template <class T, class Map, class Belongs>
Result<bus::Page<T>> list_of(const Map& by_scope, const bus::Scope& scope, const bus::PageRequest& page,
                             Belongs&& belongs) {
  static const typename Map::mapped_type kNone;
  const auto own = by_scope.find(scope);
  return bus::page_of<T>(own == by_scope.end() ? kNone : own->second, page,
                         [&](const auto& named) -> std::optional<T> {
                           return belongs(*named.second) ? std::optional<T>{*named.second} : std::nullopt;
                         });
}

}  // namespace

Result<std::unique_ptr<Connections>> Connections::open(store::Store& store, const Clock& clock,
                                                       core::Random& random, SecretBox& secrets) {
  std::unique_ptr<Connections> opened{new Connections{store, clock, random, secrets}};
  BOOST_OUTCOME_TRYV(opened->load());
  return opened;
}

Result<void> Connections::load() {
  BOOST_OUTCOME_TRY(const auto connections, store_.catalog(kConnectionRecord));
  for (const auto& record : connections) {
    auto read = read_connection(record.json);
    if (!read) return fail(unreadable(record, read.error()));
    const auto connection = std::make_shared<const Connection>(std::move(read).value());
    connections_[connection->scope][connection->name] = connection;
    connections_by_arn_[connection->arn] = connection;
  }
  BOOST_OUTCOME_TRY(const auto destinations, store_.catalog(kDestinationRecord));
  for (const auto& record : destinations) {
    auto read = read_api_destination(record.json);
    if (!read) return fail(unreadable(record, read.error()));
    const auto destination = std::make_shared<const ApiDestination>(std::move(read).value());
    destinations_[destination->scope][destination->name] = destination;
    destinations_by_arn_[destination->arn] = destination;
  }
  return success();
}

Result<void> Connections::save(Connection connection) {
  store::Transaction writes;
  writes.emplace_back(
      store::PutCatalog{{std::string{kConnectionRecord}, connection.arn, write_connection(connection)}});
  BOOST_OUTCOME_TRYV(store_.commit_and_wait(std::move(writes)));
  const auto saved = std::make_shared<const Connection>(std::move(connection));
  const std::unique_lock lock{mutex_};
  connections_[saved->scope][saved->name] = saved;
  connections_by_arn_[saved->arn] = saved;
  return success();
}

Result<void> Connections::save(ApiDestination destination) {
  store::Transaction writes;
  writes.emplace_back(store::PutCatalog{
      {std::string{kDestinationRecord}, destination.arn, write_api_destination(destination)}});
  BOOST_OUTCOME_TRYV(store_.commit_and_wait(std::move(writes)));
  const auto saved = std::make_shared<const ApiDestination>(std::move(destination));
  const std::unique_lock lock{mutex_};
  destinations_[saved->scope][saved->name] = saved;
  destinations_by_arn_[saved->arn] = saved;
  return success();
}

Result<void> Connections::set_parameters(Connection& connection, const json::object& auth_parameters) {
  BOOST_OUTCOME_TRYV(check_auth_parameters(connection.authorization_type, auth_parameters));
  BOOST_OUTCOME_TRY(connection.sealed, secrets_.seal(core::write_json(auth_parameters), connection.arn));
  connection.shown = without_secrets(auth_parameters);
  const bool needs_token = connection.authorization_type == kOAuth;
  connection.state = needs_token ? ConnectionState::Authorizing : ConnectionState::Authorized;
  connection.state_reason.clear();
  connection.authorized = connection.modified;
  return success();
}

Result<Connection> Connections::create_connection(const bus::Scope& scope, const ConnectionSpec& spec) {
  const std::scoped_lock changing{changing_};
  if (find_connection(scope, spec.name) != nullptr) {
    return fail(ErrorCode::AlreadyExists, "Connection " + spec.name + " already exists.");
  }
  const TimePoint now = clock_.now();
  const std::string uuid = core::uuid_v7(now, random_);
  Connection connection{.scope = scope,
                        .name = spec.name,
                        .arn = connection_arn(scope, spec.name, uuid),
                        .description = spec.description.value_or(""),
                        .authorization_type = spec.authorization_type.value_or(""),
                        .kms_key = spec.kms_key.value_or(""),
                        .secret_arn = secret_arn(scope, spec.name, core::uuid_v7(now, random_)),
                        .created = now,
                        .modified = now};
  BOOST_OUTCOME_TRYV(set_parameters(connection, spec.auth_parameters.value_or(json::object{})));
  BOOST_OUTCOME_TRYV(save(connection));
  return connection;
}

Result<Connection> Connections::update_connection(const bus::Scope& scope, const ConnectionSpec& spec) {
  const std::scoped_lock changing{changing_};
  const auto before = find_connection(scope, spec.name);
  if (before == nullptr) return fail(no_connection("update", spec.name));
  Connection connection = *before;
  connection.modified = clock_.now();
  if (spec.description) connection.description = *spec.description;
  if (spec.kms_key) connection.kms_key = *spec.kms_key;
  if (spec.authorization_type) connection.authorization_type = *spec.authorization_type;
  if (spec.auth_parameters || spec.authorization_type) {
    json::object parameters;
    if (!before->sealed.empty()) {
      BOOST_OUTCOME_TRY(parameters, auth_parameters(*before));
    }
    if (connection.authorization_type != before->authorization_type) {
      parameters.erase(parameters_of(before->authorization_type));
    }
    parameters = merged(std::move(parameters), spec.auth_parameters.value_or(json::object{}));
    BOOST_OUTCOME_TRYV(set_parameters(connection, parameters));
  }
  BOOST_OUTCOME_TRYV(save(connection));
  return connection;
}

Result<Connection> Connections::delete_connection(const bus::Scope& scope, std::string_view name) {
  const std::scoped_lock changing{changing_};
  const auto before = find_connection(scope, name);
  if (before == nullptr) return fail(no_connection("delete", name));
  BOOST_OUTCOME_TRYV(
      store_.commit_and_wait({store::DeleteCatalog{std::string{kConnectionRecord}, before->arn}}));
  const std::unique_lock lock{mutex_};
  connections_[scope].erase(before->name);
  connections_by_arn_.erase(before->arn);
  return *before;
}

Result<Connection> Connections::deauthorize_connection(const bus::Scope& scope, std::string_view name) {
  const std::scoped_lock changing{changing_};
  const auto before = find_connection(scope, name);
  if (before == nullptr) return fail(no_connection("deauthorize", name));
  Connection connection = *before;
  connection.state = ConnectionState::Deauthorized;
  connection.state_reason.clear();
  connection.modified = clock_.now();
  connection.shown.clear();
  connection.sealed.clear();
  BOOST_OUTCOME_TRYV(save(connection));
  return connection;
}

Result<Connection> Connections::describe_connection(const bus::Scope& scope, std::string_view name) const {
  const auto found = find_connection(scope, name);
  if (found == nullptr) return fail(no_connection("describe", name));
  return *found;
}

Result<bus::Page<Connection>> Connections::list_connections(const bus::Scope& scope,
                                                            const ConnectionFilter& filter,
                                                            const bus::PageRequest& page) const {
  const std::shared_lock lock{mutex_};
  return list_of<Connection>(connections_, scope, page, [&](const Connection& one) {
    return one.name.starts_with(filter.name_prefix) &&
           (filter.state.empty() || name_of(one.state) == filter.state);
  });
}

Result<void> Connections::check(const ApiDestination& destination) const {
  BOOST_OUTCOME_TRYV(check_endpoint(destination.endpoint, "InvocationEndpoint"));
  const auto connection = this->connection(destination.connection_arn);
  if (connection != nullptr && connection->scope == destination.scope) return success();
  return fail(ErrorCode::NotFound, "Connection '" + destination.connection_arn + "' does not exist.");
}

Result<ApiDestination> Connections::create_api_destination(const bus::Scope& scope,
                                                           const ApiDestinationSpec& spec) {
  const std::scoped_lock changing{changing_};
  if (find_destination(scope, spec.name) != nullptr) {
    return fail(ErrorCode::AlreadyExists, "An api-destination '" + spec.name + "' already exists.");
  }
  const TimePoint now = clock_.now();
  ApiDestination destination{.scope = scope,
                             .name = spec.name,
                             .arn = api_destination_arn(scope, spec.name, core::uuid_v7(now, random_)),
                             .description = spec.description.value_or(""),
                             .connection_arn = spec.connection_arn.value_or(""),
                             .endpoint = spec.endpoint.value_or(""),
                             .method = spec.method.value_or(""),
                             .rate_limit = spec.rate_limit.value_or(kDefaultRateLimit),
                             .created = now,
                             .modified = now};
  BOOST_OUTCOME_TRYV(check(destination));
  BOOST_OUTCOME_TRYV(save(destination));
  return destination;
}

Result<ApiDestination> Connections::update_api_destination(const bus::Scope& scope,
                                                           const ApiDestinationSpec& spec) {
  const std::scoped_lock changing{changing_};
  const auto before = find_destination(scope, spec.name);
  if (before == nullptr) return fail(no_destination("update", spec.name));
  ApiDestination destination = *before;
  if (spec.description) destination.description = *spec.description;
  if (spec.connection_arn) destination.connection_arn = *spec.connection_arn;
  if (spec.endpoint) destination.endpoint = *spec.endpoint;
  if (spec.method) destination.method = *spec.method;
  if (spec.rate_limit) destination.rate_limit = *spec.rate_limit;
  destination.modified = clock_.now();
  BOOST_OUTCOME_TRYV(check(destination));
  BOOST_OUTCOME_TRYV(save(destination));
  return destination;
}

Result<void> Connections::delete_api_destination(const bus::Scope& scope, std::string_view name) {
  const std::scoped_lock changing{changing_};
  const auto before = find_destination(scope, name);
  if (before == nullptr) return fail(no_destination("delete", name));
  BOOST_OUTCOME_TRYV(
      store_.commit_and_wait({store::DeleteCatalog{std::string{kDestinationRecord}, before->arn}}));
  const std::unique_lock lock{mutex_};
  destinations_[scope].erase(before->name);
  destinations_by_arn_.erase(before->arn);
  return success();
}

Result<ApiDestination> Connections::describe_api_destination(const bus::Scope& scope,
                                                             std::string_view name) const {
  const auto found = find_destination(scope, name);
  if (found == nullptr) return fail(no_destination("describe", name));
  return *found;
}

Result<bus::Page<ApiDestination>> Connections::list_api_destinations(const bus::Scope& scope,
                                                                     const ApiDestinationFilter& filter,
                                                                     const bus::PageRequest& page) const {
  const std::shared_lock lock{mutex_};
  return list_of<ApiDestination>(destinations_, scope, page, [&](const ApiDestination& one) {
    return one.name.starts_with(filter.name_prefix) &&
           (filter.connection_arn.empty() || one.connection_arn == filter.connection_arn);
  });
}

bool Connections::is_active(const ApiDestination& destination) const {
  const auto connection = this->connection(destination.connection_arn);
  return connection != nullptr && connection->state == ConnectionState::Authorized;
}

std::shared_ptr<const Connection> Connections::find_connection(const bus::Scope& scope,
                                                               std::string_view name) const {
  const std::shared_lock lock{mutex_};
  return find_in(connections_, scope, name);
}

std::shared_ptr<const ApiDestination> Connections::find_destination(const bus::Scope& scope,
                                                                    std::string_view name) const {
  const std::shared_lock lock{mutex_};
  return find_in(destinations_, scope, name);
}

std::shared_ptr<const ApiDestination> Connections::api_destination(std::string_view arn) const {
  const std::shared_lock lock{mutex_};
  const auto found = destinations_by_arn_.find(arn);
  return found == destinations_by_arn_.end() ? nullptr : found->second;
}

std::shared_ptr<const Connection> Connections::connection(std::string_view arn) const {
  const std::shared_lock lock{mutex_};
  const auto found = connections_by_arn_.find(arn);
  return found == connections_by_arn_.end() ? nullptr : found->second;
}

Result<json::object> Connections::auth_parameters(const Connection& connection) const {
  if (connection.sealed.empty()) {
    return fail(ErrorCode::NotFound,
                "Connection " + connection.name + " has no secrets: it was deauthorized.");
  }
  BOOST_OUTCOME_TRY(const std::string text, secrets_.open(connection.sealed, connection.arn));
  BOOST_OUTCOME_TRY(auto parsed, core::parse_json(text));
  if (!parsed.is_object())
    return fail(ErrorCode::Malformed, "The secrets of " + connection.name + " are damaged.");
  return std::move(parsed.get_object());
}

std::vector<std::shared_ptr<const Connection>> Connections::authorizing() const {
  std::vector<std::shared_ptr<const Connection>> waiting;
  const std::shared_lock lock{mutex_};
  for (const auto& [arn, connection] : connections_by_arn_) {
    if (connection->state == ConnectionState::Authorizing) waiting.push_back(connection);
  }
  return waiting;
}

Result<void> Connections::set_state(const Connection& connection, ConnectionState state, std::string reason) {
  const std::scoped_lock changing{changing_};
  const auto now = this->connection(connection.arn);
  if (now == nullptr || now->modified != connection.modified || now->sealed != connection.sealed)
    return success();
  if (now->state == state && now->state_reason == reason) return success();
  Connection changed = *now;
  changed.state = state;
  changed.state_reason = std::move(reason);
  if (state == ConnectionState::Authorized) changed.authorized = clock_.now();
  return save(std::move(changed));
}

void Connections::clear() {
  const std::scoped_lock changing{changing_};
  const std::unique_lock lock{mutex_};
  connections_.clear();
  destinations_.clear();
  connections_by_arn_.clear();
  destinations_by_arn_.clear();
}

}  // namespace ebagent::connections
