#pragma once

#include <string>

#include "ebagent/result.hpp"

namespace ebagent::cli {

// Most text that a command reads from a file or standard input, in bytes: an event is at most 1 MiB.
inline constexpr std::size_t kMostInput = std::size_t{16} * 1024 * 1024;

// The content of a file; "-" is standard input. Io when it cannot be read, LimitExceeded when it is over
// kMostInput.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// An argument that is a text itself, "@FILE", or "-" for standard input.
[[nodiscard]] Result<std::string> text_or_file(const std::string& argument);

}  // namespace ebagent::cli
