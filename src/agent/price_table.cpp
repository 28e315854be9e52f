#include "agent/price_table.hpp"

#include <cstddef>

namespace ebagent::agent {
namespace {

// Goes back to the last * when what follows it does not fit: linear in practice, and patterns are few and short.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

std::optional<Price> price_of(const std::map<std::string, Price>& prices, std::string_view model) {
  const auto exact = prices.find(std::string(model));
  if (exact != prices.end()) return exact->second;
  std::optional<Price> best;
  std::size_t longest = 0;
  for (const auto& [pattern, price] : prices) {
    if (pattern.find('*') == std::string::npos || !fits(pattern, model)) continue;
    if (best && pattern.size() <= longest) continue;
    best = price;
    longest = pattern.size();
  }
  return best;
}

std::optional<Price> price_of(const AppSettings& settings, const std::string& agents_model) {
  const auto named = settings.models.find(agents_model);
  return price_of(settings.prices, named == settings.models.end() ? agents_model : named->second.model);
}

}  // namespace ebagent::agent
