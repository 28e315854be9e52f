#include "tools/local_services.hpp"

#include <fmt/core.h>

#include <utility>

#include "tools/backup_tools.hpp"
#include "tools/csv_tools.hpp"
#include "tools/declared_tools.hpp"
#include "tools/event_log_tools.hpp"
#include "tools/event_tools.hpp"
#include "tools/incident_tools.hpp"
#include "tools/message_tools.hpp"
#include "tools/report_tools.hpp"
#include "tools/s3_tools.hpp"
#include "tools/scaling_tools.hpp"

namespace ebagent::tools {

Result<std::shared_ptr<LocalServices>> LocalServices::open(LocalServicesOptions options) {
  const std::filesystem::path& folder = options.data_dir;
  std::error_code error;
  std::filesystem::create_directories(folder / "buckets", error);
  if (error) {
    return fail(ErrorCode::Io,
                fmt::format("Cannot make the data folder {}: {}.", folder.string(), error.message()));
  }
  auto services = std::make_shared<LocalServices>();
  services->objects = std::make_shared<FolderObjectStore>(folder / "buckets", options.buckets);
  BOOST_OUTCOME_TRY(services->objects->create_bucket(options.reports_bucket));
  BOOST_OUTCOME_TRY(services->database, Database::open(folder / "services.sqlite"));
  BOOST_OUTCOME_TRY(services->outbox, LocalOutbox::open(services->database));
  BOOST_OUTCOME_TRY(services->scaling, LocalScaling::open(services->database));
  BOOST_OUTCOME_TRY(services->incidents, LocalIncidents::open(services->database));
  BOOST_OUTCOME_TRY(services->event_log, LocalEventLog::open(services->database));
  BOOST_OUTCOME_TRY(services->csv_loader, CsvLoader::open(services->database, services->objects));
  services->statistics = services->event_log;
  auto databases = options.databases;
  databases["services"] = services->database->file();
  services->backup = std::make_shared<Backup>(std::move(databases), folder / "backups");
  services->options = std::move(options);
  return services;
}

void add_local_tools(App& app, const LocalServices& services) {
  const auto add = [&app](std::vector<Tool> family) {
    for (Tool& tool : family) app.tool(std::move(tool));
  };
  add(s3_tools(services.objects));
  add(csv_tools(services.csv_loader, services.objects));
  add(message_tools(services.outbox));
  add(event_log_tools(services.event_log));
  add(incident_tools(services.incidents));
  add(scaling_tools(services.scaling));
  add(sql_tools(services.database, services.options.statements));
  add(report_tools(services.statistics, services.objects, services.options.reports_bucket));
  add(backup_tools(services.backup));
  add(event_tools());
  add_declared_tools(app, {.databases = {{"services", services.database}}});
}

}  // namespace ebagent::tools
