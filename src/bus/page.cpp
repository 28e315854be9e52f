#include "bus/page.hpp"

#include <charconv>

namespace ebagent::bus {

std::string write_token(std::string_view last) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string token;
  for (const char c : last) {
    const auto byte = static_cast<unsigned char>(c);
    token += kDigits[byte >> 4U];
    token += kDigits[byte & 0xFU];
  }
  return token;
}

Result<std::string> read_token(std::string_view token) {
  std::string last;
  for (std::size_t at = 0; at + 1 < token.size(); at += 2) {
    unsigned byte = 0;
    const char* const end = token.data() + at + 2;
    if (std::from_chars(token.data() + at, end, byte, 16).ptr != end) break;
    last += static_cast<char>(byte);
  }
  if (last.empty() || last.size() * 2 != token.size()) {
    return fail(ErrorCode::InvalidArgument, "Parameter NextToken is not valid.");
  }
  return last;
}

}  // namespace ebagent::bus
