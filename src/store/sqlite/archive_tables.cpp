#include "store/sqlite/archive_tables.hpp"

#include <fmt/core.h>

#include <limits>
#include <optional>

namespace ebagent::store::sqlite {
namespace {

// Texts of one slice, so that a slice of the largest events does not fill the memory.
constexpr std::size_t kMaxSliceBytes = 4 * 1024 * 1024;

constexpr TimePoint kEver{Duration{std::numeric_limits<Duration::rep>::max()}};

}  // namespace

Result<void> ArchiveWrites::keep(const KeepArchive& archive) {
  const auto days = archive.keep ? std::optional{archive.keep->count()} : std::nullopt;
  BOOST_OUTCOME_TRY(keep_.run(archive.archive, days));
  if (keep_.changed_rows() != 0) return success();
  return fail(ErrorCode::Conflict, fmt::format("The archive number {} was used before.", archive.archive));
}

Result<void> ArchiveWrites::drop(const DropArchive& archive) {
  return drop_.run(archive.archive);
}

Result<void> ArchiveWrites::add(const AcceptEvent& event) {
  for (const std::int64_t archive : event.archives) {
    BOOST_OUTCOME_TRY(add_.run(archive, event.time, event.id, event.accepted, *event.json));
    if (add_.changed_rows() == 0) continue;
    BOOST_OUTCOME_TRY(count_.run(archive, 1, event.json->size()));
  }
  return success();
}

Result<std::vector<ArchiveWrites::Old>> ArchiveWrites::old_events(std::int64_t archive, TimePoint before,
                                                                  std::size_t limit) {
  std::vector<Old> old;
  BOOST_OUTCOME_TRY(auto rows, oldest_.query(archive, limit));
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    // They stand in the order in which they were archived: behind one that is too young all are.
    if (!has_row || rows.time(1) >= before) return old;
    old.push_back({rows.integer(0), rows.integer(2)});
  }
}

Result<std::size_t> ArchiveWrites::sweep(TimePoint now, std::size_t limit) {
  struct Bounded {
    std::int64_t id;
    std::optional<Duration> keep;  // absent: dropped
  };
  std::vector<Bounded> archives;
  {
    BOOST_OUTCOME_TRY(auto rows, archives_.query());
    while (true) {
      BOOST_OUTCOME_TRY(const bool has_row, rows.next());
      if (!has_row) break;
      const bool is_dropped = rows.integer(2) != 0;
      archives.push_back(
          {rows.integer(0), is_dropped ? std::nullopt : std::optional{Duration{rows.integer(1)}}});
    }
  }
  std::size_t removed = 0;
  for (const Bounded& archive : archives) {
    if (removed == limit) break;
    const TimePoint before = archive.keep ? now - *archive.keep : kEver;
    BOOST_OUTCOME_TRY(const auto old, old_events(archive.id, before, limit - removed));
    std::int64_t bytes = 0;
    for (const Old& event : old) {
      BOOST_OUTCOME_TRY(delete_event_.run(event.seq));
      bytes += event.bytes;
    }
    removed += old.size();
    if (!old.empty()) {
      BOOST_OUTCOME_TRY(count_.run(archive.id, -static_cast<std::int64_t>(old.size()), -bytes));
    }
    if (!archive.keep && removed < limit) {
      BOOST_OUTCOME_TRY(delete_archive_.run(archive.id));
    }
  }
  return removed;
}

Result<void> ArchiveWrites::clear() {
  return connection_.run("DELETE FROM archived_events; DELETE FROM archives");
}

Result<std::vector<ArchivedEvent>> ArchiveReads::events(const ArchiveSlice& slice) {
  std::vector<ArchivedEvent> events;
  std::size_t bytes = 0;
  BOOST_OUTCOME_TRY(auto rows,
                    events_.query(slice.archive, slice.after.time, slice.after.id, slice.until, slice.limit));
  while (bytes < kMaxSliceBytes) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) break;
    events.push_back({.time = rows.time(0), .id = rows.text(1), .json = rows.text(2)});
    bytes += events.back().json.size();
  }
  return events;
}

Result<ArchiveSize> ArchiveReads::size(std::int64_t archive) {
  BOOST_OUTCOME_TRY(auto rows, size_.query(archive));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? ArchiveSize{rows.integer(0), rows.integer(1)} : ArchiveSize{};
}

}  // namespace ebagent::store::sqlite
