#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::store::sqlite {

enum class Access { ReadWrite, ReadOnly };

// One connection to the store's database file, or to a private database in memory. Every connection to a file
// flushes before a commit returns (synchronous=FULL) and waits up to kBusyWait for another process that
// writes. Thread safety: none of its own; who uses it holds mutex().
class Connection {
 public:
  // Io when the file cannot be opened. ReadWrite makes the file when it is missing.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Access access);
  static Result<std::unique_ptr<Connection>> open_memory();

  // Runs SQL without parameters, leaving out its rows.
  Result<void> run(const char* sql);
  // The first column of the first row.
  Result<std::int64_t> integer(const char* sql);

  // What the last failed call of this connection means to the caller.
  [[nodiscard]] Error last_error() const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] std::mutex& mutex() { return mutex_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  explicit Connection(std::string name) : name_(std::move(name)), handle_(nullptr, sqlite3_close_v2) {}
  static Result<std::unique_ptr<Connection>> open_as(std::string name, const char* file, int flags);

  const std::string name_;  // of the file, for messages
  std::mutex mutex_;        // guards handle_ and every statement made on it
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
};

class Statement;

// One execution of a statement that gives rows. The statement is free for its next execution when the Query
// ends.
class Query {
 public:
  Query(Connection& connection, sqlite3_stmt* statement) : connection_(&connection), statement_(statement) {}
  Query(Query&& other) noexcept
      : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
  }

  // Steps to the next row; false when there is none.
  Result<bool> next();

  // Columns of the row, counted from 0.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] int small(int column) const { return sqlite3_column_int(statement_, column); }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;
  [[nodiscard]] TimePoint time(int column) const { return TimePoint{Duration{integer(column)}}; }
  [[nodiscard]] std::optional<TimePoint> optional_time(int column) const;

 private:
  Connection* connection_;
  sqlite3_stmt* statement_;
};

// One SQL statement of a class, written beside the member that runs it; compiled when it is first used and
// kept. Parameters are bound in order: ?1, ?2, ...
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql)
      : connection_(connection), sql_(sql), statement_(nullptr, sqlite3_finalize) {}

  // Runs a statement that gives no rows.
  template <class... Values>
  Result<void> run(const Values&... values) {
    BOOST_OUTCOME_TRY(bind(SQLITE_STATIC, values...));
    const Query query{connection_, statement_.get()};
    if (sqlite3_step(statement_.get()) != SQLITE_DONE) return fail(connection_.last_error());
    return success();
  }

  // Begins a statement that gives rows.
  template <class... Values>
  Result<Query> query(const Values&... values) {
    BOOST_OUTCOME_TRY(bind(SQLITE_TRANSIENT, values...));
    return Query{connection_, statement_.get()};
  }

  // Rows that the last run() inserted, changed or deleted.
  [[nodiscard]] std::int64_t changed_rows() const { return sqlite3_changes64(connection_.handle()); }

 private:
  Result<void> compile();

  template <class... Values>
  Result<void> bind([[maybe_unused]] sqlite3_destructor_type lifetime, const Values&... values) {
    if (statement_ == nullptr) {
      BOOST_OUTCOME_TRY(compile());
    }
    [[maybe_unused]] int index = 0;
    bool is_bound = true;
    ((is_bound = is_bound && bind_one(++index, values, lifetime) == SQLITE_OK), ...);
    if (!is_bound) return fail(connection_.last_error());
    return success();
  }

  int bind_one(int index, std::integral auto value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(statement_.get(), index, static_cast<sqlite3_int64>(value));
  }
  int bind_one(int index, TimePoint value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(statement_.get(), index, value.time_since_epoch().count());
  }
  int bind_one(int index, std::string_view value, sqlite3_destructor_type lifetime) {
    // A view of nothing may point nowhere, which SQLite would take for NULL.
    const char* text = value.data() == nullptr ? "" : value.data();
    return sqlite3_bind_text64(statement_.get(), index, text, value.size(), lifetime, SQLITE_UTF8);
  }
  template <class Value>
  int bind_one(int index, const std::optional<Value>& value, sqlite3_destructor_type lifetime) {
    return value ? bind_one(index, *value, lifetime) : sqlite3_bind_null(statement_.get(), index);
  }

  Connection& connection_;
  const std::string sql_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

}  // namespace ebagent::store::sqlite
