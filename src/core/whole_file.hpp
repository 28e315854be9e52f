#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::core {

// The content of a file. NotFound, Io, or LimitExceeded when it has more than `most` bytes; the message names the file.
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path& file, std::size_t most);

// Puts a file of this content in place of what is there, all or nothing, also when the machine fails meanwhile. Makes the
// folders it needs. Io.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file, std::string_view content);

}  // namespace ebagent::core
