#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ebagent/clock.hpp"
#include "fuzz/disagreement.hpp"
#include "schedule/posix_zone.hpp"
#include "schedule/schedule.hpp"
#include "schedule/time_zone.hpp"
#include "schedule/timetable.hpp"

// Any bytes as a schedule expression, on the clocks of a zone that other bytes make: it is refused with a
// reason, or its times are in order, end, and are the same however they are asked for. The input is a zone
// file or the text of a zone's rule, a zero byte, and the expression.
namespace ebagent::schedule {
namespace {

using pattern::disagree;
using std::chrono::days;

constexpr int kTimes = 20;
constexpr TimePoint kFrom{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

// A zone file with no transitions and `rule` in its footer.
std::string zone_file(std::string_view rule) {
  std::string header = "TZif2";
  header.resize(44);
  header[43] = 4;  // letters of names
  header[39] = 1;  // types
  const std::string type{"\0\0\0\0\0\0UTC\0", 10};
  return header + type + header + type + "\n" + std::string{rule} + "\n";
}

void check_zone(const TimeZone& zone) {
  for (int month = 0; month < 24; ++month) {
    const TimePoint instant = kFrom + days{30} * month;
    const auto local = zone.to_local(instant);
    const auto first = zone.first_instant_of(local);
    // What clocks show is shown at some instant, and that is not after this one.
    if (!first || zone.to_local(*first) != local || *first > instant) {
      disagree("a time that clocks show is not found",
               {{"instant", std::to_string(instant.time_since_epoch().count())}});
    }
  }
}

void check_times(std::string_view expression, const Timetable& timetable) {
  TimePoint after = kFrom;
  std::optional<TimePoint> first;
  std::optional<TimePoint> last;
  for (int i = 0; i < kTimes; ++i) {
    const auto next = timetable.next_after(after);
    if (!next) break;
    if (*next <= after || *next >= kEndOfSchedules || timetable.next_after(*next - Duration{1}) != next) {
      disagree("times are not in order", {{"expression", std::string{expression}}});
    }
    if (!first) first = next;
    last = next;
    after = *next;
  }
  if (first && timetable.latest(*first, *last) != *last) {
    disagree("the latest time is another", {{"expression", std::string{expression}}});
  }
}

}  // namespace
}  // namespace ebagent::schedule

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::schedule;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.rfind('\0');
  const std::string_view zone_text =
      end == std::string_view::npos ? std::string_view{} : input.substr(0, end);
  const std::string_view expression = input.substr(end == std::string_view::npos ? 0 : end + 1);

  auto zone = TimeZone::parse(zone_text.starts_with("TZif") ? std::string{zone_text} : zone_file(zone_text));
  // A file may claim offsets that no clock has; what holds for those is only that nothing breaks.
  if (zone && !zone_text.starts_with("TZif")) check_zone(zone.value());
  const auto rule = parse(expression);
  if (!rule && rule.error().message.empty()) disagree("refused without a reason", {});
  auto parsed = parse_zoned(expression);
  if (!parsed) {
    if (parsed.error().message.empty()) disagree("refused without a reason", {});
    if (rule) disagree("a rule takes what Scheduler refuses", {{"expression", std::string{expression}}});
    return 0;
  }
  const bool is_own_zone = zone && !zone_text.starts_with("TZif");
  const auto clocks = std::make_shared<const TimeZone>(is_own_zone ? std::move(zone).value() : TimeZone{});
  check_times(expression, {std::move(parsed).value(), clocks, {.start = kFrom, .end = std::nullopt}});
  return 0;
}
