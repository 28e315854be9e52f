#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"
#include "http/url.hpp"
#include "tools/text_template.hpp"

namespace ebagent::tools {

// An absolute http or https URL with <$.path> placeholders in its path and query. Values are percent-encoded whole, '/' and '.'
// segments included, so that no value changes the host, leaves its segment or adds a parameter.
class UrlTemplate {
 public:
  // InvalidArgument for what is no URL, placeholders in the host, and secrets, which do not belong into URLs (they stand in the
  // logs of everyone on the way).
  [[nodiscard]] static Result<UrlTemplate> compile(std::string_view text);

  // Scheme and host as they were declared.
  [[nodiscard]] const http::Url& base() const { return base_; }
  // InvalidArgument for a value that would make its segment of the path empty, "." or "..".
  [[nodiscard]] Result<std::string> fill(const boost::json::value& arguments) const;

 private:
  UrlTemplate(TextTemplate text, http::Url base) : template_(std::move(text)), base_(std::move(base)) {}

  TextTemplate template_;
  http::Url base_;
};

}  // namespace ebagent::tools
