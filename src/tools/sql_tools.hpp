#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// SQL that agents may run, by name. Agents choose the name and the parameters (?1, ?2 ...), never the SQL.
using SqlStatements = std::map<std::string, std::string>;

// sql_query (read): runs one of the declared statements. A statement that would change the database is
// refused.
[[nodiscard]] std::vector<Tool> sql_tools(std::shared_ptr<Database> database, SqlStatements statements);

}  // namespace ebagent::tools
