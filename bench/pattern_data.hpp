#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ebagent/pattern.hpp"

namespace ebagent::bench {

// Events as JSON texts, in one buffer that parsers may read some bytes beyond.
struct Events {
  std::string buffer;
  std::vector<std::string_view> texts;
};

struct NamedPattern {
  std::string name;
  std::string json;
};

// A rule set and the events it is measured with.
struct RuleFile {
  std::string name;
  std::filesystem::path path;
};

// The benchmark data: made by the generators of `source` in `made` unless it is there already. Errors are
// std::runtime_error with what is missing.
class BenchData {
 public:
  BenchData(std::filesystem::path source, std::filesystem::path made);

  [[nodiscard]] Events citylots();
  [[nodiscard]] Events scale_events();
  [[nodiscard]] std::vector<RuleFile> citylots_rules() const;
  [[nodiscard]] std::vector<RuleFile> scale_rules() const;

 private:
  std::filesystem::path source_;
  std::filesystem::path made_;
};

[[nodiscard]] std::vector<NamedPattern> read_rules(const std::filesystem::path& file);

}  // namespace ebagent::bench
