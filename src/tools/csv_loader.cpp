#include "tools/csv_loader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "tools/csv_reader.hpp"
#include "tools/stored_time.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxErrorsShown = 100;  // a file that is wrong throughout needs no longer proof
constexpr std::size_t kMaxTableNameBytes = 63;

Result<void> check_table_name(std::string_view table) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (!table.empty() && table.size() <= kMaxTableNameBytes && is_letter(table.front()) &&
      std::ranges::all_of(table, is_allowed) && !table.starts_with("sqlite_")) {
    return success();
  }
  return fail(
      ErrorCode::InvalidArgument,
      fmt::format(
          "'{}' cannot be the name of a table: a letter, then letters, digits and '_', at most {} in all.",
          table, kMaxTableNameBytes));
}

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::Integer:
    case ColumnType::Boolean:
      return "INTEGER";
    case ColumnType::Number:
      return "REAL";
    default:
      return "TEXT";
  }
}

// A schema as text, so that a changed one is noticed and the object loaded again.
std::string fingerprint(const CsvSchema& schema) {
  std::string text(1, schema.delimiter);
  for (const CsvColumn& column : schema.columns) {
    text += fmt::format("\n{}\t{}\t{}\t{}\t{}\t{}\t{}", column.name, to_string(column.type),
                        column.is_required, column.min.value_or(NAN), column.max.value_or(NAN),
                        column.min_date.value_or(""), column.max_date.value_or(""));
    for (const std::string& value : column.allowed) text += "\t" + value;
  }
  return core::sha256_hex(text);
}

// Makes the table, or adds the columns that an older schema did not have.
Result<void> prepare_table(Session& session, const CsvLoad& what) {
  BOOST_OUTCOME_TRY(const auto present,
                    session.query("SELECT name FROM pragma_table_info(?1)", {what.table}));
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(present.rows, [&](const auto& row) { return text_of(row[0]) == name; });
  };
  if (present.rows.empty()) {
    std::string sql = fmt::format(
        "CREATE TABLE {} (_bucket TEXT NOT NULL, _key TEXT NOT NULL, _etag TEXT NOT NULL, _row INTEGER NOT "
        "NULL",
        quoted_name(what.table));
    for (const CsvColumn& column : what.schema.columns) {
      sql += fmt::format(", {} {}", quoted_name(column.name), sql_type(column.type));
    }
    return session.run(sql + ", PRIMARY KEY (_bucket, _key, _row))");
  }
  if (!has("_bucket") || !has("_etag") || !has("_row")) {
    return fail(ErrorCode::Conflict,
                fmt::format("The table '{}' holds something else than loaded CSV rows; name another one.",
                            what.table));
  }
  for (const CsvColumn& column : what.schema.columns) {
    if (has(column.name)) continue;
    BOOST_OUTCOME_TRY(session.run(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", quoted_name(what.table),
                                              quoted_name(column.name), sql_type(column.type))));
  }
  return success();
}

std::string insert_sql(const CsvLoad& what) {
  std::string names = "_bucket, _key, _etag, _row";
  std::string places = "?1, ?2, '', ?3";  // the etag is known when the last byte was read
  std::size_t place = 4;
  for (const CsvColumn& column : what.schema.columns) {
    names += ", " + quoted_name(column.name);
    places += fmt::format(", ?{}", place++);
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted_name(what.table), names, places);
}

// What is known about the values of one numeric column.
struct Numbers {
  std::int64_t values = 0;
  std::int64_t empty = 0;
  double min = 0;
  double max = 0;
  double sum = 0;

  void add(const Cell& cell) {
    if (std::holds_alternative<std::nullptr_t>(cell)) {
      ++empty;
      return;
    }
    const double number = number_of(cell);
    min = values == 0 ? number : std::min(min, number);
    max = values == 0 ? number : std::max(max, number);
    sum += number;
    ++values;
  }

  [[nodiscard]] json::object to_json() const {
    json::object object{{"values", values}, {"empty", empty}};
    if (values == 0) return object;
    object["min"] = min;
    object["max"] = max;
    object["mean"] = sum / static_cast<double>(values);
    object["sum"] = sum;
    return object;
  }
};

// One load under way: takes the rows of the file, checks them and puts them into the table.
class Loading {
 public:
  Loading(const CsvLoad& what, Statement& insert)
      : what_(what), insert_(insert), numbers_(what.schema.columns.size()) {}

  Result<void> take(CsvRow&& row) {
    if (positions_.empty()) return take_header(row);
    ++rows_;
    if (row.fields.size() != width_) {
      reject(row.line, fmt::format("the row has {} fields, the header has {}", row.fields.size(), width_));
      return success();
    }
    std::vector<Cell> cells{what_.bucket, what_.key, rows_};
    std::string reasons;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const auto position = positions_[i];
      auto cell = read_field(what_.schema.columns[i],
                             position ? std::string_view{row.fields[*position]} : std::string_view{});
      if (!cell) {
        reasons += (reasons.empty() ? "" : "; ") + cell.error().message;
        continue;
      }
      cells.push_back(std::move(cell).value());
    }
    if (!reasons.empty()) {
      reject(row.line, std::move(reasons));
      return success();
    }
    for (std::size_t i = 0; i < positions_.size(); ++i) numbers_[i].add(cells[i + 3]);
    ++loaded_;
    return insert_.run(cells);
  }

  void take(CsvProblem&& problem) {
    if (!positions_.empty()) ++rows_;
    reject(problem.line, std::move(problem.reason));
  }

  [[nodiscard]] bool has_header() const { return !positions_.empty(); }

  [[nodiscard]] json::object summary(const ObjectSummary& object) const {
    json::object columns;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const CsvColumn& column = what_.schema.columns[i];
      if (column.type == ColumnType::Integer || column.type == ColumnType::Number)
        columns[column.name] = numbers_[i].to_json();
    }
    return {{"bucket", what_.bucket},
            {"key", what_.key},
            {"etag", object.etag},
            {"size", object.size},
            {"table", what_.table},
            {"rows", rows_},
            {"loaded", loaded_},
            {"rejected", rejected_},
            {"errors", errors_},
            {"errors_not_shown", rejected_ - static_cast<std::int64_t>(errors_.size())},
            {"ignored_columns", ignored_},
            {"columns", std::move(columns)}};
  }

 private:
  Result<void> take_header(const CsvRow& row) {
    std::vector<std::string> names;
    for (const std::string& field : row.fields) {
      const std::size_t begin = field.find_first_not_of(" \t");
      names.push_back(
          begin == std::string::npos ? "" : field.substr(begin, field.find_last_not_of(" \t") - begin + 1));
    }
    width_ = names.size();
    std::string missing;
    for (const CsvColumn& column : what_.schema.columns) {
      const auto found = std::ranges::find(names, column.name);
      if (found == names.end()) {
        if (column.is_required) missing += (missing.empty() ? "'" : ", '") + column.name + "'";
        positions_.emplace_back(std::nullopt);
        continue;
      }
      if (std::find(found + 1, names.end(), column.name) != names.end()) {
        return fail(ErrorCode::Malformed,
                    fmt::format("Line {} names the column '{}' twice.", row.line, column.name));
      }
      positions_.emplace_back(static_cast<std::size_t>(found - names.begin()));
    }
    if (!missing.empty()) {
      return fail(ErrorCode::Malformed,
                  fmt::format("The header on line {} lacks the required columns {}.", row.line, missing));
    }
    for (const std::string& name : names) {
      if (std::ranges::find(what_.schema.columns, name, &CsvColumn::name) == what_.schema.columns.end()) {
        ignored_.emplace_back(name);
      }
    }
    return success();
  }

  void reject(std::uint64_t line, std::string reason) {
    ++rejected_;
    if (errors_.size() < kMaxErrorsShown)
      errors_.push_back(json::object{{"line", line}, {"reason", std::move(reason)}});
  }

  const CsvLoad& what_;
  Statement& insert_;
  std::size_t width_ = 0;                              // fields of the header
  std::vector<std::optional<std::size_t>> positions_;  // of each column of the schema in a row
  std::vector<Numbers> numbers_;                       // of each column of the schema
  std::int64_t rows_ = 0;
  std::int64_t loaded_ = 0;
  std::int64_t rejected_ = 0;
  json::array errors_;
  json::array ignored_;
};

// Replaces the object's rows by what the object has now.
Result<json::object> replace_rows(Session& session, ObjectStore& objects, const CsvLoad& what) {
  BOOST_OUTCOME_TRY(prepare_table(session, what));
  const std::string table = quoted_name(what.table);
  BOOST_OUTCOME_TRY(session.run(fmt::format("DELETE FROM {} WHERE _bucket = ?1 AND _key = ?2", table),
                                {what.bucket, what.key}));
  BOOST_OUTCOME_TRY(auto insert, session.prepare(insert_sql(what)));
  Loading loading{what, insert};
  CsvReader reader{what.schema.delimiter, CsvLimits{},
                   [&](CsvRow&& row) { return loading.take(std::move(row)); },
                   [&](CsvProblem&& problem) { loading.take(std::move(problem)); }};
  BOOST_OUTCOME_TRY(const auto object, objects.read(what.bucket, what.key, [&](std::string_view bytes) {
    return reader.feed(bytes);
  }));
  BOOST_OUTCOME_TRY(reader.finish());
  if (!loading.has_header()) {
    return fail(ErrorCode::Malformed, fmt::format("s3://{}/{} has no header line.", what.bucket, what.key));
  }
  BOOST_OUTCOME_TRY(
      session.run(fmt::format("UPDATE {} SET _etag = ?3 WHERE _bucket = ?1 AND _key = ?2", table),
                  {what.bucket, what.key, object.etag}));
  return loading.summary(object);
}

}  // namespace

Result<std::unique_ptr<CsvLoader>> CsvLoader::open(std::shared_ptr<Database> database,
                                                   std::shared_ptr<ObjectStore> objects) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) {
    return session.run(
        "CREATE TABLE IF NOT EXISTS csv_loads ("
        " bucket TEXT NOT NULL, key TEXT NOT NULL, table_name TEXT NOT NULL, etag TEXT NOT NULL,"
        " schema_hash TEXT NOT NULL, summary TEXT NOT NULL, loaded_at TEXT NOT NULL,"
        " PRIMARY KEY (bucket, key, table_name))");
  }));
  return std::unique_ptr<CsvLoader>{new CsvLoader(std::move(database), std::move(objects))};
}

Result<json::object> CsvLoader::load(const CsvLoad& what, TimePoint now) {
  BOOST_OUTCOME_TRY(check_table_name(what.table));
  BOOST_OUTCOME_TRY(const auto object, objects_->head(what.bucket, what.key));
  const std::string schema_hash = fingerprint(what.schema);
  return database_->transaction([&](Session& session) -> Result<json::object> {
    BOOST_OUTCOME_TRY(
        const auto before,
        session.query("SELECT summary FROM csv_loads WHERE bucket = ?1 AND key = ?2 AND table_name = ?3"
                      " AND etag = ?4 AND schema_hash = ?5",
                      {what.bucket, what.key, what.table, object.etag, schema_hash}));
    if (!before.rows.empty()) {
      BOOST_OUTCOME_TRY(const auto summary, core::parse_json(text_of(before.rows.front()[0])));
      return summary.as_object();
    }
    BOOST_OUTCOME_TRY(const auto summary, replace_rows(session, *objects_, what));
    const std::string text = core::write_json(summary);
    BOOST_OUTCOME_TRY(session.run(
        "INSERT INTO csv_loads VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (bucket, key, table_name) DO "
        "UPDATE"
        " SET etag = excluded.etag, schema_hash = excluded.schema_hash, summary = excluded.summary,"
        " loaded_at = excluded.loaded_at",
        {what.bucket, what.key, what.table, std::string{summary.at("etag").as_string()}, schema_hash, text,
         stored_form(now)}));
    // Read back, so that the first answer and later ones are alike to the kind of each number.
    BOOST_OUTCOME_TRY(const auto kept, core::parse_json(text));
    return kept.as_object();
  });
}

}  // namespace ebagent::tools
