#include "agent/answer.hpp"

#include "core/json.hpp"

namespace ebagent::agent {
namespace {

constexpr std::string_view kFence = "```";

// What stands between the first pair of fences.
std::optional<std::string_view> fenced(std::string_view text) {
  const std::size_t open = text.find(kFence);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t line = text.find('\n', open);
  if (line == std::string_view::npos) return std::nullopt;
  const std::size_t close = text.find(kFence, line);
  if (close == std::string_view::npos) return std::nullopt;
  return text.substr(line + 1, close - line - 1);
}

}  // namespace

std::optional<boost::json::value> json_in(std::string_view text) {
  if (auto whole = core::parse_json(text)) return std::move(whole).value();
  if (const auto block = fenced(text)) {
    if (auto inner = core::parse_json(*block)) return std::move(inner).value();
  }
  return std::nullopt;
}

}  // namespace ebagent::agent
