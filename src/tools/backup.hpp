#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::tools {

// A copy of one database that was made and verified.
struct BackupCopy {
  std::string database;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::string sha256;  // of the file, hexadecimal
  std::int64_t tables = 0;
  std::int64_t rows = 0;  // in all tables, the same in database and copy
};

struct BackupReport {
  std::vector<BackupCopy> copies;
  std::vector<std::filesystem::path> deleted;  // copies that were older than the ones kept
};

// Backs SQLite databases up while they are in use (SQLite's online backup, one consistent snapshot), verifies
// each copy (integrity check, the rows of every table counted in snapshot and copy, a SHA-256 beside the
// file) and deletes the oldest copies beyond the number to keep. Copies are files
// `folder`/<name>/<name>-20260126T160000Z.sqlite. A copy that fails its verification is removed and reported
// as an error; older copies then stay. Thread safety: make() may be called from any thread; two calls for the
// same moment write the same files, the last wins.
class Backup {
 public:
  Backup(std::map<std::string, std::filesystem::path> databases, std::filesystem::path folder)
      : databases_(std::move(databases)), folder_(std::move(folder)) {}

  // `keep` (1 to 1,000) copies of each database remain.
  [[nodiscard]] Result<BackupReport> make(TimePoint moment, std::size_t keep) const;

  [[nodiscard]] const std::map<std::string, std::filesystem::path>& databases() const { return databases_; }

 private:
  std::map<std::string, std::filesystem::path> databases_;
  std::filesystem::path folder_;
};

}  // namespace ebagent::tools
