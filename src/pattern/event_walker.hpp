#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "pattern/code_points.hpp"
#include "pattern/event_walk.hpp"

namespace ebagent::pattern {

constexpr std::size_t kBlock = 64;

// Where 64 characters have what delimits JSON, the first character in the lowest bit.
struct BlockMarks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opens = 0;   // { and [
  std::uint64_t closes = 0;  // } and ]
  std::uint64_t commas = 0;
};

// Looks at an event block by block, only ever forward. `Isa` finds the marks of a block:
//   static BlockMarks marks(const char* block);
//   static std::uint64_t prefix_xor(std::uint64_t bits);  // bit i: parity of bits 0..i
template <class Isa>
class BlockCursor {
 public:
  explicit BlockCursor(std::string_view text) : text_(text) { load(0); }

  // The position of the first such character at or behind `at`, outside strings but for quotes; the event is
  // well-formed, so there is one. Positions must not go back to an earlier block.
  std::size_t quote(std::size_t at) {
    return find(at, [this] { return quotes_; });
  }
  std::size_t comma_or_close(std::size_t at) {
    return find(at, [this] { return commas_ | closes_; });
  }

  std::size_t comma_or_bracket(std::size_t at) {
    return find(at, [this] { return commas_ | closes_ | opens_; });
  }

  // The position behind the container that is open at `at`.
  std::size_t behind_container(std::size_t at) {
    std::uint64_t mask = from(at);
    int depth = 1;
    while (true) {
      std::uint64_t opens = opens_ & mask;
      std::uint64_t closes = closes_ & mask;
      if (std::popcount(closes) < depth) {
        depth += std::popcount(opens) - std::popcount(closes);
      } else {
        for (; closes != 0; closes &= closes - 1) {
          const std::uint64_t before = (closes & (~closes + 1)) - 1;
          depth += std::popcount(opens & before) - 1;
          opens &= ~before;
          if (depth == 0) return begin_ + static_cast<std::size_t>(std::countr_zero(closes)) + 1;
        }
        depth += std::popcount(opens);
      }
      load(begin_ + kBlock);
      mask = ~std::uint64_t{0};
    }
  }

 private:
  // The bits at and behind a position, whose block becomes the current one.
  std::uint64_t from(std::size_t at) {
    while (at >= begin_ + kBlock) load(begin_ + kBlock);
    return ~std::uint64_t{0} << (at - begin_);
  }

  template <class Marks>
  std::size_t find(std::size_t at, Marks marks) {
    std::uint64_t found = from(at) & marks();
    while (found == 0) {
      load(begin_ + kBlock);
      found = marks();
    }
    return begin_ + static_cast<std::size_t>(std::countr_zero(found));
  }

  void load(std::size_t begin) {
    begin_ = begin;
    BlockMarks marks;
    if (begin + kBlock <= text_.size()) {
      marks = Isa::marks(text_.data() + begin);
    } else {
      char last[kBlock];
      std::memset(last, ' ', kBlock);
      // Behind the end of the text everything closes, so that a search ends even in a text that is no JSON.
      if (begin >= text_.size()) std::memset(last, '}', kBlock);
      if (begin < text_.size()) std::memcpy(last, text_.data() + begin, text_.size() - begin);
      marks = Isa::marks(last);
    }
    if ((marks.backslashes | ends_in_escape_) != 0) marks.quotes &= ~escaped(marks.backslashes);
    const std::uint64_t in_string = Isa::prefix_xor(marks.quotes) ^ ends_in_string_;
    ends_in_string_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
    quotes_ = marks.quotes;
    opens_ = marks.opens & ~in_string;
    closes_ = marks.closes & ~in_string;
    commas_ = marks.commas & ~in_string;
  }

  // The characters behind a backslash that is not itself escaped.
  std::uint64_t escaped(std::uint64_t backslashes) {
    std::uint64_t out = 0;
    std::uint64_t open = backslashes;
    if (ends_in_escape_ != 0) {
      out = 1;
      open &= ~std::uint64_t{1};
    }
    ends_in_escape_ = 0;
    while (open != 0) {
      const int at = std::countr_zero(open);
      if (at == 63) {
        ends_in_escape_ = 1;
        break;
      }
      out |= std::uint64_t{2} << at;
      open &= ~(std::uint64_t{3} << at);
    }
    return out;
  }

  std::string_view text_;
  std::size_t begin_ = 0;  // of the current block
  std::uint64_t quotes_ = 0;
  std::uint64_t opens_ = 0;
  std::uint64_t closes_ = 0;
  std::uint64_t commas_ = 0;
  std::uint64_t ends_in_string_ = 0;  // all ones when the block before ends inside a string
  std::uint64_t ends_in_escape_ = 0;  // 1 when its last character escapes the next one
};

// The walk of one event; see walk_event(). Recursion is as deep as the event, which checking bounds.
template <class Isa, bool kPlainKeys>
class EventWalker {
 public:
  EventWalker(const CheckedEvent& event, const PathTrie& trie, Fields& fields, std::string& decoded)
      : text_(event.text()),
        has_escapes_(event.has_escapes()),
        trie_(trie),
        fields_(fields),
        decoded_(decoded),
        cursor_(text_) {}

  void run() {
    if (trie_.child_count(PathTrie::kRoot) == 0) return;
    const std::size_t at = skip_space(0);
    walk_object({PathTrie::kRoot, 0}, at + 1, true);
  }

 private:
  struct Place {
    std::uint32_t node;
    std::uint32_t element;
  };
  static constexpr std::size_t kStop = ~std::size_t{0};  // every path was met: the walk is over

  std::size_t skip_space(std::size_t at) const {
    while (text_[at] <= ' ') ++at;
    return at;
  }

  // Walks the object whose members begin at `at`; returns the position behind it. `may_stop` tells that nothing is
  // wanted of what stands behind it.
  std::size_t walk_object(Place place, std::size_t at, bool may_stop) {
    std::uint32_t wanted = trie_.child_count(place.node);
    at = skip_space(at);
    if (text_[at] == '}') return at + 1;
    while (true) {
      const Key key = read_key(place.node, at + 1);
      if (key.node == kNone) {
        at = skip_member(key.next);
      } else {
        at = key.next;
        const bool is_last = kPlainKeys && wanted == 1;
        at = is_container(at) ? walk_container({key.node, place.element}, at, is_last && may_stop)
                              : walk_leaf({key.node, place.element}, at);
        if (at == kStop) return kStop;
        if (is_last) return may_stop ? kStop : cursor_.behind_container(at);
        --wanted;
      }
      if (text_[at] <= ' ') at = skip_space(at);
      if (text_[at] == '}') return at + 1;
      at = skip_space(at + 1);
    }
  }

  std::size_t walk_array(Place place, std::size_t at) {
    const std::uint32_t array = fields_.add_array();
    at = skip_space(at);
    if (text_[at] == ']') return at + 1;
    while (true) {
      at = is_container(at)
               ? walk_container({place.node, fields_.add_element({place.element, array})}, at, false)
               : walk_leaf(place, at);
      if (text_[at] <= ' ') at = skip_space(at);
      if (text_[at] == ']') return at + 1;
      at = skip_space(at + 1);
    }
  }

  [[nodiscard]] bool is_container(std::size_t at) const { return text_[at] == '{' || text_[at] == '['; }

  std::size_t walk_container(Place place, std::size_t at, bool may_stop) {
    if (text_[at] == '[') return walk_array(place, at + 1);
    if (trie_.child_count(place.node) == 0) return cursor_.behind_container(at + 1);
    return walk_object(place, at + 1, may_stop);
  }

  // Collects a string, number or word; returns the position behind it, or of the comma or bracket behind that.
  std::size_t walk_leaf(Place place, std::size_t at) {
    const std::uint32_t path = trie_.path_at(place.node);
    if (text_[at] == '"') {
      const std::size_t end = cursor_.quote(at + 1);
      if (path != kNone) {
        const std::string_view raw(text_.data() + at, end + 1 - at);
        fields_.add(path, ValueType::String, decoded({raw.data() + 1, raw.size() - 2}), raw, place.element);
      }
      return end + 1;
    }
    const std::size_t next = cursor_.comma_or_close(at);
    if (path != kNone) {
      std::size_t end = next;
      while (text_[end - 1] <= ' ') --end;
      const std::string_view raw(text_.data() + at, end - at);
      const ValueType type = raw[0] <= '9' ? ValueType::Number : ValueType::Word;
      fields_.add(path, type, raw, raw, place.element);
    }
    return next;
  }

  struct Key {
    std::uint32_t node;  // below the object's, kNone when no path goes there
    std::size_t next;    // where the member's value begins, or for kNone any place in the member before it
  };

  // Reads the key whose name begins at `at`.
  Key read_key(std::uint32_t node, std::size_t at) {
    if constexpr (kPlainKeys) {
      if (trie_.has_few_children(node)) {
        const auto [below, size] = trie_.child_at(node, text_, at);
        return {below, below == kNone ? at : value_behind(at + size)};
      }
    }
    const std::size_t end = cursor_.quote(at);
    const std::string_view name(text_.data() + at, end - at);
    const std::uint32_t below = kPlainKeys ? trie_.child(node, name) : trie_.descend(node, decoded(name));
    return {below, value_behind(end)};
  }

  // Where the value begins behind the closing quote of its key.
  std::size_t value_behind(std::size_t quote) const {
    std::size_t at = quote + 1;
    if (text_[at] != ':') at = skip_space(at);
    ++at;
    return text_[at] <= ' ' ? skip_space(at) : at;
  }

  // The position of the comma or bracket behind the member of which something begins at `at`, its key or its value; or
  // the position behind it.
  std::size_t skip_member(std::size_t at) {
    const std::size_t mark = cursor_.comma_or_bracket(at);
    return is_container(mark) ? cursor_.behind_container(mark + 1) : mark;
  }

  // A string without its escapes.
  std::string_view decoded(std::string_view text) {
    if (!has_escapes_ || text.find('\\') == std::string_view::npos) return text;
    return decode_string(text, decoded_);
  }

  const std::string_view text_;
  const bool has_escapes_;
  const PathTrie& trie_;
  Fields& fields_;
  std::string& decoded_;
  BlockCursor<Isa> cursor_;
};

template <class Isa>
void walk_with(const CheckedEvent& event, const PathTrie& trie, Fields& fields, std::string& decoded) {
  if (event.has_plain_keys()) {
    EventWalker<Isa, true>(event, trie, fields, decoded).run();
  } else {
    EventWalker<Isa, false>(event, trie, fields, decoded).run();
  }
}

}  // namespace ebagent::pattern
