#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "ebagent/app.hpp"
#include "ebagent/result.hpp"
#include "tools/backup.hpp"
#include "tools/csv_loader.hpp"
#include "tools/database.hpp"
#include "tools/event_log.hpp"
#include "tools/folder_object_store.hpp"
#include "tools/incidents.hpp"
#include "tools/outbox.hpp"
#include "tools/scaling.hpp"
#include "tools/sql_tools.hpp"

namespace ebagent::tools {

// Where local stand-ins keep what they are given.
struct LocalServicesOptions {
  std::filesystem::path data_dir;                          // gets buckets/, services.sqlite and backups/
  std::map<std::string, std::filesystem::path> buckets;    // buckets that are folders elsewhere
  std::map<std::string, std::filesystem::path> databases;  // backed up besides services.sqlite
  SqlStatements statements;                                // what sql_query may run
  std::string reports_bucket = "reports";
};

// Stand-ins for the services that agents act on, all under one folder: what AWS would do happens here as far
// as it can (objects, tables) or is recorded and marked as simulated (mail, notifications, capacity). Thread
// safety: every service may be used from any thread; the members themselves are set once.
struct LocalServices {
  // Makes the folder and what is in it, or opens it again.
  [[nodiscard]] static Result<std::shared_ptr<LocalServices>> open(LocalServicesOptions options);

  LocalServicesOptions options;
  std::shared_ptr<FolderObjectStore> objects;
  std::shared_ptr<Database> database;
  std::shared_ptr<LocalOutbox> outbox;
  std::shared_ptr<LocalScaling> scaling;
  std::shared_ptr<LocalIncidents> incidents;
  std::shared_ptr<LocalEventLog> event_log;
  std::shared_ptr<EventStatistics> statistics;  // what reports count; the event log unless replaced
  std::shared_ptr<CsvLoader> csv_loader;
  std::shared_ptr<Backup> backup;
};

// Registers every built-in tool over these services with the app, and lets its agents.yaml declare more (database: services).
void add_local_tools(App& app, const LocalServices& services);

}  // namespace ebagent::tools
