#pragma once

#include <string>

#include "aws/environment.hpp"
#include "ebagent/result.hpp"

namespace ebagent::models {

// Where a key is, never the key: env:NAME or file:PATH. Read anew for each request, so that a key that is changed in its file
// is taken up without a restart.
class SecretReference {
 public:
  // Empty text refers to nothing. InvalidArgument for what is neither form; it does not repeat the text, which may be a key.
  [[nodiscard]] static Result<SecretReference> parse(const std::string& text);

  [[nodiscard]] bool is_empty() const { return place_.empty(); }
  // InvalidArgument, naming the place, when nothing that can be sent is there.
  [[nodiscard]] Result<std::string> read(const aws::Environment& environment) const;

 private:
  bool is_file_ = false;
  std::string place_;
};

}  // namespace ebagent::models
