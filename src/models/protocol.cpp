#include "models/protocol.hpp"

#include <cstddef>
#include <utility>

namespace ebagent::models {
namespace {

// Of a service's words that go into an error message.
constexpr std::size_t kMaxQuoted = 300;

// Ends at a whole UTF-8 character.
std::string quoted(const std::string& text) {
  if (text.size() <= kMaxQuoted) return text;
  std::size_t end = kMaxQuoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

Failure garbled(std::string_view service, std::string_view what) {
  return {.kind = ErrorClass::Garbled,
          .message = std::string{service}.append(" gave an answer that is none: ").append(what) + "."};
}

Failure broken_off(std::string_view service) {
  return {.kind = ErrorClass::Unavailable,
          .message = std::string{service}.append(" broke its answer off in the middle.")};
}

Failure failure_of(std::string_view service, const ServiceError& error) {
  const ErrorClass kind = classify(error);
  std::string message{service};
  message += error.status == 0 ? " broke its answer off with" : " answered " + std::to_string(error.status);
  const std::string& name = error.code.empty() ? error.type : error.code;
  if (!name.empty()) message += " " + name;
  if (kind == ErrorClass::Unauthorized) {
    message += ": it does not accept the key.";
  } else if (!error.message.empty()) {
    message += ": " + quoted(error.message);
  }
  return {.kind = kind, .message = std::move(message)};
}

}  // namespace ebagent::models
