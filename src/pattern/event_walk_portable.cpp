#include "pattern/event_walker.hpp"

namespace ebagent::pattern {
namespace {

// Eight characters at a time, with the instructions that every processor has.
struct Portable {
  static BlockMarks marks(const char* block) {
    BlockMarks out;
    for (std::size_t i = 0; i < kBlock; i += 8) {
      std::uint64_t eight = 0;
      for (std::size_t c = 0; c < 8; ++c) {
        eight |= static_cast<std::uint64_t>(static_cast<unsigned char>(block[i + c])) << (8 * c);
      }
      const std::uint64_t folded = eight | (kOnes * 0x20);
      out.quotes |= equal(eight, '"') << i;
      out.backslashes |= equal(eight, '\\') << i;
      out.opens |= equal(folded, '{') << i;
      out.closes |= equal(folded, '}') << i;
      out.commas |= equal(eight, ',') << i;
    }
    return out;
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }

 private:
  static constexpr std::uint64_t kOnes = 0x0101010101010101;

  // A bit for each of the eight characters that is `c`.
  static std::uint64_t equal(std::uint64_t eight, char c) {
    const std::uint64_t different = eight ^ (kOnes * static_cast<unsigned char>(c));
    constexpr std::uint64_t kLowBits = kOnes * 0x7F;
    // The top bit of each byte is set where the byte is zero.
    const std::uint64_t zero = ~(((different & kLowBits) + kLowBits) | different | kLowBits);
    return ((zero >> 7) * 0x0102040810204080) >> 56;
  }
};

}  // namespace

EventWalk event_walk_portable() {
  return walk_with<Portable>;
}

void walk_event(const CheckedEvent& event, const PathTrie& trie, Fields& fields, std::string& decoded) {
  static const EventWalk best = [] {
    if (const EventWalk walk = event_walk_avx512()) return walk;
    if (const EventWalk walk = event_walk_avx2()) return walk;
    return event_walk_portable();
  }();
  // The first lines of the event are asked for at once: a walk that skips most of them would wait for each in turn.
  // Asking for what lies behind the event does no harm.
  constexpr std::size_t kLine = 64;
  const char* const text = event.text().data();
  for (std::size_t line = 0; line < 6; ++line) __builtin_prefetch(text + line * kLine);
  fields.reset(trie);
  decoded.clear();
  if (event.has_escapes()) decoded.reserve(event.text().size());  // never grows while leaves view into it
  best(event, trie, fields, decoded);
}

}  // namespace ebagent::pattern
