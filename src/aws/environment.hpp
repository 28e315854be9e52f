#pragma once

#include <functional>
#include <string>

namespace ebagent::aws {

// Reads environment variables; empty text stands for one that is not set. An argument, so that tests own it.
using Environment = std::function<std::string(const std::string& name)>;

// The process's own.
[[nodiscard]] Environment process_environment();

}  // namespace ebagent::aws
