#include "pattern/plain_keys.hpp"

#include <algorithm>
#include <cstddef>

namespace ebagent::pattern {

bool are_plain(std::vector<std::string_view>& keys) {
  // Up to this many keys comparing each with each is quicker than sorting.
  constexpr std::size_t kFewKeys = 12;
  for (const std::string_view key : keys) {
    if (key.find('.') != std::string_view::npos) return false;
  }
  if (keys.size() > kFewKeys) {
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
  }
  for (std::size_t i = 1; i < keys.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      if (keys[before] == keys[i]) return false;
    }
  }
  return true;
}

}  // namespace ebagent::pattern
