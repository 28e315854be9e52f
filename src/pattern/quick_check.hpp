#pragma once

#include <memory>
#include <string_view>

namespace ebagent::pattern {

enum class QuickVerdict : unsigned char {
  Plain,    // a well-formed object without escapes, its keys are plain (see CheckedEvent)
  Unknown,  // anything else, to be read strictly
};

// Reads an event with a vectorised parser that knows less: it tells neither what is wrong nor takes numbers beyond 64
// bits. Buffers are reused. Thread safety: one thread at a time.
class QuickCheck {
 public:
  QuickCheck();
  ~QuickCheck();
  [[nodiscard]] QuickVerdict read(std::string_view json);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ebagent::pattern
