#pragma once

#include <atomic>
#include <filesystem>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "agent/agent_target.hpp"
#include "agent/run_feed.hpp"
#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "bus/replayer.hpp"
#include "bus/scheduler.hpp"
#include "cli/options.hpp"
#include "cli/step_log.hpp"
#include "connections/authorizer.hpp"
#include "connections/connections.hpp"
#include "connections/secret_box.hpp"
#include "connections/token_source.hpp"
#include "core/ids.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/event_bus_target.hpp"
#include "ebagent/app.hpp"
#include "http/curl_client.hpp"
#include "scheduler/schedule_runner.hpp"
#include "scheduler/schedules.hpp"
#include "scheduler/zones.hpp"
#include "store/retention.hpp"
#include "store/store.hpp"
#include "targets/outbound.hpp"
#include "telemetry/log.hpp"
#include "watch/bucket_watcher.hpp"

namespace ebagent::cli {

struct ServiceOptions {
  bus::Scope scope;  // of schedules, buckets and callers that name none
  std::size_t workers = 32;
  std::vector<watch::WatchedBucket> buckets;
  watch::ExistingFiles existing = watch::ExistingFiles::Ignore;
  std::optional<store::RetentionSettings> retention = {};  // absent: nothing is ever removed
  targets::OutboundSettings outbound = {};
  std::filesystem::path secret_key_file = {};             // made when the first secret is sealed
  std::optional<connections::SecretKey> secret_key = {};  // instead of the file
  delivery::EventBusTarget::Policies bus_policies = delivery::EventBusTarget::Policies::Ignored;
  enum class AppRules { KeepOff, PutOnBus } app_rules = AppRules::KeepOff;
  bool logs_steps = false;  // of runs, as they are begun and ended
};

// A bus with an app behind it, running: events put to the bus are stored, routed and delivered to the app's
// agents, schedules fire, watched folders send events. Everything but the HTTP front. Thread safety: the
// members may be called from any thread; start and destruction belong to one.
class Service {
 public:
  // `app` must have been started; it gets the service's store and sink for events. The log must outlive the
  // service.
  static Result<std::unique_ptr<Service>> start(App& app, std::shared_ptr<store::Store> store,
                                                ServiceOptions options, telemetry::Log& log);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] bus::Catalog& catalog() { return *catalog_; }
  [[nodiscard]] bus::Bus& bus() { return *bus_; }
  // Null when this server may not send to URLs that its callers name.
  [[nodiscard]] connections::Connections* connections() {
    return options_.outbound.http_targets == targets::OutboundSettings::HttpTargets::Open ? connections_.get()
                                                                                          : nullptr;
  }
  [[nodiscard]] delivery::Dispatcher& dispatcher() { return *dispatcher_; }
  [[nodiscard]] scheduler::Schedules& schedules() { return *schedules_; }
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] agent::RunFeed& feed() { return *feed_; }

  // Forgets all events, runs and rules but those of the app itself. Waits a little for attempts that run.
  Result<void> reset();
  // Waits until the first attempt of everything accepted so far is done, at most as long as a client waits.
  void settle();

  // Ends within `patience` if the attempts that run allow it; what is open stays in the store.
  void stop(std::chrono::milliseconds patience);

 private:
  class Sink;

  Service(App& app, std::shared_ptr<store::Store> store, ServiceOptions options, telemetry::Log& log);
  Result<void> begin();
  Result<void> open_connections();
  Result<void> put_app_rules();
  Result<void> start_schedules();
  Result<void> watch_buckets();
  void send_dead_letters(const std::stop_token& stop);
  void sweep_until_stopped(const std::stop_token& stop, const store::RetentionSettings& settings);
  void object_created(const watch::ObjectCreated& object);

  App& app_;
  telemetry::Log& log_;
  const ServiceOptions options_;
  const std::shared_ptr<const Clock> clock_ = std::make_shared<SystemClock>();
  const std::shared_ptr<core::Random> random_ = std::make_shared<core::SystemRandom>();
  const std::shared_ptr<store::Store> store_;
  const std::shared_ptr<agent::RunFeed> feed_ = std::make_shared<agent::RunFeed>();
  std::unique_ptr<StepLog> step_log_;  // null: steps are not logged
  http::CurlClient http_;
  std::unique_ptr<targets::Outbound> outbound_;
  std::shared_ptr<agent::AgentTarget> agents_;
  delivery::SenderTable senders_;
  std::latch wired_{
      1};  // opened once every part stands; agents of earlier deliveries may put events before that
  std::unique_ptr<bus::Catalog> catalog_;
  std::unique_ptr<connections::SecretBox> secrets_;
  std::unique_ptr<connections::Connections> connections_;
  std::unique_ptr<connections::TokenSource> tokens_;
  std::unique_ptr<connections::Authorizer> authorizer_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  std::unique_ptr<bus::Scheduler> scheduler_;
  std::unique_ptr<bus::Replayer> replayer_;
  scheduler::Zones zones_;
  std::unique_ptr<scheduler::ScheduleRunner> schedule_runner_;
  std::unique_ptr<scheduler::Schedules> schedules_;
  std::unique_ptr<watch::BucketWatcher> watcher_;
  std::jthread schedule_thread_;
  std::jthread schedule_runner_thread_;
  std::jthread replay_thread_;
  std::jthread authorizer_thread_;
  std::jthread retention_thread_;
  std::jthread dead_letter_thread_;
};

}  // namespace ebagent::cli
