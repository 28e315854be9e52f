#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "ebagent/pattern.hpp"

// The sanitizers have an allocator of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

// How often this program allocated.
std::atomic<std::size_t> allocations{0};

}  // namespace

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const out = std::malloc(size == 0 ? 1 : size)) return out;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ebagent::pattern {
namespace {

TEST(Matching, AllocatesNothingOnceItsBuffersAreWarm) {
  RuleSet rules;
  RuleId id = 0;
  for (const char* pattern :
       {R"({"source":["a","b"],"detail":{"n":[{"numeric":[">",1,"<=",7.25]}]}})",
        R"({"detail":{"s":[{"prefix":"ab"},{"suffix":"yz"}]}})",
        R"({"detail":{"s":[{"wildcard":"*b*y*"},{"anything-but":{"wildcard":"q*"}}]}})",
        R"({"detail":{"s":[{"equals-ignore-case":"ABCXYZ"}]}})",
        R"({"detail":{"ip":[{"cidr":"10.0.0.0/8"}]}})", R"({"detail":{"list":{"k":["1"],"v":[2]}}})",
        R"({"detail":{"none":[{"exists":false}]}})",
        R"({"$or":[{"source":["a"]},{"detail":{"list":{"v":[{"exists":true}]}}}]})",
        R"({"detail":{"s":[{"prefix":{"equals-ignore-case":"AB"}}]}})"}) {
    rules.add(++id, compile(pattern).value());
  }
  const std::vector<std::string> texts = {
      R"({"source":"a","detail":{"n":7.25,"s":"abcxyz","ip":"10.1.2.3","list":[{"k":"1","v":1},{"k":"1","v":2}]}})",
      R"({"source":"c","detail":{"n":-1e3,"s":"ab\u0063\\xyz","ip":"::1","none":[],"list":[[{"k":"1"}],{"v":2}]}})"};
  Scratch check_scratch;
  std::vector<CheckedEvent> events;
  for (const std::string& text : texts) events.push_back(CheckedEvent::check(text, check_scratch).value());
  Scratch scratch;
  std::size_t matches = 0;
  const auto match_all = [&] {
    for (const CheckedEvent& event : events) matches += rules.match(event, scratch).value().size();
  };
  match_all();
  matches = 0;
  const std::size_t before = allocations;

  for (int i = 0; i < 1000; ++i) match_all();

  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(matches, 14'000u);
}

}  // namespace
}  // namespace ebagent::pattern

#endif
