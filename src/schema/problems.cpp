#include <string>

#include "core/json.hpp"
#include "ebagent/detail/decode.hpp"

namespace ebagent::detail {
namespace {

constexpr std::size_t kMaxShown = 40;  // characters of an offending value; enough to recognise it in one line

std::string shown(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::object:
      return "an object";
    case boost::json::kind::array:
      return "an array";
    default:
      break;
  }
  std::string text = core::write_json(value);
  if (text.size() <= kMaxShown) return text;
  std::size_t cut = kMaxShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
  return text.substr(0, cut) + "...";
}

std::string pointer_token(std::string_view member) {
  std::string token = "/";
  for (const char c : member) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token.push_back(c);
    }
  }
  return token;
}

}  // namespace

void Problems::enter(std::string_view member) {
  path_.push_back(pointer_token(member));
}
void Problems::enter(std::size_t index) {
  path_.push_back("/" + std::to_string(index));
}
void Problems::leave() {
  path_.pop_back();
}

void Problems::expected(std::string_view what, const boost::json::value& found) {
  add("", "expected " + std::string(what) + ", found " + shown(found));
}

void Problems::missing(std::string_view member) {
  add(pointer_token(member), "is required");
}

void Problems::unknown(std::string_view member, const std::vector<std::string_view>& known) {
  std::string names;
  for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
  add(pointer_token(member),
      names.empty() ? "is unknown; no arguments are taken" : "is unknown; known are " + names);
}

void Problems::add(const std::string& pointer, const std::string& problem) {
  if (problems_.size() == kMaxProblems) {
    ++left_out_;
    return;
  }
  std::string line;
  for (const std::string& token : path_) line += token;
  line += pointer;
  problems_.push_back((line.empty() ? "" : line + ": ") + problem);
}

std::string Problems::text() const {
  std::string all;
  for (const std::string& problem : problems_) all += (all.empty() ? "" : "; ") + problem;
  if (left_out_ > 0) all += "; and " + std::to_string(left_out_) + " more";
  return all;
}

}  // namespace ebagent::detail
