#pragma once

#include <string>
#include <vector>

namespace ebagent::cli {

// A file of a new project.
struct ProjectFile {
  std::string path;  // below the project's folder
  std::string content;
};

// A working project with one agent of that name, in agents.yaml.
[[nodiscard]] std::vector<ProjectFile> yaml_project(const std::string& name);
// The same in C++, with a test on the kit.
[[nodiscard]] std::vector<ProjectFile> cpp_project(const std::string& name);

}  // namespace ebagent::cli
