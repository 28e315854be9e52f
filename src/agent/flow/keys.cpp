#include "agent/flow/keys.hpp"

#include <utility>

#include "core/json.hpp"

namespace ebagent::agent::flow {

Result<boost::json::value> envelope_of(const Event& event) {
  return core::parse_json(to_json(event));
}

Result<Key> Key::parse(const std::string& path) {
  Key key;
  if (path.empty()) return key;
  BOOST_OUTCOME_TRY(key.path_, transform::Path::parse(path));
  if (key.path_->has_wildcard()) {
    return fail(ErrorCode::InvalidArgument, "A key is one value: " + path + " has a wildcard.");
  }
  return key;
}

std::optional<std::string> Key::find(const boost::json::value& envelope) const {
  if (!path_) return std::string{};
  const boost::json::value* value = path_->find(envelope);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return core::write_json(*value);
}

}  // namespace ebagent::agent::flow
