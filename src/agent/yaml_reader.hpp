#pragma once

#include <yaml-cpp/yaml.h>

#include <boost/json/value.hpp>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::agent {

// Reads YAML nodes strictly and says where something is wrong.
class YamlReader {
 public:
  // Nodes of one document, aliases unfolded; a few lines of aliases can stand for billions.
  static constexpr std::size_t kMaxNodes = 100'000;
  static constexpr int kMaxDepth = 64;
  static constexpr std::chrono::hours kMaxDuration{24 * 366};

  explicit YamlReader(std::string_view file_name) : file_name_(file_name) {}

  [[nodiscard]] const std::string& file_name() const { return file_name_; }

  // The document. Malformed with the place at which it stops being YAML.
  [[nodiscard]] Result<YAML::Node> parse(std::string_view yaml) const;

  // An error at a node: "agents.yaml:12:5: message".
  [[nodiscard]] Error error_at(const YAML::Node& node, std::string_view message,
                               ErrorCode code = ErrorCode::InvalidArgument) const;

  // An error about a node or something in it: at what the JSON pointer names with which the message begins, or at the nearest
  // node around that; at `node` when the message begins with none. Keeps the code.
  [[nodiscard]] Error error_below(const YAML::Node& node, const Error& error) const;

  // Refuses what is no mapping, a key given twice, and keys other than these. `what` as in "an agent".
  Result<void> check_keys(const YAML::Node& node, std::string_view what,
                          std::initializer_list<std::string_view> known) const;
  Result<void> check_keys(const YAML::Node& node, std::string_view what,
                          const std::vector<std::string_view>& known) const;

  // The text of a scalar. `what` as in "name".
  [[nodiscard]] Result<std::string> text(const YAML::Node& node, std::string_view what) const;
  [[nodiscard]] Result<int> whole_number(const YAML::Node& node, std::string_view what) const;
  // "250ms", "10s", "5m", "1h", "2d"; more than nothing and at most kMaxDuration.
  [[nodiscard]] Result<std::chrono::milliseconds> duration(const YAML::Node& node,
                                                           std::string_view what) const;
  // A number of 0 or more, written as JSON writes one.
  [[nodiscard]] Result<double> amount(const YAML::Node& node, std::string_view what) const;
  // true or false.
  [[nodiscard]] Result<bool> boolean(const YAML::Node& node, std::string_view what) const;
  // A text that is one of those that have a meaning: choice<Effect>(node, "effect", {{"read", Effect::Read}, ...}).
  template <class T>
  [[nodiscard]] Result<T> choice(const YAML::Node& node, std::string_view what,
                                 std::initializer_list<std::pair<std::string_view, T>> meanings) const {
    BOOST_OUTCOME_TRY(auto word, text(node, what));
    std::string known;
    for (const auto& [name, meaning] : meanings) {
      if (name == word) return meaning;
      known.append(known.empty() ? "" : ", ").append(name);
    }
    if (meanings.size() == 2) known.replace(known.find(", "), 2, " or ");
    return fail(error_at(node, "\"" + std::string(what) +
                                   (meanings.size() == 2 ? "\" is either " : "\" is one of ") + known + "."));
  }
  // The text of a member of a mapping. `in` as in "an agent".
  [[nodiscard]] Result<std::string> required_text(const YAML::Node& node, const char* key,
                                                  std::string_view in) const;
  [[nodiscard]] Result<std::string> optional_text(const YAML::Node& node, const char* key,
                                                  std::string_view fallback) const;
  // Any YAML value as JSON, plain scalars as described in app_yaml.hpp.
  [[nodiscard]] Result<boost::json::value> json_value(const YAML::Node& node, std::string_view what) const;
  // The elements of a sequence; none when the node is absent.
  [[nodiscard]] Result<std::vector<YAML::Node>> elements(const YAML::Node& node, std::string_view what) const;

  // JSON text of a mapping, or the text itself of a scalar that holds JSON; empty when the node is absent.
  [[nodiscard]] Result<std::string> json_text(const YAML::Node& node, std::string_view what) const;
  // JSON text of any node.
  [[nodiscard]] Result<std::string> value_json(const YAML::Node& node) const;
  // As json_text() for a template: a string that is one placeholder stands without quotes, so that its value keeps
  // its type.
  [[nodiscard]] Result<std::string> template_text(const YAML::Node& node, std::string_view what) const;

 private:
  enum class Placeholders { AreText, StandBare };
  struct Budget {
    std::size_t nodes = 0;
  };

  [[nodiscard]] Result<std::string> as_json(const YAML::Node& node, std::string_view what,
                                            Placeholders placeholders) const;
  Result<void> append_json(std::string& out, const YAML::Node& node, Placeholders placeholders,
                           Budget& budget, int depth) const;
  Result<void> append_object(std::string& out, const YAML::Node& node, Placeholders placeholders,
                             Budget& budget, int depth) const;

  std::string file_name_;
};

}  // namespace ebagent::agent
