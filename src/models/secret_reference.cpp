#include "models/secret_reference.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <string_view>
#include <utility>

namespace ebagent::models {
namespace {

constexpr std::string_view kEnv = "env:";
constexpr std::string_view kFile = "file:";
constexpr std::size_t kMaxKey = 8 * 1024;

// At most one byte more than a key may have.
Result<std::string> contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, kMaxKey + 1> buffer{};
  file.read(buffer.data(), buffer.size());
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::InvalidArgument, "The file " + path + ", which is to hold a key, cannot be read.");
  }
  return std::string{buffer.data(), static_cast<std::size_t>(file.gcount())};
}

// As an HTTP header takes it.
bool is_key(std::string_view text) {
  if (text.empty() || text.size() > kMaxKey) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

}  // namespace

Result<SecretReference> SecretReference::parse(const std::string& text) {
  SecretReference reference;
  if (text.empty()) return reference;
  reference.is_file_ = text.starts_with(kFile);
  if (reference.is_file_ || text.starts_with(kEnv)) {
    reference.place_ = text.substr(reference.is_file_ ? kFile.size() : kEnv.size());
  }
  if (reference.place_.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "A key is given by where it is: env:NAME or file:PATH; never as such.");
  }
  return reference;
}

Result<std::string> SecretReference::read(const aws::Environment& environment) const {
  std::string key;
  if (is_file_) {
    BOOST_OUTCOME_TRY(key, contents(place_));
  } else {
    key = environment(place_);
  }
  key = trimmed(std::move(key));
  const std::string where = (is_file_ ? "file " : "environment variable ") + place_;
  if (key.empty()) return fail(ErrorCode::InvalidArgument, "There is no key in " + where + ".");
  if (!is_key(key)) {
    return fail(ErrorCode::InvalidArgument,
                "What is in " + where + " is no key: it is too long or has blanks.");
  }
  return key;
}

}  // namespace ebagent::models
