#include "transform/path.hpp"

#include <charconv>
#include <limits>

#include "core/json.hpp"

namespace ebagent::transform {

namespace json = boost::json;

// Reads the text of a path from left to right.
class PathReader {
  // Stands first, because its type is deduced.
  [[nodiscard]] auto refuse(std::string_view reason) const {
    return fail(ErrorCode::InvalidArgument, "The JSON path \"" + std::string{text_} +
                                                "\" is not valid at byte " + std::to_string(at_) + ": " +
                                                std::string{reason} + ".");
  }

 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  Result<Path> read() {
    if (text_.size() > kMaxPathLength) {
      return fail(ErrorCode::InvalidArgument,
                  "A JSON path has at most " + std::to_string(kMaxPathLength) + " characters.");
    }
    if (!text_.starts_with('$')) return refuse("a path begins with \"$\"");
    at_ = 1;
    while (at_ < text_.size()) {
      if (take('.')) {
        BOOST_OUTCOME_TRYV(read_name());
      } else if (take('[')) {
        BOOST_OUTCOME_TRYV(read_bracket());
      } else {
        return refuse("expected \".\" or \"[\"");
      }
    }
    path_.text_ = text_;
    return std::move(path_);
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  static bool belongs_to_name(char c) {
    constexpr std::string_view kEnds = ".[]'\"*?()<>,";
    return static_cast<unsigned char>(c) > ' ' && c != 0x7F && kEnds.find(c) == std::string_view::npos;
  }

  void add_wildcard() {
    path_.steps_.push_back({.kind = Path::StepKind::Every});
    path_.has_wildcard_ = true;
  }

  Result<void> read_name() {
    if (take('*')) {
      add_wildcard();
      return success();
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && belongs_to_name(text_[at_])) ++at_;
    if (at_ == begin) return refuse("expected a key; a key with other characters is written as ['my key']");
    path_.steps_.push_back(
        {.kind = Path::StepKind::Key, .key = std::string{text_.substr(begin, at_ - begin)}});
    return success();
  }

  Result<void> read_bracket() {
    if (take('*')) {
      add_wildcard();
    } else if (take('\'')) {
      BOOST_OUTCOME_TRYV(read_quoted('\''));
    } else if (take('"')) {
      BOOST_OUTCOME_TRYV(read_quoted('"'));
    } else {
      BOOST_OUTCOME_TRYV(read_index());
    }
    if (!take(']')) return refuse("expected \"]\"");
    return success();
  }

  Result<void> read_quoted(char quote) {
    std::string key;
    while (!take(quote)) {
      take('\\');
      if (at_ >= text_.size()) return refuse("the quoted key has no end");
      key.push_back(text_[at_++]);
    }
    path_.steps_.push_back({.kind = Path::StepKind::Key, .key = std::move(key)});
    return success();
  }

  Result<void> read_index() {
    std::uint32_t index = 0;
    const auto [end, failed] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), index);
    if (failed != std::errc{}) return refuse("expected an index, a quoted key or *");
    at_ = std::size_t(end - text_.data());
    path_.steps_.push_back({.kind = Path::StepKind::Index, .index = index});
    return success();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Path path_;
};

Result<Path> Path::parse(std::string_view text) {
  return PathReader{text}.read();
}

void Path::collect(const json::value& from, std::size_t step, std::size_t enough, Matches& matches) const {
  if (matches.size() >= enough) return;
  if (step == steps_.size()) {
    matches.push_back(&from);
    return;
  }
  const auto* object = from.if_object();
  const auto* array = from.if_array();
  const Step& next = steps_[step];
  if (next.kind == StepKind::Key && object != nullptr) {
    if (const auto* member = object->if_contains(next.key)) collect(*member, step + 1, enough, matches);
  } else if (next.kind == StepKind::Index && array != nullptr) {
    if (const auto* element = array->if_contains(next.index)) collect(*element, step + 1, enough, matches);
  } else if (next.kind == StepKind::Every && object != nullptr) {
    for (const auto& member : *object) collect(member.value(), step + 1, enough, matches);
  } else if (next.kind == StepKind::Every && array != nullptr) {
    for (const auto& element : *array) collect(element, step + 1, enough, matches);
  }
}

const json::value* Path::find(const json::value& root) const {
  Matches matches;
  collect(root, 0, 1, matches);
  return matches.empty() ? nullptr : matches.front();
}

std::optional<json::value> Path::read(const json::value& root) const {
  if (!has_wildcard_) {
    const json::value* found = find(root);
    return found == nullptr ? std::nullopt : std::optional<json::value>{*found};
  }
  Matches matches;
  collect(root, 0, std::numeric_limits<std::size_t>::max(), matches);
  json::array list;
  for (const json::value* match : matches) list.push_back(*match);
  return json::value(std::move(list));
}

std::string select_input(const Path& path, const json::value& event) {
  if (path.has_wildcard()) return core::write_json(path.read(event).value());
  const json::value* found = path.find(event);
  return found == nullptr ? "\"\"" : core::write_json(*found);
}

}  // namespace ebagent::transform
