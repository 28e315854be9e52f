#include "http/url.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace ebagent::http {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Handle& url, CURLUPart which, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  const std::string result{text};
  curl_free(text);
  return result;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

auto refuse(const std::string& why) {
  return fail(ErrorCode::InvalidArgument, "The URL " + why + ".");
}

}  // namespace

bool Url::is_loopback() const {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.");
}

Result<Url> parse_url(const std::string& text) {
  if (text.find(":///") != std::string::npos)
    return refuse("has no host");  // libcurl would take the path for it
  const Handle url{curl_url(), curl_url_cleanup};
  if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
      code != CURLUE_OK) {
    return refuse("cannot be read: " + std::string{curl_url_strerror(code)});
  }
  Url result{.scheme = lower(part(url, CURLUPART_SCHEME))};
  if (result.scheme != "http" && result.scheme != "https")
    return refuse("must begin with http:// or https://");
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty()) {
    return refuse("must not carry a user or password");
  }
  result.host = lower(part(url, CURLUPART_HOST));
  result.authority = result.host;
  if (result.host.starts_with('[')) result.host = result.host.substr(1, result.host.size() - 2);
  if (const std::string port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT); !port.empty()) {
    result.authority += ":" + port;
  }
  result.path = part(url, CURLUPART_PATH);
  result.query = part(url, CURLUPART_QUERY);
  result.fragment = part(url, CURLUPART_FRAGMENT);
  return result;
}

Result<std::string> join_url(const std::string& base, const std::string& reference) {
  const Handle url{curl_url(), curl_url_cleanup};
  if (curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return refuse("that is referred to cannot be read");
  }
  return part(url, CURLUPART_URL);
}

}  // namespace ebagent::http
