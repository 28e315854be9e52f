#include "tools/backup_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

namespace ebagent::tools {
namespace {

constexpr std::int64_t kDefaultKept = 7;  // a week of daily copies

boost::json::object described(const BackupReport& report) {
  boost::json::array copies;
  std::string text;
  for (const BackupCopy& copy : report.copies) {
    copies.push_back({{"database", copy.database},
                      {"file", copy.file.string()},
                      {"bytes", copy.bytes},
                      {"sha256", copy.sha256},
                      {"tables", copy.tables},
                      {"rows", copy.rows},
                      {"integrity", "ok"}});
    text += fmt::format("{}: {} tables, {} rows, {} bytes, verified, {}\n", copy.database, copy.tables,
                        copy.rows, copy.bytes, copy.file.filename().string());
  }
  boost::json::array deleted;
  for (const auto& file : report.deleted) {
    deleted.emplace_back(file.string());
    text += fmt::format("deleted: {}\n", file.filename().string());
  }
  const std::size_t count = report.copies.size();
  const std::size_t removed = report.deleted.size();
  return {{"copies", std::move(copies)},
          {"count", count},
          {"deleted", std::move(deleted)},
          {"deleted_count", removed},
          {"text", std::move(text)}};
}

}  // namespace

std::vector<Tool> backup_tools(std::shared_ptr<const Backup> backup) {
  return {Tool::from(
      "backup",
      "Backs the databases up, verifies the copies and deletes the oldest beyond the number to keep",
      [backup](Arg<"keep", std::optional<std::int64_t>, "Copies to keep of each database; none: 7"> keep,
               const ToolContext& context) -> Result<boost::json::object> {
        const std::int64_t kept = keep->value_or(kDefaultKept);
        BOOST_OUTCOME_TRY(
            const auto report,
            backup->make(context.event().time, static_cast<std::size_t>(std::max<std::int64_t>(kept, 0))));
        return described(report);
      },
      {.effect = Effect::Idempotent})};
}

}  // namespace ebagent::tools
