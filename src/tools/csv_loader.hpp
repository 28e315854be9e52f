#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "tools/csv_schema.hpp"
#include "tools/database.hpp"
#include "tools/object_store.hpp"

namespace ebagent::tools {

// Which object is loaded where.
struct CsvLoad {
  std::string bucket;
  std::string key;
  std::string table;
  CsvSchema schema;
};

// Loads CSV objects into tables. The rows of an object carry its bucket, key, etag and row number, so that
// loading the same object again changes nothing, and new content under the same key replaces the rows of the
// old. Bad rows are left out and reported with line and reason; the good ones of the same file are loaded.
// Thread safety: load() may be called from any thread; loads run one after another.
class CsvLoader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CsvLoader>> open(std::shared_ptr<Database> database,
                                                               std::shared_ptr<ObjectStore> objects);

  // Returns the summary: bucket, key, etag, size, table, rows, loaded, rejected, errors [{line, reason}],
  // errors_not_shown, ignored_columns, columns {name: {values, empty, min, max, mean, sum}} of numeric
  // columns. Errors: Malformed for a file that is no CSV or lacks a column, Conflict for a table that is not
  // the loader's own, InvalidArgument for a table name that cannot be, and what the object store says.
  [[nodiscard]] Result<boost::json::object> load(const CsvLoad& what, TimePoint now);

 private:
  CsvLoader(std::shared_ptr<Database> database, std::shared_ptr<ObjectStore> objects)
      : database_(std::move(database)), objects_(std::move(objects)) {}

  const std::shared_ptr<Database> database_;
  const std::shared_ptr<ObjectStore> objects_;
};

}  // namespace ebagent::tools
