#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Writes archives. Each has its own copies of its events, so that they outlive the deliveries that the same events made,
// and a row of totals, so that telling its size costs nothing. Dropping one is one row; its copies are freed by sweeps.
// Thread safety: used on the writer's thread only.
class ArchiveWrites {
 public:
  explicit ArchiveWrites(Connection& connection) : connection_(connection) {}

  // Conflict for a number that was dropped.
  Result<void> keep(const KeepArchive& archive);
  Result<void> drop(const DropArchive& archive);
  // Copies the event into each of its archives; one that has it already, or is not kept, is left as it is.
  Result<void> add(const AcceptEvent& event);
  // See Store::sweep_archives().
  Result<std::size_t> sweep(TimePoint now, std::size_t limit);
  Result<void> clear();

 private:
  struct Old {
    std::int64_t seq, bytes;
  };
  // Events of one archive that were archived before `before`.
  Result<std::vector<Old>> old_events(std::int64_t archive, TimePoint before, std::size_t limit);

  Connection& connection_;

  Statement keep_{connection_,
                  "INSERT INTO archives (id, keep, dropped, events, bytes) VALUES (?1,?2,0,0,0) "
                  "ON CONFLICT (id) DO UPDATE SET keep = excluded.keep WHERE dropped = 0"};
  Statement drop_{connection_, "UPDATE archives SET dropped = 1, events = 0, bytes = 0 WHERE id = ?1"};
  Statement add_{connection_,
                 "INSERT INTO archived_events (archive, time, id, archived, json) "
                 "SELECT id, ?2, ?3, ?4, ?5 FROM archives WHERE id = ?1 AND dropped = 0 "
                 "ON CONFLICT (archive, time, id) DO NOTHING"};
  Statement count_{
      connection_,
      "UPDATE archives SET events = events + ?2, bytes = bytes + ?3 WHERE id = ?1 AND dropped = 0"};
  Statement archives_{
      connection_,
      "SELECT id, keep, dropped FROM archives WHERE dropped = 1 OR keep IS NOT NULL ORDER BY id"};
  Statement oldest_{
      connection_,
      "SELECT seq, archived, length(CAST(json AS BLOB)) FROM archived_events WHERE archive = ?1 "
      "ORDER BY seq LIMIT ?2"};
  Statement delete_event_{connection_, "DELETE FROM archived_events WHERE seq = ?1"};
  Statement delete_archive_{connection_, "DELETE FROM archives WHERE id = ?1"};
};

// Reads archives. Thread safety: that of its connection.
class ArchiveReads {
 public:
  explicit ArchiveReads(Connection& connection) : connection_(connection) {}

  Result<std::vector<ArchivedEvent>> events(const ArchiveSlice& slice);
  Result<ArchiveSize> size(std::int64_t archive);

 private:
  Connection& connection_;

  Statement events_{connection_,
                    "SELECT e.time, e.id, e.json FROM archived_events e JOIN archives a ON a.id = e.archive "
                    "WHERE e.archive = ?1 AND (e.time, e.id) > (?2, ?3) AND e.time <= ?4 AND a.dropped = 0 "
                    "ORDER BY e.time, e.id LIMIT ?5"};
  Statement size_{connection_, "SELECT events, bytes FROM archives WHERE id = ?1 AND dropped = 0"};
};

}  // namespace ebagent::store::sqlite
