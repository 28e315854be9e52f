#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "transform/path.hpp"

namespace ebagent::agent::flow {

// The envelope as a value, for paths into it.
[[nodiscard]] Result<boost::json::value> envelope_of(const Event& event);

// A key: a path into the event, whose value's JSON text tells events apart.
class Key {
 public:
  // An empty path is one key for all. InvalidArgument for what is no path, or one with a wildcard.
  [[nodiscard]] static Result<Key> parse(const std::string& path);

  [[nodiscard]] bool is_of_all() const { return !path_; }
  // Nullopt when the event has no such value, or null.
  [[nodiscard]] std::optional<std::string> find(const boost::json::value& envelope) const;
  // The same, with one text for all events without a value.
  [[nodiscard]] std::string of(const boost::json::value& envelope) const {
    return find(envelope).value_or("");
  }

 private:
  std::optional<transform::Path> path_;
};

}  // namespace ebagent::agent::flow
