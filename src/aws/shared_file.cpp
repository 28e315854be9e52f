#include "aws/shared_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace ebagent::aws {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 1024 * 1024;

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// A comment behind a value begins after a blank: secret keys may hold the characters themselves.
std::string_view without_comment(std::string_view value) {
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"}) value = value.substr(0, value.find(mark));
  return trim(value);
}

std::string section_name(std::string_view line) {
  const std::string_view inside = trim(line.substr(1, std::min(line.find(']'), line.size()) - 1));
  std::string name;
  for (const char c : inside) {  // "profile   x" is "profile x"
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) name += c;
    if (is_blank && !name.ends_with(' ')) name += ' ';
  }
  return name;
}

}  // namespace

Result<SharedFile> SharedFile::read(const std::string& path) {
  std::error_code no_file;
  const auto size = std::filesystem::file_size(path, no_file);
  if (no_file == std::errc::no_such_file_or_directory || no_file == std::errc::not_a_directory)
    return SharedFile{};
  if (!no_file && size > kMaxFileBytes) {
    return fail(ErrorCode::LimitExceeded, "The file " + path + " is larger than 1 MiB.");
  }
  std::ifstream file{path};
  if (!file && !no_file) {
    return fail(ErrorCode::Io, "The file " + path + " cannot be read: " + std::strerror(errno) + ".");
  }
  return parse(std::string{std::istreambuf_iterator<char>{file}, {}});
}

SharedFile SharedFile::parse(std::string_view text) {
  SharedFile file;
  std::string section;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_indented = line.starts_with(' ') || line.starts_with('\t');
    const std::string_view content = trim(line);
    if (content.empty() || content[0] == '#' || content[0] == ';' || is_indented) continue;
    if (content[0] == '[') {
      section = section_name(content);
      continue;
    }
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) continue;
    file.sections_[section][std::string{trim(content.substr(0, equals))}] =
        without_comment(content.substr(equals + 1));
  }
  return file;
}

std::string SharedFile::value(const std::string& section, const std::string& name) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return {};
  const auto value = found->second.find(name);
  return value == found->second.end() ? std::string{} : value->second;
}

}  // namespace ebagent::aws
