#pragma once

namespace ebagent::cli {

enum class Output { People, Json };

// Where state lives when no --data is given, below the current folder.
inline constexpr const char* kDefaultData = ".eventbridge-agent";

}  // namespace ebagent::cli
