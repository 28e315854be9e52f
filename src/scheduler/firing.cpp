#include "scheduler/firing.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/event.hpp"
#include "event/envelope.hpp"

namespace ebagent::scheduler {
namespace {

namespace json = boost::json;

// The bits of a digest: an id made of them is a function of what was digested.
class DigestBits final : public core::Random {
 public:
  explicit DigestBits(const std::string& text) : digest_(core::sha256_hex(text)) {}

  [[nodiscard]] std::uint64_t next() override {
    std::uint64_t bits = 0;
    const char* const from = digest_.data() + at_;
    std::from_chars(from, from + kDigits, bits, 16);
    at_ = (at_ + kDigits) % digest_.size();
    return bits;
  }

 private:
  static constexpr std::size_t kDigits = 16;
  const std::string digest_;
  std::size_t at_ = 0;
};

// The same for a repetition, and ordered by time, which keeps the store's index of ids cheap.
std::string execution_id(const store::StoredSchedule& stored, const std::string& arn, TimePoint scheduled) {
  DigestBits bits{arn + "@" + core::format_utc_millis(scheduled) + "#" + std::to_string(stored.id)};
  return core::uuid_v7(scheduled, bits);
}

const json::object* parameters_of(const json::object& target, std::string_view name) {
  const auto* value = target.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

// What the target gets: an event of its own for an event bus, else a notification and, beside it, the Input.
Event event_of(const Schedule& schedule, const FiringContext& context) {
  Event event{.id = context.execution_id,
              .detail_type = "Scheduled Event",
              .source = "aws.scheduler",
              .account = schedule.scope.account,
              .time = context.scheduled,
              .region = schedule.scope.region,
              .replay_name = std::nullopt,
              .resources = {context.schedule_arn},
              .detail = "{}"};
  if (const auto* parameters = parameters_of(schedule.target, "EventBridgeParameters")) {
    event.detail_type = core::text_member(*parameters, "DetailType");
    event.source = core::text_member(*parameters, "Source");
    const std::string input = core::text_member(schedule.target, "Input");
    if (!input.empty()) event.detail = with_context(input, context);
  }
  return event;
}

store::AcceptEvent accepted(const Schedule& schedule, const store::StoredSchedule& stored,
                            const FiringContext& context, TimePoint now) {
  std::string envelope;
  event::append_envelope(envelope, event_of(schedule, context));
  store::AcceptEvent event{.id = context.execution_id,
                           .bus = {},
                           .json = std::make_shared<const std::string>(std::move(envelope)),
                           .hops = 0,
                           .accepted = now,
                           .to = {{stored.route, std::nullopt}}};
  const std::string input = core::text_member(schedule.target, "Input");
  const bool is_within_event = schedule.target.contains("EventBridgeParameters");
  if (!input.empty() && !is_within_event) event.to.front().input = with_context(input, context);
  return event;
}

store::MarkDead too_late(std::chrono::seconds max_age, TimePoint now) {
  return {.seq = 0,
          .at = now,
          .attempts = 0,
          .error_code = std::string{delivery::kTimeout},
          .error_message = "Nothing ran when the schedule was due, and more than " +
                           std::to_string(max_age.count()) + " s have passed since then.",
          .exhausted_condition = delivery::kAgeExhausted};
}

TimePoint within_window(TimePoint planned, std::chrono::minutes window, core::Random& random) {
  if (window.count() <= 0) return planned;
  const auto choices = static_cast<std::uint64_t>(Duration{window}.count());
  return planned + Duration{static_cast<std::int64_t>(random.next() % choices)};
}

Plan plan_at(std::optional<TimePoint> planned, const Schedule& schedule, core::Random& random) {
  if (!planned) return {};
  return {planned, within_window(*planned, schedule.window, random)};
}

}  // namespace

store::Route route_of(const Schedule& schedule) {
  json::object target = schedule.target;
  target.erase("Input");
  target["Id"] = "schedule";
  store::Route route{.rule_arn = group_arn(schedule.scope, schedule.group), .target_id = "schedule"};
  route.target_arn = core::text_member(target, "Arn");
  if (const auto* policy = parameters_of(target, "RetryPolicy")) {
    if (const auto* attempts = policy->if_contains("MaximumRetryAttempts")) {
      route.max_attempts = static_cast<int>(attempts->as_int64());
    }
  }
  route.max_age = schedule.max_age();
  if (const auto* dead_letters = parameters_of(target, "DeadLetterConfig")) {
    route.dead_letter_arn = core::text_member(*dead_letters, "Arn");
  }
  route.target_json = core::write_json(target);
  return route;
}

std::string with_context(std::string_view text, const FiringContext& context) {
  constexpr std::string_view kPrefix = "<aws.scheduler.";
  const std::pair<std::string_view, std::string> attributes[] = {
      {"schedule-arn>", context.schedule_arn},
      {"scheduled-time>", core::format_utc_seconds(context.scheduled)},
      {"execution-id>", context.execution_id},
  };
  std::string out;
  out.reserve(text.size());
  while (true) {
    const std::size_t at = text.find(kPrefix);
    if (at == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, at));
    text.remove_prefix(at);
    const std::string_view named = text.substr(kPrefix.size());
    std::size_t used = kPrefix.size();
    std::string_view value = kPrefix;  // what is no attribute stays as it is
    for (const auto& [name, attribute] : attributes) {
      if (!named.starts_with(name)) continue;
      used += name.size();
      value = attribute;
    }
    out.append(value);
    text.remove_prefix(used);
  }
}

Result<Plan> first_plan(const Schedule& schedule, Zones& zones, TimePoint now, core::Random& random) {
  BOOST_OUTCOME_TRY(const auto timetable, timetable_of(schedule, zones));
  if (!schedule.is_enabled) return Plan{};
  // A time that has just passed is made up for as one that was missed.
  const Duration back = timetable.is_recurring() ? Duration{1} : Duration{schedule.max_age()};
  return plan_at(timetable.next_after(now - back), schedule, random);
}

Result<store::FireSchedule> fire(const store::StoredSchedule& stored, Zones& zones, TimePoint now,
                                 core::Random& random) {
  BOOST_OUTCOME_TRY(const auto schedule, read_record(stored));
  BOOST_OUTCOME_TRY(const auto timetable, timetable_of(schedule, zones));
  const TimePoint due = stored.due.value_or(now);
  TimePoint scheduled = stored.planned.value_or(due);
  const bool was_missed = now - due > kMissedAfter;
  if (was_missed && timetable.is_recurring()) scheduled = timetable.latest(scheduled, now);

  const std::string arn = schedule_arn(schedule);
  const FiringContext context{arn, scheduled, execution_id(stored, arn, scheduled)};
  Plan next = plan_at(timetable.next_after(scheduled), schedule, random);
  // Windows that overlap: the next time's instant has passed while this one's was waited for. It was not missed.
  if (next.due) next.due = std::max(*next.due, now);
  store::AcceptEvent event = accepted(schedule, stored, context, now);
  const auto max_age = schedule.max_age();
  if (was_missed && now - scheduled > max_age + schedule.window) {
    event.to.front().verdict = std::make_shared<const store::MarkDead>(too_late(max_age, now));
  }
  return store::FireSchedule{.id = stored.id,
                             .due = due,
                             .event = std::move(event),
                             .planned = next.planned,
                             .next_due = next.due,
                             .is_deleted = !next.planned && schedule.deletes_itself};
}

}  // namespace ebagent::scheduler
