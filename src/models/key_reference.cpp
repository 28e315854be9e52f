#include "models/key_reference.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace ebagent::models {
namespace {

constexpr std::string_view kPrefix = "secret:";
constexpr std::size_t kMaxKey = std::size_t{8} * 1024;  // servers take no larger header

// As an HTTP header takes it.
bool is_key(std::string_view text) {
  return text.size() <= kMaxKey &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

}  // namespace

Result<KeyReference> KeyReference::parse(const std::string& text) {
  KeyReference reference;
  if (text.empty()) return reference;
  const bool is_prefixed = secrets::SecretReference::is_one(text);
  auto place = secrets::SecretReference::parse(is_prefixed ? text : std::string{kPrefix} + text);
  if (!place) {
    return fail(ErrorCode::InvalidArgument,
                "A key is given by where it is: env:NAME or file:/ABSOLUTE/PATH; never as such.");
  }
  reference.place_ = std::move(place).assume_value();
  return reference;
}

Result<std::string> KeyReference::read(const aws::Environment& environment) const {
  if (!place_) return std::string{};
  std::string key;
  std::string where = "file ";
  if (place_->kind == secrets::SecretReference::Kind::File) {
    auto found = secrets::resolve(*place_);
    if (!found) return fail(ErrorCode::InvalidArgument, found.error().message);
    key = std::move(found).assume_value();
  } else {
    where = "environment variable ";
    key = environment(place_->place);
  }
  where += place_->name();
  key = trimmed(std::move(key));
  if (key.empty()) return fail(ErrorCode::InvalidArgument, "There is no key in " + where + ".");
  if (!is_key(key)) {
    return fail(ErrorCode::InvalidArgument,
                "What is in " + where + " is no key: it is too long or has blanks.");
  }
  return key;
}

}  // namespace ebagent::models
