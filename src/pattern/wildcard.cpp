#include "pattern/wildcard.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>

namespace ebagent::pattern {
namespace {

// Sets of beginnings looked at before a wildcard is called too complex; simple ones need fewer than their
// length.
constexpr std::size_t kMaxComplexityStates = 20'000;
constexpr std::int16_t kStar = -1;
constexpr std::int16_t kEndOfWildcard = -2;

// The wildcards one after the other as symbols, each between the quotes that JSON strings have.
std::vector<std::int16_t> symbols_of(const std::vector<const Wildcard*>& wildcards,
                                     std::vector<std::uint32_t>& starts) {
  std::vector<std::int16_t> out;
  for (const Wildcard* wildcard : wildcards) {
    starts.push_back(std::uint32_t(out.size()));
    out.push_back('"');
    bool first = true;
    for (const std::string_view piece : wildcard->pieces()) {
      if (!first) out.push_back(kStar);
      first = false;
      for (const char c : piece) out.push_back(std::int16_t(static_cast<unsigned char>(c)));
    }
    out.push_back('"');
    out.push_back(kEndOfWildcard);
  }
  return out;
}

// The plain search is quick on short texts; on long ones made to be hard it takes the product of both sizes.
std::size_t find_piece(std::string_view value, std::string_view piece) {
  constexpr std::size_t kShort = 256;
  if (value.size() <= kShort) return value.find(piece);
  const void* const found = ::memmem(value.data(), value.size(), piece.data(), piece.size());
  return found == nullptr ? std::string_view::npos
                          : std::size_t(static_cast<const char*>(found) - value.data());
}

// The next piece of an encoded wildcard, which is taken off it.
std::string_view take_piece(std::string_view& encoded) {
  std::uint32_t size = 0;
  std::memcpy(&size, encoded.data(), sizeof size);
  const std::string_view piece = encoded.substr(sizeof size, size);
  encoded.remove_prefix(sizeof size + size);
  return piece;
}

}  // namespace

Result<Wildcard> Wildcard::parse(std::string_view text) {
  Wildcard out;
  out.encoded_.clear();
  std::string piece;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char following = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '*') {
      if (following == '*') {
        return fail(ErrorCode::InvalidArgument,
                    "Consecutive wildcard characters at pos " + std::to_string(i + 1));
      }
      out.append_piece(piece);
      piece.clear();
    } else if (c == '\\') {
      if (following != '*' && following != '\\') {
        return fail(ErrorCode::InvalidArgument, "Invalid escape character at pos " + std::to_string(i + 1));
      }
      piece.push_back(following);
      ++i;
    } else {
      piece.push_back(c);
    }
  }
  out.append_piece(piece);
  return out;
}

void Wildcard::append_piece(std::string_view piece) {
  const auto size = std::uint32_t(piece.size());
  encoded_.append(reinterpret_cast<const char*>(&size), sizeof size);
  encoded_.append(piece);
}

std::vector<std::string_view> Wildcard::pieces() const {
  std::vector<std::string_view> out;
  for (std::string_view rest = encoded_; !rest.empty();) out.push_back(take_piece(rest));
  return out;
}

bool Wildcard::matches(std::string_view encoded, std::string_view value) {
  const std::string_view front = take_piece(encoded);
  if (encoded.empty()) return value == front;
  if (!value.starts_with(front)) return false;
  value.remove_prefix(front.size());
  while (true) {
    const std::string_view piece = take_piece(encoded);
    if (encoded.empty()) return value.ends_with(piece);
    const std::size_t found = find_piece(value, piece);
    if (found == std::string_view::npos) return false;
    value.remove_prefix(found + piece.size());
  }
}

// A state is the set of places at which reading may stand: place p means that everything before symbol p of
// its wildcard matched the text so far. Each place but the first of a wildcard is one matching beginning.
bool exceeds_complexity(const std::vector<const Wildcard*>& wildcards, std::size_t limit) {
  std::vector<std::uint32_t> state;
  const std::vector<std::int16_t> symbols = symbols_of(wildcards, state);
  const auto add = [&symbols](std::vector<std::uint32_t>& places, std::uint32_t place) {
    places.push_back(place);
    if (symbols[place] == kStar) places.push_back(place + 1);
  };
  // Reading behind a star may stay behind it: the place behind the star is kept for any character.
  const auto step = [&](const std::vector<std::uint32_t>& from, std::int16_t character) {
    std::vector<std::uint32_t> to;
    for (const std::uint32_t place : from) {
      if (place > 0 && symbols[place - 1] == kStar) add(to, place);
      if (symbols[place] == character) add(to, place + 1);
    }
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
    return to;
  };
  std::set<std::vector<std::uint32_t>> seen;
  std::vector<std::vector<std::uint32_t>> open{state};
  while (!open.empty()) {
    const std::vector<std::uint32_t> from = std::move(open.back());
    open.pop_back();
    std::set<std::int16_t> characters;
    for (const std::uint32_t place : from) {
      if (symbols[place] >= 0) characters.insert(symbols[place]);
    }
    for (const std::int16_t character : characters) {
      std::vector<std::uint32_t> to = step(from, character);
      if (to.size() > limit) return true;
      if (!seen.insert(to).second) continue;
      if (seen.size() > kMaxComplexityStates) return true;
      open.push_back(std::move(to));
    }
  }
  return false;
}

}  // namespace ebagent::pattern
