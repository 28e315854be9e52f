#pragma once

#include <cstddef>
#include <cstdint>

namespace ebagent::pattern {

// The bytes of a fuzz input as decisions, one byte each. Once they are used up every decision is 0, so 0 should
// always mean the small and plain case.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  // `count` is at most 256.
  [[nodiscard]] std::size_t below(std::size_t count) { return at_ < size_ ? data_[at_++] % count : 0; }
  [[nodiscard]] bool once_in(std::size_t count) { return below(count) == count - 1; }
  template <class T, std::size_t N>
  [[nodiscard]] const T& one_of(const T (&all)[N]) {
    return all[below(N)];
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

}  // namespace ebagent::pattern
