#include "pattern/wildcard.hpp"

#include <algorithm>
#include <cstdint>
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
    for (const std::string& piece : wildcard->pieces()) {
      if (!first) out.push_back(kStar);
      first = false;
      for (const char c : piece) out.push_back(std::int16_t(static_cast<unsigned char>(c)));
    }
    out.push_back('"');
    out.push_back(kEndOfWildcard);
  }
  return out;
}

}  // namespace

Result<Wildcard> Wildcard::parse(std::string_view text) {
  Wildcard out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char following = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '*') {
      if (following == '*') {
        return fail(ErrorCode::InvalidArgument,
                    "Consecutive wildcard characters at pos " + std::to_string(i + 1));
      }
      out.pieces_.emplace_back();
    } else if (c == '\\') {
      if (following != '*' && following != '\\') {
        return fail(ErrorCode::InvalidArgument, "Invalid escape character at pos " + std::to_string(i + 1));
      }
      out.pieces_.back().push_back(following);
      ++i;
    } else {
      out.pieces_.back().push_back(c);
    }
  }
  return out;
}

bool Wildcard::matches(std::string_view value) const {
  const std::string& front = pieces_.front();
  if (pieces_.size() == 1) return value == front;
  const std::string& back = pieces_.back();
  if (value.size() < front.size() + back.size() || !value.starts_with(front) || !value.ends_with(back))
    return false;
  value.remove_prefix(front.size());
  value.remove_suffix(back.size());
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const std::size_t found = value.find(pieces_[i]);
    if (found == std::string_view::npos) return false;
    value.remove_prefix(found + pieces_[i].size());
  }
  return true;
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
