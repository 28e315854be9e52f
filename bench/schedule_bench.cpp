// How late schedules fire: a million schedules in a durable store, all of them live, so many firings a second
// that each comes round once a period. A firing counts when its target is called, that is, after it and the
// schedule's next time are flushed to disk. Everything runs as in `serve` but for the HTTP front; the target
// does nothing.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/target_sender.hpp"
#include "scheduler/firing.hpp"
#include "scheduler/schedule.hpp"
#include "scheduler/schedule_runner.hpp"
#include "scheduler/zones.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

struct Options {
  int schedules = 1'000'000;
  int period_minutes = 16;
  int warm_up_seconds = 10;
  int seconds = 60;
  std::string json;
};

double now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

// Notes how long after its time each firing arrives. The time stands in the first 48 bits of its id.
class Lateness final : public delivery::TargetSender {
 public:
  delivery::SendOutcome send(const store::Delivery& delivery) override {
    const std::string hex = delivery.event_id.substr(0, 8) + delivery.event_id.substr(9, 4);
    const double late = now_ms() - static_cast<double>(std::stoll(hex, nullptr, 16));
    const std::scoped_lock lock{mutex_};
    if (is_counting_) late_ms_.push_back(late);
    return delivery::Delivered{};
  }
  void begin() {
    const std::scoped_lock lock{mutex_};
    is_counting_ = true;
  }
  std::vector<double> end() {
    const std::scoped_lock lock{mutex_};
    is_counting_ = false;
    std::sort(late_ms_.begin(), late_ms_.end());
    return late_ms_;
  }

 private:
  std::mutex mutex_;
  bool is_counting_ = false;
  std::vector<double> late_ms_;
};

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

scheduler::Schedule schedule_number(int number, TimePoint start, const Options& options) {
  const Duration period = std::chrono::minutes{options.period_minutes};
  scheduler::Schedule schedule{.scope = {},
                               .name = "schedule-" + std::to_string(number),
                               .expression = "rate(" + std::to_string(options.period_minutes) + " minutes)",
                               .target = {},
                               .created = start,
                               .modified = start,
                               .anchor = start};
  // In an order of their own, so that neighbours in the store are none in time.
  const auto scattered = static_cast<std::int64_t>(number) * 7'919 % options.schedules;
  schedule.start = start + period * scattered / options.schedules;
  schedule.target = {
      {"Arn", "arn:aws:lambda:us-east-1:000000000000:function:nothing"},
      {"RoleArn", "arn:aws:iam::000000000000:role/bench"},
      {"Input", "{\"number\":" + std::to_string(number) + ",\"at\":\"<aws.scheduler.scheduled-time>\"}"},
      {"RetryPolicy", {{"MaximumEventAgeInSeconds", 86'400}, {"MaximumRetryAttempts", 185}}}};
  return schedule;
}

void load(store::Store& store, TimePoint start, const Options& options) {
  constexpr int kAtOnce = 1'000;
  scheduler::Zones zones;
  core::SystemRandom random;
  store::Transaction writes;
  for (int number = 0; number < options.schedules; ++number) {
    const auto schedule = schedule_number(number, start, options);
    const auto plan = must(scheduler::first_plan(schedule, zones, start, random));
    writes.emplace_back(
        store::PutSchedule{.schedule = {.id = number + 1,
                                        .scope = scheduler::scope_key(schedule.scope),
                                        .group = schedule.group,
                                        .name = schedule.name,
                                        .route = must(store.put_route(scheduler::route_of(schedule))),
                                        .planned = plan.planned,
                                        .due = plan.due,
                                        .json = scheduler::write_record(schedule)},
                           .replaced = std::nullopt});
    if (writes.size() == kAtOnce || number + 1 == options.schedules) {
      must(store.commit_and_wait(std::move(writes)));
      writes = {};
    }
  }
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

long resident_kilobytes() {
  std::ifstream status{"/proc/self/statm"};
  long size = 0;
  long resident = 0;
  status >> size >> resident;
  return resident * 4;
}

boost::json::object measure(store::Store& store, const Options& options) {
  const SystemClock clock;
  core::SystemRandom random;
  scheduler::Zones zones;
  delivery::SenderTable senders;
  const auto lateness = std::make_shared<Lateness>();
  senders.serve_service("lambda", lateness);
  const auto on_error = [](const Error& error) { std::fprintf(stderr, "%s\n", error.message.c_str()); };
  delivery::Dispatcher dispatcher{store, senders, clock, random, on_error};
  scheduler::ScheduleRunner runner{
      store,
      zones,
      clock,
      random,
      [&dispatcher](std::vector<store::Delivery> made) { dispatcher.take(std::move(made)); },
      on_error,
      {}};
  std::jthread running{[&runner](const std::stop_token& stop) { runner.run_until_stopped(stop); }};

  std::this_thread::sleep_for(std::chrono::seconds{options.warm_up_seconds});
  const double cpu_before = cpu_seconds();
  lateness->begin();
  std::this_thread::sleep_for(std::chrono::seconds{options.seconds});
  const auto late = lateness->end();
  const double cpu = cpu_seconds() - cpu_before;
  running.request_stop();
  running.join();
  dispatcher.stop(std::chrono::seconds{10});
  const auto at = [&late](double share) {
    return late.empty() ? 0.0
                        : late[std::min(late.size() - 1,
                                        static_cast<std::size_t>(share * static_cast<double>(late.size())))];
  };
  return {{"firings", late.size()},
          {"firings_per_second", static_cast<double>(late.size()) / options.seconds},
          {"late_ms_p50", at(0.5)},
          {"late_ms_p99", at(0.99)},
          {"late_ms_p999", at(0.999)},
          {"late_ms_max", at(1.0)},
          {"cpu_percent_of_a_core", cpu / options.seconds * 100},
          {"resident_kb", resident_kilobytes()}};
}

}  // namespace
}  // namespace ebagent

int main(int argc, char** argv) {
  using namespace ebagent;
  Options options;
  CLI::App app{"How late schedules fire"};
  app.add_option("--schedules", options.schedules, "How many there are")->capture_default_str();
  app.add_option("--period", options.period_minutes, "Minutes between two firings of one")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long to measure")->capture_default_str();
  app.add_option("--warm-up", options.warm_up_seconds, "Seconds before that")->capture_default_str();
  app.add_option("--json", options.json, "Where to write the figures, too");
  CLI11_PARSE(app, argc, argv);

  const testing::TemporaryFolder folder;
  const auto store = must(store::sqlite::open(folder.path()));
  const auto loading = SteadyClock::now();
  // Loading takes less than this: no schedule is late before the runner begins.
  const TimePoint start = SystemClock{}.now() + std::chrono::seconds{5 + options.schedules / 20'000};
  load(*store, start, options);
  const double load_seconds = std::chrono::duration<double>(SteadyClock::now() - loading).count();
  std::this_thread::sleep_until(start - std::chrono::seconds{2});

  auto figures = measure(*store, options);
  figures["schedules"] = options.schedules;
  figures["loaded_per_second"] = options.schedules / load_seconds;
  std::cout << core::write_json_pretty(figures) << '\n';
  if (!options.json.empty()) std::ofstream{options.json} << core::write_json_pretty(figures) << '\n';
}
