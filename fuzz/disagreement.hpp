#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace ebagent::pattern {

// One line of what is told about a disagreement.
struct Told {
  std::string_view name;
  std::string text;
};

// Prints what is wrong and then aborts, which libFuzzer keeps as a finding.
[[noreturn]] void disagree(std::string_view what, std::initializer_list<Told> told);

}  // namespace ebagent::pattern
