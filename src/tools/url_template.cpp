#include "tools/url_template.hpp"

#include <algorithm>
#include <vector>

#include "core/percent.hpp"

namespace ebagent::tools {

Result<UrlTemplate> UrlTemplate::compile(std::string_view text) {
  BOOST_OUTCOME_TRY(auto pieces, TextTemplate::compile(text));
  if (pieces.has_secrets()) {
    return fail(ErrorCode::InvalidArgument,
                "A URL stands in the logs of everyone on its way; put the secret into a header.");
  }
  const std::string start = pieces.pieces().empty() ? "" : pieces.pieces().front().literal;
  const auto scheme = start.find("://");
  const auto host_end = scheme == std::string::npos ? scheme : start.find_first_of("/?#", scheme + 3);
  if (pieces.has_arguments() && host_end == std::string::npos) {
    return fail(
        ErrorCode::InvalidArgument,
        "A placeholder stands in the path or query of a URL: https://HOST/... comes first, as it is.");
  }
  BOOST_OUTCOME_TRY(auto base, http::parse_url(start));
  return UrlTemplate(std::move(pieces), std::move(base));
}

Result<std::string> UrlTemplate::fill(const boost::json::value& arguments) const {
  std::string url;
  std::vector<std::size_t> values;  // where they begin
  for (const TextTemplate::Piece& piece : template_.pieces()) {
    if (piece.path) {
      values.push_back(url.size());
      url += core::percent_encode(text_at(*piece.path, arguments));
    } else {
      url += piece.literal;
    }
  }
  const std::size_t path_end = std::min(url.find_first_of("?#"), url.size());
  for (const std::size_t value : values) {
    if (value > path_end || (value == path_end && path_end < url.size() && url[value - 1] != '/')) continue;
    const std::size_t begin = url.rfind('/', value - 1) + 1;
    const std::size_t end = std::min(url.find('/', value), path_end);
    const std::string_view segment = std::string_view(url).substr(begin, end - begin);
    if (!segment.empty() && segment != "." && segment != "..") continue;
    return fail(ErrorCode::InvalidArgument,
                "An argument that stands in the path of the URL must not be empty, \".\" or \"..\".");
  }
  return url;
}

}  // namespace ebagent::tools
