#include "agent/prices.hpp"

namespace ebagent::agent {
namespace {

// Linear but for going back to the last star.
bool matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace

std::optional<Price> price_of(const std::vector<ModelPrice>& prices, std::string_view model) {
  for (const ModelPrice& entry : prices) {
    if (matches(entry.model, model)) return entry.price;
  }
  return std::nullopt;
}

double cost_of(const Usage& usage, const Price& price) {
  const auto dollars = [](std::int64_t tokens, double of_million) {
    return double(tokens) * of_million / 1e6;
  };
  return dollars(usage.input, price.input) + dollars(usage.output, price.output) +
         dollars(usage.cache_read, price.cache_read) + dollars(usage.cache_write, price.cache_write);
}

}  // namespace ebagent::agent
