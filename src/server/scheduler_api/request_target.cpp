#include "server/scheduler_api/request_target.hpp"

#include <charconv>
#include <utility>

#include "core/json.hpp"

namespace ebagent::server::scheduler_api {
namespace {

enum class Part { Path, Query };

std::optional<std::string> decoded(std::string_view text, Part part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && part == Part::Query) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned byte = 0;
      if (i + 2 >= text.size()) return std::nullopt;
      const char* const digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  if (!core::is_utf8(out)) return std::nullopt;
  return out;
}

// The text before `mark`, taken off with it.
std::string_view take(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

}  // namespace

const std::string* RequestTarget::parameter(std::string_view of) const {
  const auto found = query.find(of);
  return found == query.end() ? nullptr : &found->second.front();
}

std::optional<RequestTarget> read_target(std::string_view target) {
  std::string_view path = take(target, '?');
  if (path.starts_with('/')) path.remove_prefix(1);
  RequestTarget read;
  read.collection = take(path, '/');
  if (!path.empty()) {
    read.name = decoded(path, Part::Path);
    if (!read.name) return std::nullopt;
  }
  while (!target.empty()) {
    std::string_view pair = take(target, '&');
    auto name = decoded(take(pair, '='), Part::Query);
    auto value = decoded(pair, Part::Query);
    if (!name || !value) return std::nullopt;
    read.query[std::move(*name)].push_back(std::move(*value));
  }
  return read;
}

}  // namespace ebagent::server::scheduler_api
