#include "tools/sql_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <limits>

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRows = 1'000;  // of an answer: it goes into the run's journal

Result<Cell> cell_of(const json::value& value) {
  if (value.is_null()) return Cell{nullptr};
  if (const auto* text = value.if_string()) return Cell{std::string{*text}};
  if (const auto* flag = value.if_bool()) return Cell{std::int64_t{*flag ? 1 : 0}};
  if (const auto* integer = value.if_int64()) return Cell{*integer};
  if (value.is_number()) return Cell{value.to_number<double>()};
  return fail(ErrorCode::InvalidArgument,
              "A parameter of an SQL statement must be a text, a number, true, false or null.");
}

json::value json_of(const Cell& cell) {
  return std::visit([](const auto& value) -> json::value { return json::value(value); }, cell);
}

Result<const std::string*> find(const SqlStatements& statements, const std::string& name) {
  const auto found = statements.find(name);
  if (found != statements.end()) return &found->second;
  std::string known;
  for (const auto& [declared, sql] : statements) known += (known.empty() ? "" : ", ") + declared;
  return fail(ErrorCode::NotFound, fmt::format("There is no statement '{}'; declared are: {}.", name,
                                               known.empty() ? "none" : known));
}

Result<json::object> run(Database& database, const std::string& sql, const std::vector<Cell>& parameters) {
  const auto rows = database.transaction([&](Session& session) -> Result<Rows> {
    BOOST_OUTCOME_TRY(auto statement, session.prepare(sql));
    if (!statement.is_read_only()) {
      return fail(ErrorCode::InvalidArgument,
                  "The declared statement changes the database; sql_query only reads.");
    }
    return statement.query(parameters, kMaxRows);
  });
  if (!rows) return fail(rows.error());
  json::array found;
  for (const auto& row : rows.value().rows) {
    json::object entry;
    for (std::size_t i = 0; i < row.size(); ++i) entry[rows.value().columns[i]] = json_of(row[i]);
    found.emplace_back(std::move(entry));
  }
  const std::size_t count = found.size();
  return json::object{{"rows", std::move(found)}, {"count", count}, {"is_truncated", rows.value().is_cut}};
}

}  // namespace

std::vector<Tool> sql_tools(std::shared_ptr<Database> database, SqlStatements statements) {
  const auto query = [database, statements = std::move(statements)](
                         Arg<"statement", std::string, "Name of a declared statement"> name,
                         Arg<"parameters", std::optional<json::array>, "Values of ?1, ?2 ..."> parameters)
      -> Result<json::object> {
    BOOST_OUTCOME_TRY(const auto* sql, find(statements, *name));
    std::vector<Cell> cells;
    for (const json::value& value : parameters->value_or(json::array{})) {
      BOOST_OUTCOME_TRY(auto cell, cell_of(value));
      cells.push_back(std::move(cell));
    }
    return run(*database, *sql, cells);
  };
  return {
      Tool::from("sql_query", "Runs a declared SQL query with parameters", query,
                 {.effect = Effect::Read, .traits = {.reads_sensitive = true, .brings_untrusted = true}})};
}

}  // namespace ebagent::tools
