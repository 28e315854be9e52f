#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

enum class ColumnType { String, Integer, Number, Boolean, Date, Email };

// What is declared about one column of a CSV file.
struct CsvColumn {
  std::string name;
  ColumnType type = ColumnType::String;
  bool is_required = false;
  std::optional<double> min;  // the value; of strings and emails their length in bytes
  std::optional<double> max;
  std::optional<std::string> min_date;  // of dates, YYYY-MM-DD
  std::optional<std::string> max_date;
  std::vector<std::string> allowed;  // empty: any
};

// The columns a CSV file must have. Values are checked by it and turned into what a table keeps.
struct CsvSchema {
  char delimiter = ',';
  std::vector<CsvColumn> columns;

  // Reads {"delimiter": ",", "columns": [{"name", "type", "required", "min", "max", "allowed"}]}; the types
  // are string, integer, number, boolean, date (YYYY-MM-DD) and email. InvalidArgument says which column is
  // wrong and how.
  [[nodiscard]] static Result<CsvSchema> parse(const boost::json::value& json);
};

// "integer" and so on.
[[nodiscard]] std::string_view to_string(ColumnType type);

// The value of a field as the table keeps it (an empty field is NULL), or InvalidArgument with the reason,
// which names the column and shows the value.
[[nodiscard]] Result<Cell> read_field(const CsvColumn& column, std::string_view field);

}  // namespace ebagent::tools
