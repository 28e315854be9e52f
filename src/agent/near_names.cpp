#include "agent/near_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ebagent::agent {
namespace {

constexpr std::size_t kMaxListed = 20;    // more names than a person looks through
constexpr std::size_t kMaxCompared = 64;  // longer names are no misspellings

// How many letters have to be changed, added or left out to get from one name to the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

bool is_near(std::string_view a, std::string_view b) {
  if (a.size() > kMaxCompared || b.size() > kMaxCompared) return false;
  return distance(a, b) <= std::max<std::size_t>(1, std::min(a.size(), b.size()) / 3);
}

}  // namespace

std::string hint_for(std::string_view name, const std::vector<std::string>& known) {
  if (known.empty()) return " There are none.";
  std::string near;
  for (const std::string& candidate : known) {
    if (is_near(name, candidate)) near += (near.empty() ? "\"" : " or \"") + candidate + "\"";
  }
  if (!near.empty()) return " Did you mean " + near + "?";
  std::string all;
  for (std::size_t i = 0; i < std::min(known.size(), kMaxListed); ++i)
    all += (all.empty() ? "" : ", ") + known[i];
  return " There are: " + all + (known.size() > kMaxListed ? ", ..." : ".");
}

}  // namespace ebagent::agent
