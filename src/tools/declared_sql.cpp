#include "tools/declared_sql.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/json.hpp"
#include "tools/shown_text.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What begins at `at` and is no SQL of its own: a quoted text or name, or a comment. Its end, or `at` when there is none.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const auto found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  switch (sql[at]) {
    case '\'':
    case '"':
    case '`':
      return behind(sql.substr(at, 1), at + 1);  // a doubled quote begins another quoted text
    case '[':
      return behind("]", at + 1);
    default:
      break;
  }
  if (sql.substr(at).starts_with("--")) return behind("\n", at);
  if (sql.substr(at).starts_with("/*")) return behind("*/", at + 2);
  return at;
}

Cell cell_of(const json::value& value) {
  if (value.is_null()) return nullptr;
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* flag = value.if_bool()) return std::int64_t{*flag ? 1 : 0};
  if (const auto* integer = value.if_int64()) return *integer;
  if (value.is_number()) return value.to_number<double>();
  return core::write_json(value);
}

json::value json_of(const Cell& cell) {
  return std::visit([](const auto& value) -> json::value { return json::value(value); }, cell);
}

json::object described(const Rows& found) {
  json::array rows;
  for (const auto& row : found.rows) {
    json::object entry;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto* text = std::get_if<std::string>(&row[i]);
      entry[found.columns[i]] = text == nullptr ? json_of(row[i]) : json::value(valid_utf8(*text));
    }
    rows.emplace_back(std::move(entry));
  }
  const std::size_t count = rows.size();
  return {{"rows", std::move(rows)}, {"count", count}, {"is_truncated", found.is_cut}};
}

Result<json::value> run(const SqlCall& call, const json::object& arguments, Session& session) {
  BOOST_OUTCOME_TRY(auto statement, session.prepare(call.statement));
  const bool is_read_only = statement.is_read_only();
  if (call.effect == Effect::Read && !is_read_only) {
    return fail(ErrorCode::InvalidArgument,
                "The statement changes the database, and the tool's effect is read.");
  }
  std::vector<Cell> cells;
  for (const std::string& name : statement.parameter_names()) {
    const json::value* value = arguments.if_contains(name);
    cells.push_back(value == nullptr ? Cell{nullptr} : cell_of(*value));
  }
  BOOST_OUTCOME_TRY(auto found, statement.query(cells, call.row_limit));
  json::object result = described(found);
  if (!is_read_only) {
    result["changed"] = session.changed_rows();
    if (found.columns.empty()) return json::object{{"changed", session.changed_rows()}};
  }
  return result;
}

}  // namespace

Result<std::vector<std::string>> sql_parameters(std::string_view statement) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < statement.size();) {
    if (const auto end = end_of_quoted(statement, at); end != at) {
      at = end;
      continue;
    }
    const char mark = statement[at++];
    if (mark == '?' || mark == '@' || mark == '$') {
      return fail(ErrorCode::InvalidArgument,
                  "The parameters of a statement are written as :name, the name of the tool's argument.");
    }
    if (mark != ':') continue;
    std::size_t end = at;
    while (end < statement.size() && is_word(statement[end])) ++end;
    const std::string name(statement.substr(at, end - at));
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    at = end;
  }
  return names;
}

Tool::Function sql_function(SqlCall call) {
  return [call = std::move(call)](const json::value& arguments,
                                  const ToolContext& context) -> Result<json::value> {
    const auto end = std::chrono::steady_clock::now() + time_left(call.timeout, context);
    return call.database->transaction([&](Session& session) {
      session.end_at(end);
      return run(call, arguments.get_object(), session);
    });
  };
}

}  // namespace ebagent::tools
