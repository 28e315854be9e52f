#include "store/sqlite/connection.hpp"

#include <fmt/core.h>

#include <cstring>

namespace ebagent::store::sqlite {
namespace {

// A batch takes milliseconds, but a busy server leaves little time between two of them for a `dlq redrive` to
// slip in.
constexpr int kBusyWaitMs = 10'000;

// SQLite counts every byte it allocates under one lock of the process unless it is told not to before it is first used.
void stop_counting_memory() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open_as(std::string name, const char* file, int flags) {
  stop_counting_memory();
  std::unique_ptr<Connection> connection{new Connection(std::move(name))};
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file, &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  connection->handle_.reset(handle);
  if (code != SQLITE_OK) return fail(connection->last_error());
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyWaitMs);
  // SQLite falls back to reading when a file may not be written.
  if ((flags & SQLITE_OPEN_READWRITE) != 0 && sqlite3_db_readonly(handle, "main") == 1) {
    return fail(ErrorCode::Io,
                fmt::format("The store {} may not be written by this user: check the permissions of "
                            "the file and its directory.",
                            connection->name_));
  }
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Access access) {
  const int flags =
      access == Access::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  return open_as(file.string(), file.c_str(), flags);
}

Result<std::unique_ptr<Connection>> Connection::open_memory() {
  return open_as("in memory", ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<void> Connection::run(const char* sql) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(last_error());
  return success();
}

Result<std::int64_t> Connection::integer(const char* sql) {
  Statement statement{*this, sql};
  BOOST_OUTCOME_TRY(auto rows, statement.query());
  BOOST_OUTCOME_TRY(const bool has_row, rows.next());
  return has_row ? rows.integer(0) : 0;
}

Error Connection::last_error() const {
  const int code = handle() == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle());
  const char* said = handle() == nullptr ? "out of memory" : sqlite3_errmsg(handle());
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {ErrorCode::Unavailable,
              fmt::format(
                  "The store {} is full: nothing of this was kept. Free space on its disk, or raise its size "
                  "limit.",
                  name_)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::Unavailable,
              fmt::format("The store {} is being written by another process. Try again.", name_)};
    case SQLITE_NOMEM:
      return {ErrorCode::Unavailable, fmt::format("There is no memory left to use the store {}.", name_)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::Io,
              fmt::format("The store {} is damaged or not a database ({}). Move it away or restore a backup.",
                          name_, said)};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {ErrorCode::Io,
              fmt::format("The store {} cannot be opened ({}): check that the directory exists and that "
                          "this user may read and write it.",
                          name_, said)};
    case SQLITE_IOERR: {
      const int cause = sqlite3_system_errno(handle());
      return {ErrorCode::Io,
              fmt::format("The store {} could not be read or written ({}{}{}): nothing of this was kept.",
                          name_, said, cause == 0 ? "" : ", ", cause == 0 ? "" : std::strerror(cause))};
    }
    case SQLITE_CONSTRAINT:
      return {ErrorCode::AlreadyExists, fmt::format("The store {} holds this already ({}).", name_, said)};
    case SQLITE_TOOBIG:
      return {ErrorCode::LimitExceeded,
              fmt::format("A text is too long for the store {} ({}).", name_, said)};
    default:
      return {ErrorCode::Internal, fmt::format("The store {} refused a statement: {}.", name_, said)};
  }
}

Result<bool> Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(connection_->last_error());
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Query::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<TimePoint> Query::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

Result<void> Statement::compile() {
  sqlite3_stmt* compiled = nullptr;
  const int code = sqlite3_prepare_v3(connection_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                                      SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
  if (code != SQLITE_OK) return fail(connection_.last_error());
  statement_.reset(compiled);
  return success();
}

}  // namespace ebagent::store::sqlite
