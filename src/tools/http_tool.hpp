#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "http/client.hpp"
#include "secrets/redactor.hpp"
#include "tools/text_template.hpp"
#include "tools/url_template.hpp"
#include "transform/template.hpp"

namespace ebagent::tools {

// A request that a tool sends, but for the values of its arguments.
struct HttpCall {
  std::string method = "GET";
  UrlTemplate url;
  std::vector<std::pair<std::string, TextTemplate>> headers = {};
  std::optional<transform::Template> body =
      {};                        // none: the arguments as they are, with methods that have a body
  Effect effect = Effect::Once;  // all but Read send their Idempotency-Key
  std::chrono::milliseconds timeout{10'000};
  std::size_t output_limit = std::size_t{64} * 1024;  // of the answer's body
};

// Sends the request and gives {"status", "body"}: JSON where the answer is, else text, cut at the limit ("is_truncated").
// Errors besides those of secrets: InvalidArgument for values that a URL or header cannot take and for 4xx, NotFound for 404 and
// 410, Conflict for 409, Unavailable for 408, 429, 5xx and no connection, TimedOut. `client` goes only where it may.
[[nodiscard]] Tool::Function http_function(HttpCall call, std::shared_ptr<http::Client> client,
                                           std::shared_ptr<secrets::Redactor> secrets);

}  // namespace ebagent::tools
