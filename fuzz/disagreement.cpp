#include "fuzz/disagreement.hpp"

#include <cstdlib>
#include <iostream>

namespace ebagent::pattern {

void disagree(std::string_view what, std::initializer_list<Told> told) {
  std::cerr << "\nDISAGREEMENT: " << what << '\n';
  for (const auto& [name, text] : told) std::cerr << "  " << name << ": " << text << '\n';
  std::cerr.flush();
  std::abort();
}

}  // namespace ebagent::pattern
