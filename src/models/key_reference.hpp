#pragma once

#include <optional>
#include <string>

#include "aws/environment.hpp"
#include "ebagent/result.hpp"
#include "secrets/secret_reference.hpp"

namespace ebagent::models {

// Where a model's key is, never the key: env:NAME or file:/PATH, also with "secret:" before it as other settings have it.
// Read anew for each request, so that a key that is changed in its file is taken up without a restart.
class KeyReference {
 public:
  // Empty text refers to nothing. InvalidArgument for what is neither form; it does not repeat the text, which may be a key.
  [[nodiscard]] static Result<KeyReference> parse(const std::string& text);

  [[nodiscard]] bool is_empty() const { return !place_; }
  // InvalidArgument, naming the place, when nothing that can be sent is there.
  [[nodiscard]] Result<std::string> read(const aws::Environment& environment) const;

 private:
  std::optional<secrets::SecretReference> place_;
};

}  // namespace ebagent::models
