#include "store/sqlite/reader.hpp"

#include <algorithm>
#include <utility>

#include "store/sqlite/route_table.hpp"
#include "store/sqlite/schema.hpp"

namespace ebagent::store::sqlite {
namespace {

// Rows with whole events in them are held in memory at once; a page of this many is more than anybody reads.
constexpr std::size_t kMaxRows = 10'000;

DeadLetter dead_letter_from(const Query& row) {
  DeadLetter letter;
  letter.seq = row.integer(0);
  letter.event_id = row.text(1);
  letter.event = row.text(2);
  letter.input = row.optional_text(3);
  letter.attempts = row.small(4);
  letter.hops = row.small(5);
  letter.accepted = row.time(6);
  letter.died = row.time(7);
  letter.error_code = row.text(8);
  letter.error_message = row.text(9);
  letter.exhausted_condition = row.text(10);
  letter.route = route_from(row, 11);
  return letter;
}

}  // namespace

Result<std::optional<TimePoint>> Reader::next_due() {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, next_due_.query());
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? std::optional{rows.time(0)} : std::nullopt;
}

Result<bool> Reader::is_open(std::int64_t seq) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, is_open_.query(seq));
  return rows.next();
}

Result<std::vector<CatalogRecord>> Reader::catalog(std::string_view kind) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, catalog_.query(kind));
  std::vector<CatalogRecord> records;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return records;
    records.push_back({rows.text(0), rows.text(1), rows.text(2)});
  }
}

Result<std::optional<std::string>> Reader::event_by_id(std::string_view id) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, event_by_id_.query(id));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? std::optional{rows.text(0)} : std::nullopt;
}

Result<std::vector<DeadLetter>> Reader::dead_letters(std::size_t limit) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, dead_letters_.query(std::min(limit, kMaxRows)));
  std::vector<DeadLetter> letters;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return letters;
    letters.push_back(dead_letter_from(rows));
  }
}

Result<std::vector<DeadLetter>> Reader::dead_letters_to_send(TimePoint now, std::size_t limit) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, dead_letters_to_send_.query(now, std::min(limit, kMaxRows)));
  std::vector<DeadLetter> letters;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return letters;
    letters.push_back(dead_letter_from(rows));
  }
}

Result<std::optional<DeadLetter>> Reader::dead_letter(std::int64_t seq) {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, dead_letter_.query(seq));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? std::optional{dead_letter_from(rows)} : std::nullopt;
}

Result<std::uint64_t> Reader::used_bytes() {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(const std::int64_t pages, connection_->integer("PRAGMA page_count"));
  BOOST_OUTCOME_TRY(const std::int64_t free, connection_->integer("PRAGMA freelist_count"));
  return static_cast<std::uint64_t>(pages - free) * kPageBytes;
}

Result<EventCounts> Reader::counts() {
  const std::scoped_lock lock{connection_->mutex()};
  BOOST_OUTCOME_TRY(auto rows, counts_.query());
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  if (!is_there)
    return fail(ErrorCode::Io, "The store " + connection_->name() + " is damaged: its counters are gone.");
  return EventCounts{rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)};
}

Result<std::optional<Run>> Reader::run_by_key(std::string_view key) {
  const std::scoped_lock lock{connection_->mutex()};
  return runs_.by_key(key);
}

Result<std::optional<Run>> Reader::run_by_id(std::string_view id) {
  const std::scoped_lock lock{connection_->mutex()};
  return runs_.by_id(id);
}

Result<std::vector<Run>> Reader::runs(const RunFilter& filter) {
  RunFilter bounded = filter;
  bounded.limit = std::min(filter.limit, kMaxRows);
  const std::scoped_lock lock{connection_->mutex()};
  return runs_.matching(bounded);
}

Result<std::vector<Step>> Reader::steps(std::string_view run_id) {
  const std::scoped_lock lock{connection_->mutex()};
  return runs_.steps(run_id);
}

Result<std::vector<ArchivedEvent>> Reader::archived_events(const ArchiveSlice& slice) {
  ArchiveSlice bounded = slice;
  bounded.limit = std::min(slice.limit, kMaxRows);
  const std::scoped_lock lock{connection_->mutex()};
  return archives_.events(bounded);
}

Result<ArchiveSize> Reader::archive_size(std::int64_t archive) {
  const std::scoped_lock lock{connection_->mutex()};
  return archives_.size(archive);
}

Result<std::optional<StoredSchedule>> Reader::schedule(std::string_view scope, std::string_view group,
                                                       std::string_view name) {
  const std::scoped_lock lock{connection_->mutex()};
  return schedules_.by_name(scope, group, name);
}

Result<SchedulePage> Reader::schedules(const ScheduleFilter& filter) {
  ScheduleFilter bounded = filter;
  bounded.limit = std::min(filter.limit, kMaxRows);
  const std::scoped_lock lock{connection_->mutex()};
  return schedules_.matching(bounded);
}

Result<std::vector<StoredSchedule>> Reader::schedules_due(SchedulePlace after, TimePoint until,
                                                          std::size_t limit) {
  const std::scoped_lock lock{connection_->mutex()};
  return schedules_.due(after, until, std::min(limit, kMaxRows));
}

Result<std::int64_t> Reader::last_schedule_id() {
  const std::scoped_lock lock{connection_->mutex()};
  return schedules_.last_id();
}

}  // namespace ebagent::store::sqlite
