#include "operations/operations.hpp"

#include "operations/event_tools.hpp"
#include "operations/order_processor.hpp"
#include "operations/samples.hpp"
#include "operations/shop.hpp"

namespace ebagent::operations {
namespace {

// What sql_query may ask.
tools::SqlStatements declared_statements() {
  return {
      {"open_incidents",
       "SELECT id, alarm, opened_at FROM incidents WHERE is_open = 1 ORDER BY opened_at LIMIT ?1"},
      {"stock", "SELECT sku, quantity FROM inventory WHERE sku = ?1"},
      {"customer", "SELECT customer_id, email, orders, spent_cents FROM customers WHERE customer_id = ?1"},
      {"sales_by_country",
       "SELECT country, count(*) AS orders, sum(amount) AS amount FROM sales GROUP BY country"}};
}

struct Installed {
  std::shared_ptr<tools::LocalServices> services;
  std::shared_ptr<Shop> shop;
};

Result<Installed> add_tools_to(App& app, const Options& options) {
  tools::LocalServicesOptions local;
  local.data_dir = options.data_dir;
  local.buckets = options.buckets;
  local.databases = options.databases;
  local.statements = declared_statements();
  Installed installed;
  BOOST_OUTCOME_TRY(installed.services, tools::LocalServices::open(std::move(local)));
  if (options.statistics != nullptr) installed.services->statistics = options.statistics;
  BOOST_OUTCOME_TRY(installed.shop, Shop::open(installed.services->database));
  if (options.samples == Options::Samples::Install) {
    BOOST_OUTCOME_TRY(install_samples(*installed.services, *installed.shop));
  }
  tools::add_local_tools(app, *installed.services);
  for (Tool& tool : event_reading_tools(installed.services->objects)) app.tool(std::move(tool));
  return installed;
}

// The file of an embedded store below its data folder.
constexpr const char* kStoreFile = "events.db";

Options options_at(const Place& place) {
  Options options;
  options.data_dir = place.data;
  options.buckets = place.buckets;
  if (place.config) options.samples = Options::Samples::None;
  if (std::filesystem::exists(place.data / kStoreFile)) options.databases["events"] = place.data / kStoreFile;
  return options;
}

}  // namespace

Result<void> add_tools(App& app, const Options& options) {
  BOOST_OUTCOME_TRY(add_tools_to(app, options));
  return success();
}

Result<void> set_up(App& app, const Options& options) {
  BOOST_OUTCOME_TRY(const auto installed, add_tools_to(app, options));
  add_order_processor(app, installed.shop);
  return app.load_text(agents_yaml(), "agents.yaml (built in)");
}

Result<App> make_app(const Options& options, AppPorts ports) {
  App app{"eventbridge-agent", std::move(ports)};
  BOOST_OUTCOME_TRY(set_up(app, options));
  return app;
}

void install(App& app) {
  app.default_config(std::string{agents_yaml()}, "agents.yaml (built in)");
  app.on_start([](App& starting, const Place& place) -> Result<void> {
    BOOST_OUTCOME_TRY(const auto installed, add_tools_to(starting, options_at(place)));
    add_order_processor(starting, installed.shop);
    return success();
  });
}

}  // namespace ebagent::operations
