#include "tools/text_template.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "agent/near_names.hpp"
#include "core/json.hpp"

namespace ebagent::tools {

Result<TextTemplate> TextTemplate::compile(std::string_view text) {
  TextTemplate made;
  if (secrets::SecretReference::is_one(text)) {
    BOOST_OUTCOME_TRY(auto secret, secrets::SecretReference::parse(text));
    made.pieces_.push_back({.secret = std::move(secret)});
    return made;
  }
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) made.pieces_.push_back({.literal = std::move(literal)});
    literal.clear();
  };
  while (!text.empty()) {
    const auto end = text.find('>');
    const bool is_path = text.starts_with("<$") && end != std::string_view::npos;
    const bool is_secret = text.starts_with("<secret:") && end != std::string_view::npos;
    if (!is_path && !is_secret) {
      literal.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    end_literal();
    const std::string_view inner = text.substr(1, end - 1);
    if (is_path) {
      BOOST_OUTCOME_TRY(auto path, transform::Path::parse(inner));
      made.pieces_.push_back({.path = std::move(path)});
    } else {
      BOOST_OUTCOME_TRY(auto secret, secrets::SecretReference::parse(inner));
      made.pieces_.push_back({.secret = std::move(secret)});
    }
    text.remove_prefix(end + 1);
  }
  end_literal();
  return made;
}

bool TextTemplate::has_secrets() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.secret.has_value(); });
}

bool TextTemplate::has_arguments() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.path.has_value(); });
}

bool TextTemplate::is_one_argument() const {
  return pieces_.size() == 1 && pieces_.front().path.has_value();
}

Result<std::string> TextTemplate::fill(const boost::json::value& arguments,
                                       secrets::Redactor& secrets) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (piece.path) {
      text += text_at(*piece.path, arguments);
    } else if (piece.secret) {
      BOOST_OUTCOME_TRY(auto secret, secrets.resolve(*piece.secret));
      text += secret;
    } else {
      text += piece.literal;
    }
  }
  return text;
}

std::string text_at(const transform::Path& path, const boost::json::value& arguments) {
  const auto value = path.read(arguments);
  if (!value || value->is_null()) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  return core::write_json(*value);
}

Result<void> check_placeholders(std::string_view text, const std::vector<std::string>& known) {
  for (auto at = text.find("<$."); at != std::string_view::npos; at = text.find("<$.", at + 1)) {
    const std::string_view rest = text.substr(at + 3);
    const std::string name(rest.substr(0, rest.find_first_of(".[>")));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return fail(ErrorCode::InvalidArgument,
                "<$." + name + "> names no argument of the tool." + agent::hint_for(name, known));
  }
  return success();
}

}  // namespace ebagent::tools
