#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pattern/event_walk.hpp"
#include "pattern/json_reader.hpp"

// From here on the compiler may use these instructions; what stands above must not.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,pclmul,bmi,bmi2,lzcnt,popcnt"))), \
                             apply_to = function)
#else
#pragma GCC target("avx2,pclmul,bmi,bmi2,lzcnt,popcnt")
#endif

#include "pattern/event_walker.hpp"

namespace ebagent::pattern {
namespace {

struct Avx2 {
  static BlockMarks marks(const char* block) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
    // '[' and '{' differ in one bit, and so do ']' and '}'.
    const __m256i bit = _mm256_set1_epi8(0x20);
    const __m256i folded_low = _mm256_or_si256(low, bit);
    const __m256i folded_high = _mm256_or_si256(high, bit);
    return {equal(low, high, '"'), equal(low, high, '\\'), equal(folded_low, folded_high, '{'),
            equal(folded_low, folded_high, '}'), equal(low, high, ',')};
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) {
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }

 private:
  static std::uint64_t equal(__m256i low, __m256i high, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
    const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
    return first | (static_cast<std::uint64_t>(second) << 32);
  }
};

}  // namespace
}  // namespace ebagent::pattern

#ifdef __clang__
#pragma clang attribute pop
#endif

namespace ebagent::pattern {

EventWalk event_walk_avx2() {
  const bool is_here =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2");
  return is_here ? walk_with<Avx2> : nullptr;
}

}  // namespace ebagent::pattern
