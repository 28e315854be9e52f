#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebagent::pattern {

// A text to be compared without regard to case, as EventBridge does it: each UTF-16 unit of the pattern
// stands for its lower or its upper form, either of which may be several characters ("ß" stands for itself or
// "SS"). No form of a unit begins or ends another form of the same unit, so reading goes straight from either
// end.
class CaselessText {
 public:
  CaselessText() = default;
  explicit CaselessText(std::string_view text);

  bool operator==(const CaselessText&) const = default;
  [[nodiscard]] bool equals(std::string_view value) const;
  [[nodiscard]] bool is_prefix_of(std::string_view value) const;
  [[nodiscard]] bool is_suffix_of(std::string_view value) const;

  // Whether only ASCII was written: then it equals exactly the values with the same folded() form.
  [[nodiscard]] bool is_ascii() const { return is_ascii_; }
  [[nodiscard]] const std::string& folded() const { return folded_; }

 private:
  struct Unit {
    bool operator==(const Unit&) const = default;
    std::uint8_t lower_size = 0;
    std::uint8_t upper_size = 0;
    std::array<char, 18> bytes{};  // the lower form, then the upper; three characters of three bytes at most

    [[nodiscard]] std::string_view lower() const { return {bytes.data(), lower_size}; }
    [[nodiscard]] std::string_view upper() const { return {bytes.data() + lower_size, upper_size}; }
  };

  // How much of the beginning of `value` the whole text takes; npos when it does not begin with it.
  [[nodiscard]] std::size_t match_front(std::string_view value) const;

  bool is_ascii_ = true;
  std::string folded_;       // lower-cased, filled when is_ascii_
  std::vector<Unit> units_;  // filled otherwise
};

// Replaces `out` by `text` with its ASCII letters in lower case.
void fold_ascii(std::string_view text, std::string& out);

}  // namespace ebagent::pattern
