#include "tools/csv_schema.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

#include "core/json.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxColumns = 500;
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxAllowed = 1'000;
constexpr std::size_t kMaxShownBytes =
    60;  // of a bad value in a message: enough to find it, not to flood the report

constexpr std::array<std::pair<std::string_view, ColumnType>, 6> kTypes{{{"string", ColumnType::String},
                                                                         {"integer", ColumnType::Integer},
                                                                         {"number", ColumnType::Number},
                                                                         {"boolean", ColumnType::Boolean},
                                                                         {"date", ColumnType::Date},
                                                                         {"email", ColumnType::Email}}};

std::string shown(std::string_view value) {
  std::string text;
  for (const char c : value.substr(0, kMaxShownBytes)) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  // A cut in the middle of a character would leave text that is no UTF-8.
  while (!text.empty() && !core::is_utf8(text)) text.pop_back();
  if (text.size() < value.size()) text += "...";
  return text;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Source: https://www.rfc-editor.org/rfc/rfc3339#section-5.6 (full-date)
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = read_number<int>(text.substr(0, 4));
  const auto month = read_number<unsigned>(text.substr(5, 2));
  const auto day = read_number<unsigned>(text.substr(8, 2));
  if (!year || !month || !day || *year < 0) return false;
  return std::chrono::year_month_day{std::chrono::year{*year}, std::chrono::month{*month},
                                     std::chrono::day{*day}}
      .ok();
}

// What mail programs accept in practice: one @, no spaces, a domain of at least two labels. Not all that RFC
// 5322 allows.
bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 ||
      text.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  const auto is_control_or_space = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == ',' || c == ';';
  };
  if (std::ranges::any_of(text, is_control_or_space)) return false;
  const std::string_view domain = text.substr(at + 1);
  const std::size_t dot = domain.find('.');
  return dot != std::string_view::npos && dot > 0 && domain.back() != '.' &&
         domain.find("..") == std::string_view::npos;
}

std::optional<bool> read_boolean(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower == "true" || lower == "yes" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "0") return false;
  return std::nullopt;
}

Error reason(const CsvColumn& column, std::string_view field, std::string_view wrong) {
  return {ErrorCode::InvalidArgument, fmt::format("column '{}': '{}' {}", column.name, shown(field), wrong)};
}

std::string written(double number) {
  return core::write_json(json::value(number));
}

Result<void> check_range(const CsvColumn& column, std::string_view field, double value,
                         std::string_view what) {
  if (column.min && value < *column.min)
    return fail(reason(column, field, fmt::format("{}is less than {}", what, written(*column.min))));
  if (column.max && value > *column.max)
    return fail(reason(column, field, fmt::format("{}is more than {}", what, written(*column.max))));
  return success();
}

// Reads the bound `name` of a column; dates have theirs as text.
Result<void> read_bound(const json::object& object, std::string_view name, const CsvColumn& column,
                        std::optional<double>& number, std::optional<std::string>& date) {
  const json::value* bound = object.if_contains(name);
  if (bound == nullptr) return success();
  if (column.type == ColumnType::Date) {
    if (!bound->is_string() || !is_date(bound->as_string())) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("Column '{}': \"{}\" must be a date like \"2026-01-26\".", column.name, name));
    }
    date = std::string{bound->as_string()};
    return success();
  }
  if (!bound->is_number()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("Column '{}': \"{}\" must be a number.", column.name, name));
  }
  number = bound->to_number<double>();
  return success();
}

Result<void> read_allowed(const json::object& object, CsvColumn& column) {
  const json::value* allowed = object.if_contains("allowed");
  if (allowed == nullptr) return success();
  if (!allowed->is_array() || allowed->as_array().empty() || allowed->as_array().size() > kMaxAllowed) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("Column '{}': \"allowed\" must list 1 to {} values.", column.name, kMaxAllowed));
  }
  for (const json::value& value : allowed->as_array()) {
    column.allowed.push_back(value.is_string() ? std::string{value.as_string()} : core::write_json(value));
  }
  return success();
}

Result<CsvColumn> read_column(const json::value& json, std::size_t position) {
  const json::object* object = json.if_object();
  const json::value* name = object == nullptr ? nullptr : object->if_contains("name");
  if (name == nullptr || !name->is_string() || name->as_string().empty() ||
      name->as_string().size() > kMaxNameBytes || name->as_string().front() == '_') {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("Column {} of the schema needs a \"name\" of 1 to {} bytes that does not begin with '_'.",
                    position, kMaxNameBytes));
  }
  CsvColumn column;
  column.name = std::string{name->as_string()};
  for (const auto& member : *object) {
    constexpr std::array<std::string_view, 6> kKnown{"name", "type", "required", "min", "max", "allowed"};
    if (std::ranges::find(kKnown, std::string_view{member.key()}) == kKnown.end()) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format(
              "Column '{}': \"{}\" is not known; a column has name, type, required, min, max and allowed.",
              column.name, std::string_view{member.key()}));
    }
  }
  if (const json::value* type = object->if_contains("type")) {
    const auto known = std::ranges::find_if(kTypes, [&](const auto& entry) {
      return type->is_string() && entry.first == std::string_view{type->as_string()};
    });
    if (known == kTypes.end()) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("Column '{}': the type must be string, integer, number, boolean, date or email.",
                      column.name));
    }
    column.type = known->second;
  }
  if (const json::value* required = object->if_contains("required")) {
    if (!required->is_bool()) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("Column '{}': \"required\" must be true or false.", column.name));
    }
    column.is_required = required->as_bool();
  }
  BOOST_OUTCOME_TRY(read_bound(*object, "min", column, column.min, column.min_date));
  BOOST_OUTCOME_TRY(read_bound(*object, "max", column, column.max, column.max_date));
  BOOST_OUTCOME_TRY(read_allowed(*object, column));
  return column;
}

}  // namespace

std::string_view to_string(ColumnType type) {
  return std::ranges::find(kTypes, type, &std::pair<std::string_view, ColumnType>::second)->first;
}

Result<CsvSchema> CsvSchema::parse(const json::value& json) {
  CsvSchema schema;
  const json::object* object = json.if_object();
  const json::value* columns = object == nullptr ? nullptr : object->if_contains("columns");
  if (columns == nullptr || !columns->is_array() || columns->as_array().empty() ||
      columns->as_array().size() > kMaxColumns) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The schema must be an object with \"columns\", a list of 1 to {} columns.",
                            kMaxColumns));
  }
  if (const json::value* delimiter = object->if_contains("delimiter")) {
    constexpr std::string_view kAllowed = ",;\t|";
    if (!delimiter->is_string() || delimiter->as_string().size() != 1 ||
        kAllowed.find(delimiter->as_string().front()) == std::string_view::npos) {
      return fail(ErrorCode::InvalidArgument, "The delimiter must be one of ',', ';', '|' and a tab.");
    }
    schema.delimiter = delimiter->as_string().front();
  }
  std::set<std::string> names;
  for (const json::value& entry : columns->as_array()) {
    BOOST_OUTCOME_TRY(auto column, read_column(entry, schema.columns.size() + 1));
    // SQLite does not tell names apart that differ only in case.
    std::string folded = column.name;
    std::ranges::transform(folded, folded.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!names.insert(folded).second) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("The schema names the column '{}' twice.", column.name));
    }
    schema.columns.push_back(std::move(column));
  }
  return schema;
}

Result<Cell> read_field(const CsvColumn& column, std::string_view field) {
  if (field.empty()) {
    if (column.is_required)
      return fail(ErrorCode::InvalidArgument, fmt::format("column '{}' is required and empty", column.name));
    return Cell{nullptr};
  }
  if (!column.allowed.empty() && std::ranges::find(column.allowed, field) == column.allowed.end()) {
    return fail(reason(column, field, "is not one of the allowed values"));
  }
  switch (column.type) {
    case ColumnType::Integer: {
      const auto value = read_number<std::int64_t>(field);
      if (!value) return fail(reason(column, field, "is not a whole number"));
      BOOST_OUTCOME_TRY(check_range(column, field, static_cast<double>(*value), ""));
      return Cell{*value};
    }
    case ColumnType::Number: {
      const auto value = read_number<double>(field);
      if (!value || !std::isfinite(*value)) return fail(reason(column, field, "is not a number"));
      BOOST_OUTCOME_TRY(check_range(column, field, *value, ""));
      return Cell{*value};
    }
    case ColumnType::Boolean: {
      const auto value = read_boolean(field);
      if (!value) return fail(reason(column, field, "is neither true nor false"));
      return Cell{std::int64_t{*value ? 1 : 0}};
    }
    case ColumnType::Date:
      if (!is_date(field)) return fail(reason(column, field, "is not a date like 2026-01-26"));
      if (column.min_date && field < *column.min_date)
        return fail(reason(column, field, "is before " + *column.min_date));
      if (column.max_date && field > *column.max_date)
        return fail(reason(column, field, "is after " + *column.max_date));
      return Cell{std::string{field}};
    case ColumnType::Email:
      if (!is_email(field)) return fail(reason(column, field, "is not an email address"));
      break;
    case ColumnType::String:
      break;
  }
  BOOST_OUTCOME_TRY(check_range(column, field, static_cast<double>(field.size()), "has a length that "));
  return Cell{std::string{field}};
}

}  // namespace ebagent::tools
