#include "core/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace ebagent::core {
namespace {

namespace fs = std::filesystem;

Result<void> cannot(std::string_view what, const fs::path& file, int error) {
  return fail(ErrorCode::Io, std::string(what) + " " + file.string() + ": " + std::strerror(error) + ".");
}

// An open file, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Result<void> write_new(const fs::path& file, std::string_view content) {
  const Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (out.number() < 0) return cannot("Cannot make the file", file, errno);
  while (!content.empty()) {
    const auto written = ::write(out.number(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("Cannot write the file", file, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(out.number()) != 0) return cannot("Cannot write the file", file, errno);
  return success();
}

}  // namespace

Result<std::string> read_whole_file(const fs::path& file, std::size_t most) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error == std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::NotFound, "There is no file " + file.string() + ".");
  }
  if (error) return fail(ErrorCode::Io, "Cannot read " + file.string() + ": " + error.message() + ".");
  if (size > most) {
    return fail(ErrorCode::LimitExceeded,
                "The file " + file.string() + " has more than " + std::to_string(most) + " bytes.");
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) return fail(ErrorCode::Io, "Cannot read " + file.string() + ".");
  return text;
}

Result<void> replace_file(const fs::path& file, std::string_view content) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (error) {
    return fail(ErrorCode::Io,
                "Cannot make the folder " + file.parent_path().string() + ": " + error.message() + ".");
  }
  const fs::path unfinished = file.string() + ".new." + std::to_string(::getpid());
  BOOST_OUTCOME_TRYV(write_new(unfinished, content));
  fs::rename(unfinished, file, error);
  if (error) {
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    return fail(ErrorCode::Io, "Cannot put " + file.string() + " in place: " + error.message() + ".");
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  const Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.number() >= 0) (void)::fsync(opened.number());  // not every file system can; the content is safe
  return success();
}

}  // namespace ebagent::core
