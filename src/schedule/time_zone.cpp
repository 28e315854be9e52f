#include "schedule/time_zone.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ebagent::schedule {
namespace {

using std::chrono::seconds;

constexpr std::size_t kHeaderSize = 44;
// More than any zone has by far; what counts more is no zone file.
constexpr std::uint32_t kMaxTransitions = 100'000;
constexpr std::uint32_t kMaxTypes = 256;
// No clock is further from UTC (RFC 8536, section 3.2).
constexpr std::chrono::hours kFurthestOffset{26};

auto malformed(std::string_view why) {
  return fail(ErrorCode::Malformed, "The time zone's file cannot be read: " + std::string{why});
}

// Big-endian two's complement.
std::int64_t integer_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

struct Counts {
  std::uint32_t utc_flags = 0, standard_flags = 0, leaps = 0, transitions = 0, types = 0, letters = 0;

  // Of the data block behind the header, with times of `time_size` bytes.
  [[nodiscard]] std::size_t block_size(std::size_t time_size) const {
    return std::size_t{transitions} * (time_size + 1) + std::size_t{types} * 6 + letters +
           std::size_t{leaps} * (time_size + 4) + standard_flags + utc_flags;
  }
};

std::optional<Counts> counts_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + kHeaderSize || bytes.substr(at, 4) != "TZif" || bytes[at + 4] < '2') {
    return std::nullopt;
  }
  std::array<std::uint32_t, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<std::uint32_t>(integer_at(bytes, at + 20 + i * 4, 4));
  }
  const Counts counts{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
  const bool is_sane = counts.utc_flags <= kMaxTypes && counts.standard_flags <= kMaxTypes &&
                       counts.leaps <= kMaxTransitions && counts.transitions <= kMaxTransitions &&
                       counts.types >= 1 && counts.types <= kMaxTypes && counts.letters <= kMaxTransitions;
  if (!is_sane) return std::nullopt;
  return counts;
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view bytes) {
  constexpr std::size_t kTimeSize = 8;
  const auto old_block = counts_at(bytes, 0);
  if (!old_block) return malformed("it does not begin as a TZif file of version 2.");
  const std::size_t header = kHeaderSize + old_block->block_size(4);
  const auto counts = counts_at(bytes, header);
  if (!counts) return malformed("its second header is damaged.");
  const std::size_t times = header + kHeaderSize;
  const std::size_t footer = times + counts->block_size(kTimeSize);
  if (bytes.size() < footer + 2 || bytes[footer] != '\n' || bytes.back() != '\n') {
    return malformed("it is cut off.");
  }

  const std::size_t indices = times + counts->transitions * kTimeSize;
  const std::size_t types = indices + counts->transitions;
  const auto offset_of = [&](std::size_t type) { return seconds{integer_at(bytes, types + type * 6, 4)}; };
  TimeZone zone;
  zone.before_ = offset_of(0);
  if (std::chrono::abs(zone.before_) >= kFurthestOffset) return malformed("no clock is that wrong.");
  for (std::size_t i = 0; i < counts->transitions; ++i) {
    const std::size_t type = static_cast<unsigned char>(bytes[indices + i]);
    if (type >= counts->types) return malformed("a transition leads to a type that is not there.");
    const std::int64_t at = integer_at(bytes, times + i * kTimeSize, kTimeSize);
    if (!zone.transitions_.empty() && at <= zone.transitions_.back()) {
      return malformed("its transitions are not in order.");
    }
    zone.transitions_.push_back(at);
    zone.offsets_.push_back(offset_of(type));
    if (std::chrono::abs(zone.offsets_.back()) >= kFurthestOffset)
      return malformed("no clock is that wrong.");
  }
  const std::string_view rule = bytes.substr(footer + 1, bytes.size() - footer - 2);
  if (!rule.empty()) {
    BOOST_OUTCOME_TRY(zone.after_, parse_posix_zone(rule));
  }
  return zone;
}

seconds TimeZone::offset_at(TimePoint instant) const {
  const std::int64_t at = std::chrono::floor<seconds>(instant).time_since_epoch().count();
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), at);
  if (next == transitions_.end() && after_) return after_->offset_at(at);
  if (next == transitions_.begin()) return before_;
  return offsets_[static_cast<std::size_t>(next - transitions_.begin()) - 1];
}

LocalTime TimeZone::to_local(TimePoint instant) const {
  return LocalTime{instant.time_since_epoch() + offset_at(instant)};
}

std::optional<TimePoint> TimeZone::first_instant_of(LocalTime local) const {
  const TimePoint as_utc{local.time_since_epoch()};
  std::optional<TimePoint> first;
  const auto consider = [&](seconds offset) {
    const TimePoint instant = as_utc - offset;
    if (offset_at(instant) == offset && (!first || instant < *first)) first = instant;
  };
  // The instant is less than a day away from the same time in UTC: the offset is that at the beginning of
  // this span or one that begins within it.
  const TimePoint begin = as_utc - kFurthestOffset;
  const std::int64_t end = std::chrono::ceil<seconds>(as_utc + kFurthestOffset).time_since_epoch().count();
  consider(offset_at(begin));
  auto next = std::upper_bound(transitions_.begin(), transitions_.end(),
                               std::chrono::floor<seconds>(begin).time_since_epoch().count());
  for (; next != transitions_.end() && *next <= end; ++next) {
    consider(offsets_[static_cast<std::size_t>(next - transitions_.begin())]);
  }
  if (after_ && next == transitions_.end()) {
    consider(after_->standard);
    if (after_->daylight) consider(after_->daylight->offset);
  }
  return first;
}

}  // namespace ebagent::schedule
