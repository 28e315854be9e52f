#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "http/client.hpp"

namespace ebagent::targets::testing {

// A client whose answers a test says, and which remembers what was sent.
class ScriptedClient final : public http::Client {
 public:
  using Script = std::function<http::Answer(const http::Request&)>;
  explicit ScriptedClient(Script script) : script_(std::move(script)) {}

  [[nodiscard]] http::Answer send(const http::Request& request) override {
    sent.push_back(request);
    return script_(request);
  }

  std::vector<http::Request> sent;

 private:
  const Script script_;
};

inline http::Answer answer(int status, std::string body = {}, http::Headers headers = {}) {
  return http::Response{.status = status, .headers = std::move(headers), .body = std::move(body)};
}

inline http::Answer no_answer(http::Failure failure, std::string text = "broken") {
  return boost::outcome_v2::failure(http::TransportError{failure, std::move(text)});
}

inline std::string header(const http::Request& request, std::string_view name) {
  for (const auto& [known, value] : request.headers) {
    if (known == name) return value;
  }
  return {};
}

}  // namespace ebagent::targets::testing
