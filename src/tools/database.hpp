#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "ebagent/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ebagent::tools {

// One cell of a table: NULL, a whole number, a number, or text.
using Cell = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// What a query gave: the names of its columns and its rows in order.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  bool is_cut = false;  // there were more rows than asked for
};

// A prepared statement, for the same SQL many times over. Lives no longer than its Session.
class Statement {
 public:
  Statement(sqlite3* connection, sqlite3_stmt* statement);
  // Runs a statement that gives no rows; `parameters` fill its ?1, ?2 ...
  [[nodiscard]] Result<void> run(const std::vector<Cell>& parameters);
  // Runs a statement and keeps at most `limit` of its rows.
  [[nodiscard]] Result<Rows> query(const std::vector<Cell>& parameters, std::size_t limit);
  // True when the statement cannot change the database.
  [[nodiscard]] bool is_read_only() const;
  // The names of its parameters in order, without ':', '@' or '$'; empty for ?1, ?2 ...
  [[nodiscard]] std::vector<std::string> parameter_names() const;

 private:
  [[nodiscard]] Result<void> bind(const std::vector<Cell>& parameters);

  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

// The database inside a transaction: what Database::transaction gives to its callback.
class Session {
 public:
  explicit Session(sqlite3* connection) : connection_(connection) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // From here on statements that are still at work at `end` fail with TimedOut.
  void end_at(std::chrono::steady_clock::time_point end);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  [[nodiscard]] Result<void> run(std::string_view sql, const std::vector<Cell>& parameters = {});
  // At most kMaxRows rows.
  [[nodiscard]] Result<Rows> query(std::string_view sql, const std::vector<Cell>& parameters = {});
  // Rows that the last run() inserted, changed or deleted.
  [[nodiscard]] std::int64_t changed_rows() const;
  [[nodiscard]] std::int64_t last_row_id() const;

  static constexpr std::size_t kMaxRows =
      10'000;  // enough for every question asked here, and no run-away memory

 private:
  sqlite3* connection_;
  std::optional<std::chrono::steady_clock::time_point> end_ = {};
};

// One SQLite file that tools keep their tables in. Transactions are durable when they return (WAL,
// synchronous=FULL), because a tool's result is journalled right after and must not be ahead of what it did.
// Errors: Unavailable when another process holds the file longer than kBusyWait, Conflict for broken
// constraints, InvalidArgument for SQL that does not compile, Io for the rest. Thread safety: transactions
// from several threads run one after another.
class Database {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work(Session&)`, which returns a Result, in one transaction: committed when it succeeds, rolled
  // back when it fails or throws.
  template <class Work>
  [[nodiscard]] auto transaction(Work&& work) -> std::invoke_result_t<Work, Session&> {
    const std::scoped_lock lock{mutex_};
    BOOST_OUTCOME_TRY(begin());
    Open open{*this};
    Session session{connection_.get()};
    auto result = std::forward<Work>(work)(session);
    if (result.has_value()) {
      BOOST_OUTCOME_TRY(open.commit());
    }
    return result;
  }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  Database(std::filesystem::path file, sqlite3* connection);

  // Rolls the transaction back unless it was committed.
  class Open {
   public:
    explicit Open(Database& database) : database_(&database) {}
    ~Open();
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    [[nodiscard]] Result<void> commit();

   private:
    Database* database_;
  };

  [[nodiscard]] Result<void> begin();

  const std::filesystem::path file_;
  std::mutex mutex_;  // guards connection_
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection_;
};

// The text, whole number or number in a cell; what a cell of another type has instead is empty or zero.
[[nodiscard]] std::string text_of(const Cell& cell);
[[nodiscard]] std::int64_t integer_of(const Cell& cell);
[[nodiscard]] double number_of(const Cell& cell);

// A table's or column's name between quotes, fit to stand in SQL.
[[nodiscard]] std::string quoted_name(std::string_view name);

}  // namespace ebagent::tools
