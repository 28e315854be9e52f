#include <algorithm>
#include <array>

#include "core/json.hpp"
#include "transform/template.hpp"

namespace ebagent::transform {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxInputPathNameLength &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '-';
         });
}

std::size_t count_characters(std::string_view utf8) {
  return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The length of <name> at the beginning of `text`; 0 when there is none. AWS has no way to write "<" as
// itself, so anything without spaces between the signs is a placeholder.
std::size_t length_of_name(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '>') return i == 1 ? 0 : i + 1;
    if (c == '<' || c == '"' || static_cast<unsigned char>(c) <= ' ') return 0;
  }
  return 0;
}

// The length of <$.path> at the beginning of `text`; 0 when there is none. A key in brackets may contain ">".
std::size_t length_of_path(std::string_view text) {
  if (!text.starts_with("<$")) return 0;
  char quote = 0;
  for (std::size_t i = 2; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = text[i - 1] == '[' ? c : char{0};
    } else if (c == '>') {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

// Takes a template apart and checks it once, so that applying it has only values to put in.
class TemplateCompiler {
 public:
  using Escaping = Template::Escaping;
  using Variable = Template::Variable;

  // Inline: no names are known, a placeholder is its own path.
  TemplateCompiler() { template_.escaping_ = Escaping::Done; }

  TemplateCompiler(std::string_view target_id, const std::map<std::string, std::string>& input_paths)
      : target_id_(target_id), input_paths_(&input_paths) {}

  Result<Template> compile(std::string_view text) {
    if (count_characters(text) > kMaxTemplateLength) {
      return fail(ErrorCode::LimitExceeded, "A template" + of_target() + " has at most " +
                                                std::to_string(kMaxTemplateLength) + " characters.");
    }
    if (!is_inline()) {
      BOOST_OUTCOME_TRYV(read_input_paths());
    }
    BOOST_OUTCOME_TRYV(split(text));
    BOOST_OUTCOME_TRYV(check_shape());
    return std::move(template_);
  }

 private:
  static constexpr std::array<std::pair<std::string_view, Template::Source>, 5> kReserved{{
      {"aws.events.rule-arn", Template::Source::RuleArn},
      {"aws.events.rule-name", Template::Source::RuleName},
      {"aws.events.event.ingestion-time", Template::Source::IngestionTime},
      {"aws.events.event", Template::Source::Event},
      {"aws.events.event.json", Template::Source::EventJson},
  }};

  [[nodiscard]] bool is_inline() const { return input_paths_ == nullptr; }
  [[nodiscard]] std::string of_target() const {
    return is_inline() ? "" : " of target " + std::string{target_id_};
  }

  Result<void> read_input_paths() {
    if (input_paths_->size() > kMaxInputPaths) {
      return fail(ErrorCode::LimitExceeded, "The InputPathsMap" + of_target() + " has at most " +
                                                std::to_string(kMaxInputPaths) + " entries.");
    }
    for (const auto& [name, path] : *input_paths_) {
      if (!is_name(name)) {
        return fail(ErrorCode::InvalidArgument, "The InputPathsMap" + of_target() + " has the name \"" +
                                                    name + "\"; names have letters, digits, _ and - only.");
      }
      auto parsed = Path::parse(path);
      if (!parsed) {
        return fail(ErrorCode::InvalidArgument, "The InputPathsMap" + of_target() + " is not valid at \"" +
                                                    name + "\": " + parsed.error().message);
      }
      paths_.emplace(name, std::move(parsed).value());
    }
    return success();
  }

  Result<Variable> variable_of(std::string_view name) const {
    if (is_inline()) {
      BOOST_OUTCOME_TRY(auto path, Path::parse(name));
      return Variable{.path = std::move(path)};
    }
    for (const auto& [reserved, source] : kReserved) {
      if (name == reserved) return Variable{.source = source};
    }
    const auto path = paths_.find(name);
    if (path == paths_.end()) {
      return fail(ErrorCode::InvalidArgument, "InputTemplate for target " + std::string{target_id_} +
                                                  " contains invalid placeholder " + std::string{name} + ".");
    }
    return Variable{.path = path->second};
  }

  Result<void> split(std::string_view text) {
    std::string before;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size();) {
      const std::string_view rest = text.substr(i);
      const std::size_t length = rest[0] != '<' ? 0
                                 : is_inline()  ? length_of_path(rest)
                                                : length_of_name(rest);
      if (length != 0) {
        const std::string_view name = rest.substr(1, length - 2);
        BOOST_OUTCOME_TRY(auto variable, variable_of(name));
        stand_in(quoted, length);
        template_.placeholders_.push_back({.before = std::exchange(before, {}),
                                           .name = std::string{name},
                                           .variable = std::move(variable),
                                           .place = quoted ? Template::Place::Text : Template::Place::Value});
        i += length;
        continue;
      }
      const std::size_t taken = quoted && rest[0] == '\\' && rest.size() > 1 ? 2 : 1;
      if (rest[0] == '"') quoted = !quoted;
      before += rest.substr(0, taken);
      skeleton_ += rest.substr(0, taken);
      i += taken;
    }
    template_.tail_ = std::move(before);
    return success();
  }

  // What stands for a placeholder while the template's JSON is checked: as long as itself, so that errors
  // name the right byte; a list where a value belongs, because a list is wrong as a key and next to another
  // value; and, in quotes, text that differs from placeholder to placeholder, because two of them may be keys
  // of one object.
  void stand_in(bool quoted, std::size_t length) {
    std::string text = quoted ? std::to_string(template_.placeholders_.size()) : "[]";
    text.resize(std::max(text.size(), length), quoted ? '_' : ' ');
    skeleton_ += text;
  }

  Result<void> check_shape() {
    const auto one_value = core::parse_json(skeleton_);
    if (one_value) return success();
    if (Template::parse_lines(skeleton_)) {
      template_.shape_ = Template::Shape::Lines;
      return success();
    }
    const std::string& reason = one_value.error().message;
    return fail(ErrorCode::InvalidArgument,
                is_inline() ? "The template is not valid: " + reason
                            : "Invalid InputTemplate for target " + std::string{target_id_} + " : " + reason);
  }

  std::string_view target_id_;
  const std::map<std::string, std::string>* input_paths_ = nullptr;
  std::map<std::string, Path, std::less<>> paths_;
  std::string skeleton_;
  Template template_;
};

Result<Template> Template::compile(std::string_view target_id,
                                   const std::map<std::string, std::string>& input_paths,
                                   std::string_view input_template) {
  return TemplateCompiler{target_id, input_paths}.compile(input_template);
}

Result<Template> Template::compile_inline(std::string_view text) {
  return TemplateCompiler{}.compile(text);
}

}  // namespace ebagent::transform
