#pragma once

#include <yaml-cpp/yaml.h>

#include "agent/yaml_reader.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"

namespace ebagent::agent {

// Makes tools of what an agents.yaml declares under `tools`. A port: what tools do (HTTP, SQL, commands) stands above this room.
// Thread safety: read() is called by one thread at a time.
class ToolDeclarations {
 public:
  virtual ~ToolDeclarations() = default;
  // One entry of the list. Errors as YamlReader's, with the place in the file.
  [[nodiscard]] virtual Result<Tool> read(const YAML::Node& node, const YamlReader& yaml) const = 0;
};

}  // namespace ebagent::agent
