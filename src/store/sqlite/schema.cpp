#include "store/sqlite/schema.hpp"

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ebagent::store::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 0x45424147;  // "EBAG": tells our files from other SQLite databases

// What takes a store from one version to the next: the first makes version 1 of an empty file, the last makes
// kSchemaVersion. What is here never changes once it was released; a change of the tables is one more step.
constexpr const char* kFirstTables = R"sql(
CREATE TABLE state (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  epoch         INTEGER NOT NULL,
  next_delivery INTEGER NOT NULL,
  accepted      INTEGER NOT NULL,
  delivered     INTEGER NOT NULL,
  dead          INTEGER NOT NULL,
  pending       INTEGER NOT NULL
);
INSERT INTO state VALUES (1, 0, 1, 0, 0, 0, 0);

CREATE TABLE catalog (
  kind TEXT NOT NULL,
  key  TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;

CREATE TABLE routes (
  id              INTEGER PRIMARY KEY,
  digest          TEXT NOT NULL UNIQUE,
  bus             TEXT NOT NULL,
  rule_arn        TEXT NOT NULL,
  target_id       TEXT NOT NULL,
  target_arn      TEXT NOT NULL,
  target_json     TEXT NOT NULL,
  max_attempts    INTEGER NOT NULL,
  max_age_seconds INTEGER NOT NULL,
  dead_letter_arn TEXT NOT NULL,
  reshapes_input  INTEGER NOT NULL
);

CREATE TABLE events (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  bus            TEXT NOT NULL,
  accepted       INTEGER NOT NULL,
  hops           INTEGER NOT NULL,
  first_delivery INTEGER NOT NULL,
  deliveries     INTEGER NOT NULL,
  json           TEXT NOT NULL
);

CREATE TABLE deliveries (
  seq        INTEGER PRIMARY KEY,
  event      INTEGER NOT NULL REFERENCES events (seq),
  route      INTEGER NOT NULL REFERENCES routes (id),
  lease      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  due        INTEGER NOT NULL,
  redriven   INTEGER,
  last_error TEXT,
  input      TEXT
);
CREATE INDEX deliveries_free ON deliveries (due) WHERE lease = 0;

CREATE TABLE delivered (
  seq      INTEGER PRIMARY KEY,
  event    INTEGER NOT NULL REFERENCES events (seq),
  route    INTEGER NOT NULL REFERENCES routes (id),
  attempts INTEGER NOT NULL,
  at       INTEGER NOT NULL
);

CREATE TABLE dead_letters (
  seq                 INTEGER PRIMARY KEY,
  event               INTEGER NOT NULL REFERENCES events (seq),
  route               INTEGER NOT NULL REFERENCES routes (id),
  attempts            INTEGER NOT NULL,
  died                INTEGER NOT NULL,
  error_code          TEXT NOT NULL,
  error_message       TEXT NOT NULL,
  exhausted_condition TEXT NOT NULL,
  input               TEXT
);

CREATE TABLE runs (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  key        TEXT NOT NULL,
  answers    INTEGER NOT NULL,
  agent      TEXT NOT NULL,
  event_id   TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  state      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  hops       INTEGER NOT NULL,
  started    INTEGER NOT NULL,
  ended      INTEGER,
  expires    INTEGER NOT NULL,
  result     TEXT NOT NULL,
  error      TEXT NOT NULL,
  event      TEXT NOT NULL
);
CREATE UNIQUE INDEX runs_by_key ON runs (key) WHERE answers = 1;
CREATE INDEX runs_by_agent ON runs (agent);
CREATE INDEX runs_by_event ON runs (event_id);
CREATE INDEX runs_running ON runs (state) WHERE state = 0;
CREATE INDEX runs_failed ON runs (state) WHERE state = 2;

CREATE TABLE steps (
  run_id   TEXT NOT NULL,
  position INTEGER NOT NULL,
  name     TEXT NOT NULL,
  kind     TEXT NOT NULL,
  effect   TEXT NOT NULL,
  state    INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  started  INTEGER NOT NULL,
  ended    INTEGER,
  error    TEXT NOT NULL,
  input    TEXT NOT NULL,
  output   TEXT NOT NULL,
  PRIMARY KEY (run_id, position),
  UNIQUE (run_id, name)
) WITHOUT ROWID;
)sql";

// A run's event is kept once, and steps that are written together with their run stand in its row.
constexpr const char* kRunsInOneRow = R"sql(
CREATE TABLE runs_2 (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  key        TEXT NOT NULL,
  answers    INTEGER NOT NULL,
  agent      TEXT NOT NULL,
  event_id   TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  state      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  hops       INTEGER NOT NULL,
  started    INTEGER NOT NULL,
  ended      INTEGER,
  expires    INTEGER NOT NULL,
  result     TEXT NOT NULL,
  error      TEXT NOT NULL,
  event      TEXT,
  steps      TEXT NOT NULL
);
INSERT INTO runs_2 SELECT seq, id, key, answers, agent, event_id, input_hash, state, attempts, hops, started, ended,
  expires, result, error, event, '' FROM runs;
DROP TABLE runs;
ALTER TABLE runs_2 RENAME TO runs;
CREATE UNIQUE INDEX runs_by_key ON runs (key) WHERE answers = 1;
CREATE INDEX runs_by_agent ON runs (agent);
CREATE INDEX runs_by_event ON runs (event_id);
CREATE INDEX runs_running ON runs (state) WHERE state = 0;
CREATE INDEX runs_failed ON runs (state) WHERE state = 2;
)sql";

constexpr const char* kArchives = R"sql(
CREATE TABLE archives (
  id      INTEGER PRIMARY KEY,
  keep    INTEGER,
  dropped INTEGER NOT NULL,
  events  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL
);

CREATE TABLE archived_events (
  seq      INTEGER PRIMARY KEY,
  archive  INTEGER NOT NULL REFERENCES archives (id),
  time     INTEGER NOT NULL,
  id       TEXT NOT NULL,
  archived INTEGER NOT NULL,
  json     TEXT NOT NULL
);
CREATE UNIQUE INDEX archived_events_by_time ON archived_events (archive, time, id);
CREATE INDEX archived_events_by_age ON archived_events (archive);
)sql";

// Dead letters on their way to the queue that their target names: due then; NULL where it names none.
constexpr const char* kDeadLettersToSend = R"sql(
ALTER TABLE dead_letters ADD COLUMN send_due INTEGER;
UPDATE dead_letters SET send_due = died WHERE route IN (SELECT id FROM routes WHERE dead_letter_arn <> '');
CREATE INDEX dead_letters_to_send ON dead_letters (send_due) WHERE send_due IS NOT NULL;
)sql";

// Ids are never given twice: they tell contents of a schedule apart.
constexpr const char* kSchedules = R"sql(
CREATE TABLE schedules (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  scope      TEXT NOT NULL,
  group_name TEXT NOT NULL,
  name       TEXT NOT NULL,
  enabled    INTEGER NOT NULL,
  route      INTEGER NOT NULL REFERENCES routes (id),
  planned    INTEGER,
  due        INTEGER,
  json       TEXT NOT NULL,
  UNIQUE (scope, group_name, name)
);
CREATE INDEX schedules_due ON schedules (due, id) WHERE due IS NOT NULL;
)sql";

// Runs that wait, why runs ended, and the chain that runs and events belong to.
constexpr const char* kRunsThatWait = R"sql(
ALTER TABLE runs ADD COLUMN stop_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN trace TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN delivery INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN wakes INTEGER;
ALTER TABLE events ADD COLUMN trace TEXT;
CREATE INDEX runs_waiting ON runs (state) WHERE state = 3;
)sql";

// A delivery may carry one run alone, which is done again; what a reshaping target got is kept for that.
constexpr const char* kRunsDoneAgain = R"sql(
ALTER TABLE deliveries ADD COLUMN run TEXT;
ALTER TABLE dead_letters ADD COLUMN run TEXT;
ALTER TABLE delivered ADD COLUMN input TEXT;
)sql";

constexpr std::array<const char*, kSchemaVersion> kSteps{
    kFirstTables, kRunsInOneRow, kArchives, kDeadLettersToSend, kSchedules, kRunsThatWait, kRunsDoneAgain};

Result<void> check_version(Connection& connection, std::int64_t version) {
  BOOST_OUTCOME_TRY(const auto application, connection.integer("PRAGMA application_id"));
  if (application != kApplicationId) {
    return fail(ErrorCode::Io,
                fmt::format("{} is a database of another program, not a store of eventbridge-agent. "
                            "Choose another directory with --data.",
                            connection.name()));
  }
  if (version > kSchemaVersion) {
    return fail(
        ErrorCode::Unsupported,
        fmt::format(
            "The store {} was made by a newer eventbridge-agent (its schema is version {}, this program "
            "knows {}). Use the newer program.",
            connection.name(), version, kSchemaVersion));
  }
  return success();
}

// All steps from `version` on in one transaction; rolls it back unless it ended well.
Result<void> take_steps(Connection& connection, std::int64_t version) {
  BOOST_OUTCOME_TRY(connection.run("BEGIN IMMEDIATE"));
  Result<void> taken = success();
  for (auto step = static_cast<std::size_t>(version); taken && step < kSteps.size(); ++step) {
    taken = connection.run(kSteps[step]);
  }
  if (taken) {
    taken = connection.run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                                       kApplicationId, kSchemaVersion)
                               .c_str());
  }
  if (!taken && sqlite3_get_autocommit(connection.handle()) == 0) {
    BOOST_OUTCOME_TRY(connection.run("ROLLBACK"));
  }
  return taken;
}

}  // namespace

Result<void> make_schema(Connection& connection) {
  BOOST_OUTCOME_TRY(const auto version, connection.integer("PRAGMA user_version"));
  BOOST_OUTCOME_TRY(const auto tables, connection.integer("SELECT count(*) FROM sqlite_schema"));
  const bool is_empty = version == 0 && tables == 0;
  if (!is_empty) {
    BOOST_OUTCOME_TRY(check_version(connection, version));
  }
  return version < kSchemaVersion ? take_steps(connection, version) : success();
}

Result<void> check_schema(Connection& connection) {
  BOOST_OUTCOME_TRY(const auto version, connection.integer("PRAGMA user_version"));
  BOOST_OUTCOME_TRY(const auto tables, connection.integer("SELECT count(*) FROM sqlite_schema"));
  if (version == 0 && tables == 0) {
    return fail(ErrorCode::NotFound, fmt::format("There is no store in {} yet.", connection.name()));
  }
  BOOST_OUTCOME_TRY(check_version(connection, version));
  if (version < kSchemaVersion) {
    return fail(
        ErrorCode::Unsupported,
        fmt::format("The store {} was made by an older eventbridge-agent (its schema is version {}, this "
                    "program needs {}). Start `eventbridge-agent serve` with it once: that brings it up.",
                    connection.name(), version, kSchemaVersion));
  }
  return success();
}

}  // namespace ebagent::store::sqlite
