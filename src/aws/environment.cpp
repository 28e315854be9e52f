#include "aws/environment.hpp"

#include <cstdlib>

namespace ebagent::aws {

Environment process_environment() {
  return [](const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return std::string{value == nullptr ? "" : value};
  };
}

}  // namespace ebagent::aws
