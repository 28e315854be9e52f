#include "agent/meter.hpp"

#include <fmt/core.h>

#include "agent/stops.hpp"
#include "core/ids.hpp"

namespace ebagent::agent {

double cost_usd(const Usage& usage, const Price& price) {
  constexpr double kTokensOfAPrice = 1'000'000;
  return (double(usage.input) * price.input + double(usage.output) * price.output +
          double(usage.cache_read) * price.cache_read + double(usage.cache_write) * price.cache_write) /
         kTokensOfAPrice;
}

void Meter::stop(std::string_view reason, const std::string& limit) const {
  throw Stopped(reason, fmt::format("Agent \"{}\" reached its limit of {}.", agent_, limit));
}

void Meter::begin_turn() {
  if (++turns_ > limits_.turns) stop(stop_reason::kTurns, fmt::format("{} turns", limits_.turns));
}

void Meter::count(const Usage& usage) {
  usage_ += usage;
}

void Meter::check_spent() const {
  if (usage_.total() > limits_.tokens) {
    stop(stop_reason::kTokens, fmt::format("{} tokens: its turns took {}", limits_.tokens, usage_.total()));
  }
  const auto spent = cost_usd();
  if (limits_.cost_usd && spent && *spent > *limits_.cost_usd) {
    stop(stop_reason::kCost, fmt::format("{} USD: its turns cost {:.4f} USD", *limits_.cost_usd, *spent));
  }
}

void Meter::count_call() {
  if (++calls_ > limits_.tool_calls)
    stop(stop_reason::kToolCalls, fmt::format("{} tool calls", limits_.tool_calls));
}

void Meter::count_same(const std::string& tool, const std::string& arguments) {
  const int times = ++same_calls_[tool + "\n" + core::sha256_hex(arguments)];
  if (times <= limits_.same_calls) return;
  stop(stop_reason::kSameCalls,
       fmt::format("{} calls of tool \"{}\" with the same arguments; it goes round in a circle",
                   limits_.same_calls, tool));
}

std::optional<double> Meter::cost_usd() const {
  if (!price_) return std::nullopt;
  return agent::cost_usd(usage_, *price_);
}

}  // namespace ebagent::agent
