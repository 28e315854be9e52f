#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::aws {

// A configuration file of the AWS tools: [sections] of `name = value` lines, comments at '#' and ';'. Indented lines, which
// belong to nested settings, are passed over. Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
class SharedFile {
 public:
  // A file that is not there is empty. Io when it cannot be read; LimitExceeded when it is no such file by its size.
  [[nodiscard]] static Result<SharedFile> read(const std::string& path);
  [[nodiscard]] static SharedFile parse(std::string_view text);

  // Empty when there is none.
  [[nodiscard]] std::string value(const std::string& section, const std::string& name) const;

 private:
  std::map<std::string, std::map<std::string, std::string>> sections_;
};

}  // namespace ebagent::aws
