#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "secrets/redactor.hpp"
#include "secrets/secret_reference.hpp"
#include "transform/path.hpp"

namespace ebagent::tools {

// Plain text with <$.path> placeholders for arguments and <secret:env:NAME> for secrets; a text that is a secret's reference
// as a whole (secret:env:NAME) is that secret. Any other "<" is text. What is put in stays what it is: it is never read as a
// template again.
class TextTemplate {
 public:
  struct Piece {
    std::string literal = {};                  // or
    std::optional<transform::Path> path = {};  // of an argument, or
    std::optional<secrets::SecretReference> secret = {};
  };

  // InvalidArgument for a path or a reference that is none.
  [[nodiscard]] static Result<TextTemplate> compile(std::string_view text);

  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  [[nodiscard]] bool has_secrets() const;
  [[nodiscard]] bool has_arguments() const;
  // The template is one argument and nothing else.
  [[nodiscard]] bool is_one_argument() const;

  // Errors: those of secrets.
  [[nodiscard]] Result<std::string> fill(const boost::json::value& arguments,
                                         secrets::Redactor& secrets) const;

 private:
  std::vector<Piece> pieces_;
};

// What stands in a text for the value that a path leads to: a string as it is, anything else as JSON; "" for nothing.
[[nodiscard]] std::string text_at(const transform::Path& path, const boost::json::value& arguments);

// Refuses placeholders in `text` whose argument is none of those known: a typing error would be an empty text at run time.
[[nodiscard]] Result<void> check_placeholders(std::string_view text, const std::vector<std::string>& known);

}  // namespace ebagent::tools
