#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::secrets {

// Where a secret is: what a configuration says instead of the secret itself.
struct SecretReference {
  enum class Kind { Environment, File };

  // "secret:env:NAME" or "secret:file:/absolute/path". InvalidArgument for anything else.
  [[nodiscard]] static Result<SecretReference> parse(std::string_view text);
  [[nodiscard]] static bool is_one(std::string_view text) { return text.starts_with("secret:"); }

  Kind kind = Kind::Environment;
  std::string place = {};  // the variable's name, or the file's path

  // What people see in its place: the variable's name, or the file's path.
  [[nodiscard]] const std::string& name() const { return place; }
  bool operator==(const SecretReference&) const = default;
};

inline constexpr std::size_t kMinSecretBytes =
    4;  // a shorter one could not be kept out of logs: it is in any text
inline constexpr std::size_t kMaxSecretBytes = std::size_t{64} * 1024;

// The secret as it is now, without the line break that ends a file. Errors name the reference and never the value: NotFound
// when it is not there, InvalidArgument when its size is beyond the bounds above, it has control characters, or its file may
// be read or written by others than its owner (mode 0600 or 0400; group-readable 0640 and 0440 for files of root's, as
// orchestrators mount them).
[[nodiscard]] Result<std::string> resolve(const SecretReference& reference);

}  // namespace ebagent::secrets
