#include "cli/service.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <utility>

#include "agent/agent_target.hpp"
#include "cli/config_rules.hpp"
#include "connections/api_destination_target.hpp"
#include "core/time_format.hpp"
#include "delivery/event_bus_target.hpp"
#include "delivery/schedule_delivery.hpp"
#include "targets/dead_letter_queues.hpp"
#include "targets/http_target.hpp"

namespace ebagent::cli {
namespace {

// A replay waits while more deliveries than this wait for a worker: what live events find before them.
constexpr std::size_t kReplayGivesWay = 256;
constexpr std::chrono::seconds kPutPatience{10};  // how long a found file is tried to be put on the bus

void log_run(telemetry::Log& log, const Event& event, const AgentRun& run) {
  const auto took = run.took.count();
  if (run.state == AgentRunState::Succeeded) {
    log.info(run.repeated ? "event was worked on before" : "run succeeded",
             {{"agent", run.agent},
              {"run_id", run.run_id},
              {"correlation_id", event.id},
              {"detail_type", event.detail_type},
              {"ms", took}});
  } else if (run.state == AgentRunState::Waiting) {
    log.info("run waits for a person", {{"agent", run.agent},
                                        {"run_id", run.run_id},
                                        {"correlation_id", event.id},
                                        {"until", core::format_utc_millis(run.wakes.value_or(TimePoint{}))}});
  } else if (run.state == AgentRunState::Cancelled) {
    log.info("run cancelled", {{"agent", run.agent}, {"run_id", run.run_id}, {"correlation_id", event.id}});
  } else {
    log.error("run failed", {{"agent", run.agent},
                             {"run_id", run.run_id},
                             {"correlation_id", event.id},
                             {"detail_type", event.detail_type},
                             {"ms", took},
                             {"attempt", run.attempts},
                             {"stop_reason", run.stop_reason},
                             {"exception", run.error.message}});
  }
}

// Runs that flow control ended.
void log_over(telemetry::Log& log, const store::Run& run) {
  log.info(run.state == store::RunState::Skipped ? "run skipped" : "run cancelled",
           {{"agent", run.agent},
            {"run_id", run.id},
            {"correlation_id", run.event_id},
            {"reason", run.stop_reason},
            {"why", run.error}});
}

// A URL's query may hold secrets.
std::string target_name(const std::string& arn) {
  return arn.starts_with("http") ? arn.substr(0, arn.find_first_of("?#")) : arn;
}

void log_circuit(telemetry::Log& log, const delivery::CircuitChange& change) {
  if (change.is_open) {
    log.error("target is down", {{"target", target_name(change.target_arn)},
                                 {"paused_until", core::format_utc_millis(change.until)},
                                 {"exception", change.reason}});
  } else {
    log.info("target is up again", {{"target", target_name(change.target_arn)}});
  }
}

}  // namespace

// Events of agents go to the default bus of the event's own account and region.
class Service::Sink final : public EventSink {
 public:
  explicit Sink(Service& service) : service_(service) {}

  Result<void> put_event(const Event& event, const Chain& chain) override {
    service_.wired_.wait();
    const bus::Scope scope{.account = event.account, .region = event.region};
    return service_.bus_->put_and_wait(
        {bus::incoming(scope, std::string{bus::kDefaultBus}, event, chain.hops, chain.trace)});
  }

 private:
  Service& service_;
};

Service::Service(App& app, std::shared_ptr<store::Store> store, ServiceOptions options, telemetry::Log& log)
    : app_(app), log_(log), options_(std::move(options)), store_(std::move(store)) {}

Result<std::unique_ptr<Service>> Service::start(App& app, std::shared_ptr<store::Store> store,
                                                ServiceOptions options, telemetry::Log& log) {
  std::unique_ptr<Service> service{new Service(app, std::move(store), std::move(options), log)};
  BOOST_OUTCOME_TRY(service->begin());
  return service;
}

Result<void> Service::begin() {
  if (options_.logs_steps) {
    BOOST_OUTCOME_TRY(step_log_, StepLog::open(*feed_, log_));
  }
  BOOST_OUTCOME_TRY(catalog_, bus::Catalog::open(*store_, *clock_));
  BOOST_OUTCOME_TRY(put_app_rules());

  app_.use({.store = store_,
            .clock = clock_,
            .random = random_,
            .events = std::make_shared<Sink>(*this),
            .feed = feed_,
            .on_run = [this](const Event& event, const AgentRun& run) { log_run(log_, event, run); }});
  outbound_ = std::make_unique<targets::Outbound>(http_, aws::default_sources(aws::process_environment()),
                                                  options_.outbound, *clock_);
  agents_ = std::make_shared<agent::AgentTarget>(
      app_, agent::AgentTarget::Settings{
                .flow = {.on_over = [this](const store::Run& run) { log_over(log_, run); }},
                .hand_over = [this](std::vector<store::Delivery> deliveries) {
                  wired_.wait();
                  dispatcher_->take(std::move(deliveries));
                }});
  BOOST_OUTCOME_TRY(outbound_->serve(senders_, agents_));

  const bus::Handover handover{
      .deliver =
          [this](std::vector<store::Delivery> deliveries) { dispatcher_->take(std::move(deliveries)); },
      .bury = [this](std::vector<store::MarkDead> verdicts) { dispatcher_->bury(std::move(verdicts)); }};
  bus_ = std::make_unique<bus::Bus>(*catalog_, *store_, *clock_, handover,
                                    bus::BusSettings{.max_hops = app_.settings().hop_limit});
  senders_.serve_service("events",
                         std::make_shared<delivery::EventBusTarget>(*catalog_, *bus_, options_.bus_policies));
  senders_.serve_service("scheduler", std::make_shared<delivery::UniversalTarget>());
  BOOST_OUTCOME_TRY(open_connections());
  dispatcher_ = std::make_unique<delivery::Dispatcher>(
      *store_, senders_, *clock_, *random_,
      [this](const Error& error) {
        log_.error("delivery", {{"exception", error.message}});
      },
      delivery::DispatcherSettings{
          .workers = options_.workers,
          .on_circuit = [this](const delivery::CircuitChange& change) { log_circuit(log_, change); }});
  wired_.count_down();

  scheduler_ = std::make_unique<bus::Scheduler>(*catalog_, *bus_, *store_, *clock_);
  schedule_thread_ = std::jthread([this](const std::stop_token& stop) {
    scheduler_->run_until_stopped(stop, [this](const Error& error) {
      log_.error("schedule", {{"exception", error.message}});
    });
  });
  replayer_ = std::make_unique<bus::Replayer>(
      *catalog_, *bus_, *store_, *clock_,
      bus::ReplayerSettings{.is_crowded = [this] { return dispatcher_->ready() > kReplayGivesWay; }});
  replay_thread_ = std::jthread([this](const std::stop_token& stop) {
    replayer_->run_until_stopped(stop, [this](const Error& error) {
      log_.error("replay", {{"exception", error.message}});
    });
  });
  BOOST_OUTCOME_TRY(start_schedules());
  if (options_.retention) {
    retention_thread_ =
        std::jthread([this](const std::stop_token& stop) { sweep_until_stopped(stop, *options_.retention); });
  }
  // Without an endpoint for SQS dead letters stay here.
  if (outbound_->aws().endpoint(aws::Service::Sqs, options_.scope.region)) {
    dead_letter_thread_ = std::jthread([this](const std::stop_token& stop) { send_dead_letters(stop); });
  }
  return watch_buckets();
}

Result<void> Service::start_schedules() {
  schedule_runner_ = std::make_unique<scheduler::ScheduleRunner>(
      *store_, zones_, *clock_, *random_,
      [this](std::vector<store::Delivery> deliveries) { dispatcher_->take(std::move(deliveries)); },
      [this](const Error& error) {
        log_.error("schedule", {{"exception", error.message}});
      },
      scheduler::ScheduleRunner::Settings{});
  BOOST_OUTCOME_TRY(schedules_,
                    scheduler::Schedules::open(*store_, *clock_, *random_, zones_, *schedule_runner_));
  schedule_runner_thread_ =
      std::jthread([this](const std::stop_token& stop) { schedule_runner_->run_until_stopped(stop); });
  return success();
}

Result<void> Service::open_connections() {
  secrets_ = options_.secret_key ? std::make_unique<connections::SecretBox>(*options_.secret_key)
                                 : std::make_unique<connections::SecretBox>(options_.secret_key_file);
  BOOST_OUTCOME_TRY(connections_, connections::Connections::open(*store_, *clock_, *random_, *secrets_));
  tokens_ = std::make_unique<connections::TokenSource>(*connections_, http_, *clock_);
  authorizer_ = std::make_unique<connections::Authorizer>(*connections_, *tokens_, *clock_);
  if (connections() == nullptr) {
    senders_.serve_resources(
        "events", "api-destination",
        std::make_shared<targets::ClosedTarget>(
            "API destinations need --allow-http-targets on a server that others can reach."));
    return success();
  }
  senders_.serve_resources(
      "events", "api-destination",
      std::make_shared<connections::ApiDestinationTarget>(*connections_, *tokens_, http_, *clock_));
  authorizer_thread_ = std::jthread([this](const std::stop_token& stop) {
    authorizer_->run_until_stopped(stop, [this](const Error& error) {
      log_.error("connection", {{"exception", error.message}});
    });
  });
  return success();
}

Result<void> Service::put_app_rules() {
  std::vector<AppRule> rules;
  if (options_.app_rules == ServiceOptions::AppRules::PutOnBus) {
    rules = app_.rules();
    std::ranges::move(app_.cancel_rules(), std::back_inserter(rules));
  }
  return put_own_rules(*catalog_, options_.scope, app_.name(), rules, options_.buckets);
}

Result<void> Service::reset() {
  const auto no_replay = replayer_->hold();
  settle();
  BOOST_OUTCOME_TRY(store_->clear());
  catalog_->clear();
  schedules_->forget();
  agents_->forget();
  connections_->clear();
  return put_app_rules();
}

void Service::settle() {
  constexpr std::chrono::seconds kPatience{20};
  dispatcher_->wait_idle(kPatience);
}

void Service::sweep_until_stopped(const std::stop_token& stop, const store::RetentionSettings& settings) {
  constexpr std::chrono::minutes kBetweenSweeps{1};
  constexpr std::chrono::milliseconds kBetweenSteps{5};  // the store's other callers come first
  store::Retention retention{*store_, *clock_, settings};
  std::mutex mutex;
  std::condition_variable_any wake;
  const auto wait = [&](std::chrono::milliseconds duration) {
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, duration, [] { return false; });
    return stop.stop_requested();
  };
  while (!stop.stop_requested()) {
    const auto swept = retention.run([&] { return wait(kBetweenSteps); });
    if (!swept) {
      log_.error("retention", {{"exception", swept.error().message}});
    } else if (swept.value().events_removed + swept.value().runs_removed != 0) {
      log_.info("retention", {{"events_removed", swept.value().events_removed},
                              {"runs_removed", swept.value().runs_removed}});
    }
    wait(kBetweenSweeps);
  }
}

void Service::send_dead_letters(const std::stop_token& stop) {
  targets::DeadLetterQueues queues{*store_, outbound_->aws(), *clock_, [this](const Error& error) {
                                     log_.error("dead-letter queue", {{"exception", error.message}});
                                   }};
  queues.run_until_stopped(stop);
}

Result<void> Service::watch_buckets() {
  if (options_.buckets.empty()) return success();
  BOOST_OUTCOME_TRY(watcher_, watch::BucketWatcher::start(
                                  options_.buckets, options_.existing,
                                  [this](const watch::ObjectCreated& object) { object_created(object); },
                                  [this](const Error& error) {
                                    log_.error("bucket", {{"exception", error.message}});
                                  }));
  return success();
}

void Service::object_created(const watch::ObjectCreated& object) {
  const Event event = watch::to_event(object, options_.scope.account, options_.scope.region);
  const auto give_up = clock_->now() + kPutPatience;
  for (;;) {
    const auto put =
        bus_->put_and_wait({bus::incoming(options_.scope, std::string{bus::kDefaultBus}, event)});
    if (put) {
      log_.info("object created",
                {{"bucket", object.bucket}, {"key", object.key}, {"correlation_id", event.id}});
      return;
    }
    if (clock_->now() > give_up) {
      log_.error(
          "object created, but its event could not be stored; start with --existing to have it found again",
          {{"bucket", object.bucket}, {"key", object.key}, {"exception", put.error().message}});
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

void Service::stop(std::chrono::milliseconds patience) {
  watcher_.reset();
  if (retention_thread_.joinable()) {
    retention_thread_.request_stop();
    retention_thread_.join();
  }
  if (authorizer_thread_.joinable()) {
    authorizer_thread_.request_stop();
    authorizer_thread_.join();
  }
  if (replay_thread_.joinable()) {
    replay_thread_.request_stop();
    replay_thread_.join();
  }
  if (schedule_thread_.joinable()) {
    schedule_thread_.request_stop();
    schedule_thread_.join();
  }
  if (schedule_runner_thread_.joinable()) {
    schedule_runner_thread_.request_stop();
    schedule_runner_thread_.join();
  }
  if (dispatcher_) dispatcher_->stop(patience);
  if (dead_letter_thread_.joinable()) {
    dead_letter_thread_.request_stop();
    dead_letter_thread_.join();
  }
  // Transactions are written in order: after this one no callback of an earlier one is still to come.
  (void)store_->commit_and_wait({});
}

Service::~Service() {
  stop(std::chrono::seconds{30});
}

}  // namespace ebagent::cli
