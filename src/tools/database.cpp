#include "tools/database.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

namespace ebagent::tools {
namespace {

constexpr int kBusyWaitMs = 5'000;  // the command line may read or back up beside a running server

Error sqlite_error(sqlite3* connection, std::string_view doing) {
  const int code = sqlite3_errcode(connection);
  std::string message = fmt::format("The database cannot {}: {}.", doing, sqlite3_errmsg(connection));
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::Unavailable, std::move(message)};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::Conflict, std::move(message)};
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return {ErrorCode::InvalidArgument, std::move(message)};
    case SQLITE_INTERRUPT:
      return {ErrorCode::TimedOut, fmt::format("The database cannot {} in the time it has.", doing)};
    default:
      return {ErrorCode::Io, std::move(message)};
  }
}

Cell cell_at(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_NULL:
      return nullptr;
    default: {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return bytes == nullptr ? Cell{std::string{}} : Cell{std::string{bytes, length}};
    }
  }
}

// Resets the statement when leaving, so that it neither keeps a read open nor its parameters.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

Statement::Statement(sqlite3* connection, sqlite3_stmt* statement)
    : connection_(connection), statement_(statement, sqlite3_finalize) {}

Result<void> Statement::bind(const std::vector<Cell>& parameters) {
  const int expected = sqlite3_bind_parameter_count(statement_.get());
  if (expected != static_cast<int>(parameters.size())) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("The SQL statement takes {} parameters, {} were given.", expected, parameters.size()));
  }
  for (int i = 0; i < expected; ++i) {
    const Cell& cell = parameters[static_cast<std::size_t>(i)];
    int code = SQLITE_OK;
    if (const auto* text = std::get_if<std::string>(&cell)) {
      code = sqlite3_bind_text64(statement_.get(), i + 1, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
      code = sqlite3_bind_int64(statement_.get(), i + 1, *integer);
    } else if (const auto* number = std::get_if<double>(&cell)) {
      code = sqlite3_bind_double(statement_.get(), i + 1, *number);
    }
    if (code != SQLITE_OK) return fail(sqlite_error(connection_, "take a parameter"));
  }
  return success();
}

Result<void> Statement::run(const std::vector<Cell>& parameters) {
  const Reset reset{statement_.get()};
  BOOST_OUTCOME_TRY(bind(parameters));
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement_.get());
  if (code != SQLITE_DONE) return fail(sqlite_error(connection_, "run a statement"));
  return success();
}

Result<Rows> Statement::query(const std::vector<Cell>& parameters, std::size_t limit) {
  const Reset reset{statement_.get()};
  BOOST_OUTCOME_TRY(bind(parameters));
  Rows result;
  const int columns = sqlite3_column_count(statement_.get());
  for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(statement_.get(), i));
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(statement_.get())) == SQLITE_ROW) {
    if (result.rows.size() == limit) {
      result.is_cut = true;
      return result;
    }
    auto& row = result.rows.emplace_back();
    for (int i = 0; i < columns; ++i) row.push_back(cell_at(statement_.get(), i));
  }
  if (code != SQLITE_DONE) return fail(sqlite_error(connection_, "answer a query"));
  return result;
}

bool Statement::is_read_only() const {
  return sqlite3_stmt_readonly(statement_.get()) != 0;
}

std::vector<std::string> Statement::parameter_names() const {
  std::vector<std::string> names;
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement_.get()); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement_.get(), i);
    names.emplace_back(name == nullptr || name[0] == '?' ? "" : name + 1);
  }
  return names;
}

Session::~Session() {
  if (end_) sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
}

void Session::end_at(std::chrono::steady_clock::time_point end) {
  constexpr int kInstructions = 10'000;  // between looks at the clock; well under a millisecond
  end_ = end;
  const auto is_over = [](void* session) {
    return std::chrono::steady_clock::now() >= *static_cast<Session*>(session)->end_ ? 1 : 0;
  };
  sqlite3_progress_handler(connection_, kInstructions, is_over, this);
}

Result<Statement> Session::prepare(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(connection_, sql.data(), static_cast<int>(sql.size()), &prepared, &rest) !=
      SQLITE_OK) {
    return fail(sqlite_error(connection_, "understand a statement"));
  }
  Statement statement{connection_, prepared};
  const std::string_view unread = sql.substr(static_cast<std::size_t>(rest - sql.data()));
  if (prepared == nullptr || unread.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return fail(ErrorCode::InvalidArgument, "Exactly one SQL statement is expected.");
  }
  return statement;
}

Result<void> Session::run(std::string_view sql, const std::vector<Cell>& parameters) {
  BOOST_OUTCOME_TRY(auto statement, prepare(sql));
  return statement.run(parameters);
}

Result<Rows> Session::query(std::string_view sql, const std::vector<Cell>& parameters) {
  BOOST_OUTCOME_TRY(auto statement, prepare(sql));
  return statement.query(parameters, kMaxRows);
}

std::int64_t Session::changed_rows() const {
  return sqlite3_changes64(connection_);
}
std::int64_t Session::last_row_id() const {
  return sqlite3_last_insert_rowid(connection_);
}

Database::Database(std::filesystem::path file, sqlite3* connection)
    : file_(std::move(file)), connection_(connection, sqlite3_close_v2) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &connection, flags, nullptr);
  std::unique_ptr<Database> database{new Database(file, connection)};
  if (code != SQLITE_OK) {
    return fail(ErrorCode::Io,
                fmt::format("Cannot open the database {}: {}.", file.string(), sqlite3_errmsg(connection)));
  }
  sqlite3_busy_timeout(connection, kBusyWaitMs);
  sqlite3_extended_result_codes(connection, 1);
  Session session{connection};
  BOOST_OUTCOME_TRY(session.query("PRAGMA journal_mode=WAL"));
  BOOST_OUTCOME_TRY(session.run("PRAGMA synchronous=FULL"));
  BOOST_OUTCOME_TRY(session.run("PRAGMA foreign_keys=ON"));
  // Names in SQL that come from a schema stand in double quotes; a misspelt one must not turn into a text.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  return database;
}

Result<void> Database::begin() {
  return Session{connection_.get()}.run("BEGIN IMMEDIATE");
}

Result<void> Database::Open::commit() {
  BOOST_OUTCOME_TRY(Session{database_->connection_.get()}.run("COMMIT"));
  database_ = nullptr;
  return success();
}

Database::Open::~Open() {
  if (database_ == nullptr) return;
  // SQLite has rolled back by itself after some errors; then there is nothing left to do and the statement
  // fails.
  sqlite3_exec(database_->connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::string text_of(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? std::string{} : *text;
}

std::int64_t integer_of(const Cell& cell) {
  const auto* integer = std::get_if<std::int64_t>(&cell);
  return integer == nullptr ? 0 : *integer;
}

double number_of(const Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  return static_cast<double>(integer_of(cell));
}

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace ebagent::tools
