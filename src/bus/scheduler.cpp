#include "bus/scheduler.hpp"

#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "bus/catalog_state.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::bus {
namespace {

// Longest sleep: a rule that is put or enabled, or a clock that is set, is noticed after it. Schedules have
// the precision of a minute.
constexpr std::chrono::seconds kLongestSleep{1};

// After a write that failed.
constexpr std::chrono::seconds kPauseAfterError{1};

std::string write_plan(const ScheduledRule& rule, std::optional<TimePoint> next) {
  boost::json::object plan{{"expression", rule.expression},
                           {"anchor", rule.anchor.time_since_epoch().count()}};
  if (next) plan["next"] = next->time_since_epoch().count();
  return core::write_json(plan);
}

// What a plan that was written down says about the next time.
struct WrittenPlan {
  std::optional<TimePoint> next;
};

// Nullopt when it belongs to another expression or an earlier anchor of the rule, or cannot be read: the rule
// is then planned anew from its anchor.
std::optional<WrittenPlan> read_plan(const std::string& text, const ScheduledRule& rule) {
  const auto parsed = core::parse_json(text);
  if (!parsed || !parsed.value().is_object()) return std::nullopt;
  const auto& plan = parsed.value().get_object();
  const auto* expression = plan.if_contains("expression");
  const auto* anchor = plan.if_contains("anchor");
  if (expression == nullptr || *expression != boost::json::value(rule.expression)) return std::nullopt;
  if (anchor == nullptr || *anchor != boost::json::value(rule.anchor.time_since_epoch().count()))
    return std::nullopt;
  const auto* next = plan.if_contains("next");
  if (next == nullptr) return WrittenPlan{};
  if (!next->is_int64()) return std::nullopt;
  return WrittenPlan{TimePoint{Duration{next->get_int64()}}};
}

// The last time at or before `now` at which a schedule fires that is due since `planned`. Looks back in
// growing steps, so that years of downtime cost no more than days.
TimePoint latest_due(const schedule::Schedule& schedule, TimePoint anchor, TimePoint planned, TimePoint now) {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  constexpr std::array<Duration, 5> kSteps{minutes{2}, hours{2}, days{2}, days{40}, days{400}};
  for (const Duration step : kSteps) {
    if (now - step <= planned) break;
    auto due = schedule.next_after(now - step, anchor);
    if (!due || *due > now) continue;
    for (auto later = due; later && *later <= now; later = schedule.next_after(*later, anchor)) due = later;
    return *due;
  }
  TimePoint latest = planned;
  for (auto later = schedule.next_after(latest, anchor); later && *later <= now;
       later = schedule.next_after(latest, anchor)) {
    latest = *later;
  }
  return latest;
}

Event scheduled_event(const ScheduledRule& rule, TimePoint time) {
  return {.id = core::uuid_from_name(rule.arn + "@" + core::format_utc_millis(time)),
          .detail_type = "Scheduled Event",
          .source = "aws.events",
          .account = rule.scope.account,
          .time = time,
          .region = rule.scope.region,
          .replay_name = std::nullopt,
          .resources = {rule.arn},
          .detail = "{}"};
}

}  // namespace

Scheduler::Scheduler(const Catalog& catalog, Bus& bus, store::Store& store, const Clock& clock)
    : catalog_(catalog), bus_(bus), store_(store), clock_(clock) {}

Result<void> Scheduler::replan() {
  const std::uint64_t version = catalog_.schedules_version();
  if (planned_version_ == version) return success();
  BOOST_OUTCOME_TRY(const auto records, store_.catalog(kScheduleRecord));
  std::map<std::string, std::string> written;
  for (const auto& record : records) written[record.key] = record.json;

  std::map<std::string, Plan> plans;
  for (ScheduledRule& rule : catalog_.scheduled_rules()) {
    BOOST_OUTCOME_TRY(auto schedule, schedule::parse(rule.expression));
    std::optional<WrittenPlan> plan;
    if (const auto found = written.find(rule.arn); found != written.end())
      plan = read_plan(found->second, rule);
    const auto next = plan ? plan->next : schedule.next_after(rule.anchor, rule.anchor);
    std::string arn = rule.arn;
    plans.emplace(std::move(arn), Plan{std::move(rule), std::move(schedule), next});
  }
  plans_ = std::move(plans);
  planned_version_ = version;
  return success();
}

std::optional<TimePoint> Scheduler::next_due() const {
  std::optional<TimePoint> earliest;
  for (const auto& [arn, plan] : plans_) {
    if (plan.next && (!earliest || *plan.next < *earliest)) earliest = plan.next;
  }
  return earliest;
}

Result<std::optional<TimePoint>> Scheduler::tick(TimePoint now) {
  BOOST_OUTCOME_TRYV(replan());
  std::vector<Firing> firings;
  store::Transaction plans_written;
  std::vector<std::pair<Plan*, std::optional<TimePoint>>> fired;
  for (auto& [arn, plan] : plans_) {
    if (!plan.next || *plan.next > now) continue;
    const ScheduledRule& rule = plan.rule;
    const TimePoint due = latest_due(plan.schedule, rule.anchor, *plan.next, now);
    const auto next = plan.schedule.next_after(due, rule.anchor);
    firings.push_back({rule.scope, rule.bus, rule.name, scheduled_event(rule, due)});
    plans_written.emplace_back(
        store::PutCatalog{{std::string{kScheduleRecord}, arn, write_plan(rule, next)}});
    fired.emplace_back(&plan, next);
  }
  if (!fired.empty()) {
    std::promise<Result<void>> outcome;
    bus_.fire(std::move(firings), std::move(plans_written),
              [&outcome](Result<void> result) { outcome.set_value(std::move(result)); });
    BOOST_OUTCOME_TRYV(outcome.get_future().get());
    for (const auto& [plan, next] : fired) plan->next = next;
  }
  return next_due();
}

void Scheduler::run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error) {
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const auto next = tick(clock_.now());
    Duration sleep = kLongestSleep;
    if (!next) {
      if (on_error) on_error(next.error());
      sleep = kPauseAfterError;
    } else if (next.value()) {
      sleep = std::clamp<Duration>(*next.value() - clock_.now(), Duration{1}, kLongestSleep);
    }
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, sleep, [] { return false; });
  }
}

}  // namespace ebagent::bus
