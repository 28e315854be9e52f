#include "tools/backup.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <memory>
#include <utility>

#include "core/time_format.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxKept = 1'000;
constexpr int kBusyWaitMs = 10'000;

using Connection = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

// Rows by table: what must be equal in snapshot and copy.
using Census = std::map<std::string, std::int64_t>;

Error backup_error(const fs::path& file, std::string_view doing, std::string_view why) {
  return {ErrorCode::Io, fmt::format("Cannot {} {}: {}.", doing, file.string(), why)};
}

Result<Connection> open_file(const fs::path& file, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection{opened, sqlite3_close_v2};
  if (code != SQLITE_OK) return fail(backup_error(file, "open", sqlite3_errmsg(opened)));
  sqlite3_busy_timeout(opened, kBusyWaitMs);
  return connection;
}

Result<Census> count_rows(sqlite3* connection) {
  Session session{connection};
  BOOST_OUTCOME_TRY(
      const auto tables,
      session.query(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"));
  Census census;
  for (const auto& row : tables.rows) {
    const std::string name = text_of(row[0]);
    BOOST_OUTCOME_TRY(const auto count, session.query("SELECT count(*) FROM " + quoted_name(name)));
    census[name] = integer_of(count.rows.front()[0]);
  }
  return census;
}

Result<void> check_integrity(sqlite3* connection, const fs::path& file) {
  BOOST_OUTCOME_TRY(const auto found, Session{connection}.query("PRAGMA integrity_check(1)"));
  const std::string verdict = found.rows.empty() ? "no answer" : text_of(found.rows.front()[0]);
  if (verdict != "ok") return fail(backup_error(file, "verify", verdict));
  return success();
}

// Copies the snapshot that `source` has open, all pages at once: the source's transaction keeps writers out
// of it without stopping them.
Result<void> copy_pages(sqlite3* source, sqlite3* copy, const fs::path& file) {
  sqlite3_backup* backup = sqlite3_backup_init(copy, "main", source, "main");
  if (backup == nullptr) return fail(backup_error(file, "back up to", sqlite3_errmsg(copy)));
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return fail(backup_error(file, "back up to", sqlite3_errstr(code)));
  return success();
}

Result<std::string> sha256_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) return fail(backup_error(file, "read", "it cannot be opened"));
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> chunk(256 * 1024);
  while (stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || stream.gcount() > 0) {
    EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(stream.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  std::string text;
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

void flush_to_disk(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// "20260126T160000Z"
std::string stamp(TimePoint moment) {
  std::string text = core::format_utc_seconds(moment);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// Makes the copy under `unfinished` and says what is in it; the copy is complete and verified.
Result<Census> copy_and_verify(const fs::path& database, const fs::path& unfinished) {
  BOOST_OUTCOME_TRY(const auto source, open_file(database, SQLITE_OPEN_READWRITE));
  BOOST_OUTCOME_TRY(Session{source.get()}.run("BEGIN"));
  BOOST_OUTCOME_TRY(const auto expected, count_rows(source.get()));
  BOOST_OUTCOME_TRY(const auto copy, open_file(unfinished, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  BOOST_OUTCOME_TRY(copy_pages(source.get(), copy.get(), unfinished));
  // The copy inherits the write-ahead log of its source; as an archive it must be one file.
  BOOST_OUTCOME_TRY(Session{copy.get()}.query("PRAGMA journal_mode=DELETE"));
  BOOST_OUTCOME_TRY(check_integrity(copy.get(), unfinished));
  BOOST_OUTCOME_TRY(const auto counted, count_rows(copy.get()));
  if (counted != expected)
    return fail(
        backup_error(unfinished, "verify", "its tables have other numbers of rows than the database"));
  return counted;
}

Result<BackupCopy> back_up(const std::string& name, const fs::path& database, const fs::path& folder,
                           TimePoint moment) {
  if (!fs::exists(database))
    return fail(ErrorCode::NotFound,
                fmt::format("The database '{}' does not exist ({}).", name, database.string()));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(backup_error(folder, "make the folder", error.message()));

  static std::atomic<unsigned> counter{0};  // two calls at once must not write into one unfinished copy
  const fs::path file = folder / fmt::format("{}-{}.sqlite", name, stamp(moment));
  const fs::path unfinished = folder / fmt::format(".unfinished-{}-{}", ::getpid(), counter.fetch_add(1));
  fs::remove(unfinished, error);
  auto census = copy_and_verify(database, unfinished);
  if (!census) {
    fs::remove(unfinished, error);
    return fail(std::move(census).assume_error());
  }
  BOOST_OUTCOME_TRY(auto sha256, sha256_of(unfinished));
  flush_to_disk(unfinished);
  fs::rename(unfinished, file, error);
  if (error) return fail(backup_error(file, "write", error.message()));
  std::ofstream{file.string() + ".sha256"} << sha256 << "  " << file.filename().string() << "\n";
  flush_to_disk(folder);

  std::int64_t rows = 0;
  for (const auto& [table, count] : census.value()) rows += count;
  return BackupCopy{
      name, file, fs::file_size(file), std::move(sha256), static_cast<std::int64_t>(census.value().size()),
      rows};
}

// Deletes the oldest copies beyond `keep`. Their names carry their time, so that sorting by name is sorting
// by age.
std::vector<fs::path> delete_old(const std::string& name, const fs::path& folder, std::size_t keep) {
  std::vector<fs::path> copies;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder, error}) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(name + "-") && file.ends_with("Z.sqlite") && entry.is_regular_file(error))
      copies.push_back(entry.path());
  }
  std::ranges::sort(copies);
  if (copies.size() <= keep) return {};
  copies.resize(copies.size() - keep);
  for (const fs::path& copy : copies) {
    fs::remove(copy, error);
    fs::remove(copy.string() + ".sha256", error);
  }
  return copies;
}

}  // namespace

Result<BackupReport> Backup::make(TimePoint moment, std::size_t keep) const {
  if (keep < 1 || keep > kMaxKept) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The number of copies to keep must be 1 to {}, not {}.", kMaxKept, keep));
  }
  BackupReport report;
  for (const auto& [name, database] : databases_) {
    BOOST_OUTCOME_TRY(auto copy, back_up(name, database, folder_ / name, moment));
    report.copies.push_back(std::move(copy));
  }
  for (const auto& [name, database] : databases_) {
    const auto deleted = delete_old(name, folder_ / name, keep);
    report.deleted.insert(report.deleted.end(), deleted.begin(), deleted.end());
  }
  return report;
}

}  // namespace ebagent::tools
