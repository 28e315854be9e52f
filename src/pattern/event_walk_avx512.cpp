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
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,pclmul,bmi,bmi2,lzcnt,popcnt"))), \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,pclmul,bmi,bmi2,lzcnt,popcnt")
#endif

#include "pattern/event_walker.hpp"

namespace ebagent::pattern {
namespace {

struct Avx512 {
  static BlockMarks marks(const char* block) {
    const __m512i text = _mm512_loadu_si512(block);
    // '[' and '{' differ in one bit, and so do ']' and '}'.
    const __m512i folded = _mm512_or_si512(text, _mm512_set1_epi8(0x20));
    return {_mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('"')),
            _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\\')),
            _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('{')),
            _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('}')),
            _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(','))};
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) {
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }
};

}  // namespace
}  // namespace ebagent::pattern

#ifdef __clang__
#pragma clang attribute pop
#endif

namespace ebagent::pattern {

EventWalk event_walk_avx512() {
  const bool is_here = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2");
  return is_here ? walk_with<Avx512> : nullptr;
}

}  // namespace ebagent::pattern
