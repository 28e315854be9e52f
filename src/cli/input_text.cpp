#include "cli/input_text.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace ebagent::cli {
namespace {

Result<std::string> read_all(std::istream& in, const std::string& name) {
  std::string text;
  std::string block(std::size_t{64} * 1024, '\0');
  while (in.read(block.data(), std::streamsize(block.size())) || in.gcount() > 0) {
    text.append(block, 0, std::size_t(in.gcount()));
    if (text.size() > kMostInput) {
      return fail(ErrorCode::LimitExceeded,
                  name + " is longer than " + std::to_string(kMostInput) + " bytes.");
    }
  }
  if (in.bad()) return fail(ErrorCode::Io, "Cannot read " + name + ": " + std::strerror(errno) + ".");
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::ifstream file{path, std::ios::binary};
  if (!file) return fail(ErrorCode::Io, "Cannot open " + path + ": " + std::strerror(errno) + ".");
  return read_all(file, path);
}

Result<std::string> text_or_file(const std::string& argument) {
  if (argument == "-") return read_file(argument);
  if (argument.starts_with('@')) return read_file(argument.substr(1));
  return argument;
}

}  // namespace ebagent::cli
