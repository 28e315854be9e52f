#pragma once

#include "ebagent/result.hpp"
#include "store/sqlite/connection.hpp"

namespace ebagent::store::sqlite {

inline constexpr int kPageBytes = 8'192;  // fits several events a page; measured best for 1 KB events
inline constexpr int kSchemaVersion = 7;  // kept as the file's user_version

// Makes the tables in an empty database; brings those of an older version to this one. Io when the file is another
// program's or damaged, Unsupported when a newer version of this program made it. The tables are described in
// docs/store-schema.md.
Result<void> make_schema(Connection& connection);

// The same checks without making anything: NotFound when there are no tables, Unsupported when they are of an older version.
Result<void> check_schema(Connection& connection);

}  // namespace ebagent::store::sqlite
