#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::transform {

// The service model's bound on InputPath and on each value of InputPathsMap, in bytes.
inline constexpr std::size_t kMaxPathLength = 256;

// The subset of JSONPath that EventBridge takes: $, $.a.b-c, $.a[0], $.a['b c'], and the wildcards $.a[*] and
// $.a.* No filters, no recursive descent, no negative indexes. A plain value; safe to read from any thread.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
class Path {
 public:
  // Returns InvalidArgument with what is wrong and at which byte.
  [[nodiscard]] static Result<Path> parse(std::string_view text);

  // The value that the path leads to, or null when there is none. Of several (wildcards) the first.
  // The value lives in `root`.
  [[nodiscard]] const boost::json::value* find(const boost::json::value& root) const;

  // A copy of the value that the path leads to; nullopt when there is none. A path with a wildcard leads to
  // the list of all matches, which may be empty.
  [[nodiscard]] std::optional<boost::json::value> read(const boost::json::value& root) const;

  [[nodiscard]] bool has_wildcard() const { return has_wildcard_; }

  // The path as it was written.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class StepKind { Key, Index, Every };
  struct Step {
    StepKind kind = StepKind::Key;
    std::string key = {};
    std::size_t index = 0;
  };
  using Matches = std::vector<const boost::json::value*>;
  friend class PathReader;

  void collect(const boost::json::value& from, std::size_t step, std::size_t enough, Matches& matches) const;

  std::string text_;
  std::vector<Step> steps_;
  bool has_wildcard_ = false;
};

// What InputPath delivers of `event`: the JSON text of the value, or "" (an empty JSON string) when there is
// none.
[[nodiscard]] std::string select_input(const Path& path, const boost::json::value& event);

}  // namespace ebagent::transform
