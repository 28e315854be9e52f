#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ebagent/pattern.hpp"
#include "fuzz/disagreement.hpp"

// Any bytes as a pattern: compiling gives a pattern or says why not, and a pattern's own text gives it again.
namespace ebagent::pattern {
namespace {

// Returns whether it is a pattern.
bool check(std::string_view json, const Limits& limits) {
  const auto compiled = compile(json, limits);
  if (!compiled) {
    if (compiled.error().message.empty())
      disagree("refused without a reason", {{"pattern", std::string(json)}});
    return false;
  }
  const Pattern& pattern = compiled.value();
  const auto again = compile(pattern.text(), limits);
  if (pattern.text() != json || !again || again.value().text() != json ||
      again.value().has_wildcard() != pattern.has_wildcard()) {
    disagree("compiling the text of a pattern gives another answer",
             {{"pattern", std::string(json)},
              {"text", std::string(pattern.text())},
              {"again", again ? std::string(again.value().text()) : again.error().message}});
  }
  return true;
}

// Without this the time goes into patterns that multiply their alternatives, not into their syntax.
Limits generous_but_for_or() {
  Limits limits = Limits::generous();
  limits.max_or_combinations = Limits{}.max_or_combinations;
  return limits;
}

}  // namespace
}  // namespace ebagent::pattern

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::pattern;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  static const Limits generous = generous_but_for_or();
  const bool is_accepted = check(json, {});
  const bool is_accepted_generously = check(json, generous);
  if (is_accepted && !is_accepted_generously) {
    disagree("accepted with the default limits but not with generous ones", {{"pattern", std::string(json)}});
  }
  return 0;
}
