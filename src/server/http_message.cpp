#include "server/http_message.hpp"

#include <algorithm>

namespace ebagent::server {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({text_.size(), name.size(), text_.size() + name.size(), value.size()});
  text_ += name;
  text_ += value;
}

const Headers::Field* Headers::find(std::string_view name) const {
  const std::string_view text = text_;
  for (const Field& field : fields_) {
    if (equal_ignoring_case(text.substr(field.name_at, field.name_size), name)) return &field;
  }
  return nullptr;
}

std::string_view Headers::get(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? std::string_view{}
                          : std::string_view{text_}.substr(field->value_at, field->value_size);
}

bool Headers::has(std::string_view name) const {
  return find(name) != nullptr;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

}  // namespace ebagent::server
