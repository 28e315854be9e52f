#include "store/sqlite/sqlite_store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/owner_lock.hpp"
#include "store/sqlite/reader.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/writer.hpp"
#include "store/sqlite/writes.hpp"

namespace ebagent::store::sqlite {
namespace {

constexpr const char* kFileName = "events.db";
constexpr std::size_t kMaxLeases = 10'000;  // of one call: its events are all in memory

enum class Role { Owner, Redriver, Reader };

// The Store over one database. Its parts end in the reverse of their order here: the writer first, the lock
// last.
class SqliteStore final : public Store {
 public:
  struct Parts {
    std::unique_ptr<OwnerLock> lock;
    std::shared_ptr<Connection> written;  // null for a Reader
    std::shared_ptr<Connection> read;
    std::unique_ptr<Writes> writes;
    std::unique_ptr<Checkpointer> checkpointer;
  };

  SqliteStore(Role role, Parts parts)
      : role_(role),
        lock_(std::move(parts.lock)),
        written_(std::move(parts.written)),
        reader_(std::move(parts.read)),
        routes_(parts.writes == nullptr ? nullptr : &parts.writes->routes()) {
    if (parts.writes != nullptr) {
      writer_ = std::make_unique<Writer>(std::move(parts.writes), std::move(parts.checkpointer));
    }
  }

  // Callbacks may still use the store while the writer does what waits.
  ~SqliteStore() override {
    if (writer_ != nullptr) writer_->end();
  }
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  void commit(Transaction writes, OnCommitted done) override {
    queue(std::make_shared<const Transaction>(std::move(writes)), std::move(done), &Writer::submit);
  }
  void commit_kept(std::shared_ptr<const Transaction> writes, OnCommitted done) override {
    queue(std::move(writes), std::move(done), &Writer::submit);
  }
  void offer(Transaction writes, OnCommitted done) override {
    queue(std::make_shared<const Transaction>(std::move(writes)), std::move(done), &Writer::offer);
  }

  Result<std::shared_ptr<const Route>> put_route(Route route) override {
    BOOST_OUTCOME_TRY(owned());
    if (auto known = routes_->known(route)) return known;
    std::shared_ptr<const Route> interned;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(interned, tables.routes().intern(route));
      return Committed{};
    }));
    routes_->remember(interned);
    return interned;
  }

  Result<std::vector<Delivery>> lease_due(TimePoint now, std::size_t limit) override {
    BOOST_OUTCOME_TRY(owned());
    BOOST_OUTCOME_TRY(auto leased, writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(auto due, tables.deliveries().lease_due(now, std::min(limit, kMaxLeases)));
      return Committed{std::move(due)};
    }));
    return std::move(leased.deliveries);
  }

  Result<void> redrive(std::int64_t seq, TimePoint now) override {
    if (role_ == Role::Reader) return fail(refusal());
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(tables.deliveries().redrive(seq, now));
      return Committed{};
    }));
    return success();
  }

  Result<Step> answer_step(std::string_view run_id, std::string_view step, std::string_view output_json,
                           TimePoint now) override {
    return control([&](RunControl& runs) { return runs.answer(run_id, step, output_json, now); });
  }
  Result<Run> cancel_run(std::string_view run_id, std::string_view reason, TimePoint now) override {
    return control([&](RunControl& runs) { return runs.cancel(run_id, reason, now); });
  }
  Result<Run> rerun(const Rerun& wish, TimePoint now) override {
    return control([&](RunControl& runs) { return runs.rerun(wish, now); });
  }

  Result<void> clear() override {
    BOOST_OUTCOME_TRY(owned());
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(tables.clear());
      return Committed{};
    }));
    return success();
  }

  Result<Sweep> sweep(TimePoint before, TimePoint now, Sweep from, std::size_t limit) override {
    BOOST_OUTCOME_TRY(owned());
    Sweep done;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(done, tables.sweeper().step(before, now, from, limit));
      return Committed{};
    }));
    return done;
  }

  Result<bool> shrink() override {
    BOOST_OUTCOME_TRY(owned());
    bool has_more = false;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(has_more, tables.sweeper().shrink());
      return Committed{};
    }));
    return has_more;
  }

  Result<std::size_t> sweep_archives(TimePoint now, std::size_t limit) override {
    BOOST_OUTCOME_TRY(owned());
    std::size_t removed = 0;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(removed, tables.archives().sweep(now, limit));
      return Committed{};
    }));
    return removed;
  }

  Result<std::vector<ArchivedEvent>> archived_events(const ArchiveSlice& slice) override {
    return reader_.archived_events(slice);
  }
  Result<ArchiveSize> archive_size(std::int64_t archive) override { return reader_.archive_size(archive); }
  Result<std::size_t> delete_schedules(std::string_view scope, std::string_view group,
                                       std::size_t limit) override {
    BOOST_OUTCOME_TRY(owned());
    std::size_t deleted = 0;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      BOOST_OUTCOME_TRY(deleted, tables.schedules().remove_some(scope, group, limit));
      return Committed{};
    }));
    return deleted;
  }
  Result<std::optional<StoredSchedule>> schedule(std::string_view scope, std::string_view group,
                                                 std::string_view name) override {
    return reader_.schedule(scope, group, name);
  }
  Result<SchedulePage> schedules(const ScheduleFilter& filter) override { return reader_.schedules(filter); }
  Result<std::vector<StoredSchedule>> schedules_due(SchedulePlace after, TimePoint until,
                                                    std::size_t limit) override {
    return reader_.schedules_due(after, until, limit);
  }
  Result<std::int64_t> last_schedule_id() override { return reader_.last_schedule_id(); }

  Result<std::uint64_t> used_bytes() override { return reader_.used_bytes(); }
  Result<std::optional<TimePoint>> next_due() override { return reader_.next_due(); }
  Result<bool> is_open(std::int64_t seq) override { return reader_.is_open(seq); }
  Result<std::vector<CatalogRecord>> catalog(std::string_view kind) override { return reader_.catalog(kind); }
  Result<std::optional<Run>> run_by_key(std::string_view key) override { return reader_.run_by_key(key); }
  Result<std::optional<Run>> run_by_id(std::string_view id) override { return reader_.run_by_id(id); }
  Result<std::vector<Run>> runs(const RunFilter& filter) override { return reader_.runs(filter); }
  Result<std::vector<Step>> steps(std::string_view run_id) override { return reader_.steps(run_id); }
  Result<std::optional<std::string>> event_by_id(std::string_view id) override {
    return reader_.event_by_id(id);
  }
  Result<std::vector<DeadLetter>> dead_letters(std::size_t limit) override {
    return reader_.dead_letters(limit);
  }
  Result<std::vector<DeadLetter>> dead_letters_to_send(TimePoint now, std::size_t limit) override {
    return reader_.dead_letters_to_send(now, limit);
  }
  Result<std::optional<DeadLetter>> dead_letter(std::int64_t seq) override {
    return reader_.dead_letter(seq);
  }
  Result<EventCounts> counts() override { return reader_.counts(); }

 private:
  // What may be done beside the owner as well; `act` may be called again after a roll-back.
  template <class Act>
  std::invoke_result_t<Act&, RunControl&> control(Act act) {
    if (role_ == Role::Reader) return fail(refusal());
    std::optional<std::invoke_result_t<Act&, RunControl&>> done;
    BOOST_OUTCOME_TRY(writer_->submit_and_wait([&](Writes& tables) -> Result<Committed> {
      done.emplace(act(tables.run_control()));
      if (!*done) return fail(done->error());
      return Committed{};
    }));
    return std::move(*done);
  }

  void queue(std::shared_ptr<const Transaction> writes, OnCommitted done,
             void (Writer::*into)(Writer::Work, OnCommitted, std::size_t)) {
    auto may_write = owned();
    if (may_write) may_write = check(*writes);
    if (!may_write) return done(fail(std::move(may_write).error()));
    const std::size_t weight = weight_of(*writes);
    ((*writer_).*into)([writes = std::move(writes)](Writes& tables) { return tables.apply(*writes); },
                       std::move(done), weight);
  }

  [[nodiscard]] Error refusal() const {
    return {ErrorCode::Conflict,
            fmt::format("The store {} is open for {} only: the process that owns it writes.", reader_.name(),
                        role_ == Role::Reader ? "reading" : "redriving and for people's answers")};
  }
  [[nodiscard]] Result<void> owned() const {
    if (role_ != Role::Owner) return fail(refusal());
    return success();
  }

  const Role role_;
  const std::unique_ptr<OwnerLock> lock_;
  const std::shared_ptr<Connection> written_;
  Reader reader_;
  RouteTable* const routes_;  // the writer's
  std::unique_ptr<Writer> writer_;
};

Result<std::unique_ptr<Connection>> open_for_writing(const std::filesystem::path& file) {
  BOOST_OUTCOME_TRY(auto connection, Connection::open(file, Access::ReadWrite));
  // Page size and vacuum mode count only before the first table is made. The cache keeps the right edges of all trees
  // and a backlog's pages; the log file shrinks to its limit after a burst.
  const std::string settings = fmt::format(
      "PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA "
      "synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
      "PRAGMA cache_size=-32768; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY",
      kPageBytes);
  BOOST_OUTCOME_TRY(connection->run(settings.c_str()));
  return connection;
}

Result<void> limit_size(Connection& connection, std::uint64_t max_file_bytes) {
  if (max_file_bytes == 0) return success();
  return connection.run(fmt::format("PRAGMA max_page_count={}", max_file_bytes / kPageBytes).c_str());
}

Result<std::filesystem::path> existing_file(const std::filesystem::path& data_dir) {
  const auto file = data_dir / kFileName;
  std::error_code problem;
  if (std::filesystem::exists(file, problem)) return file;
  if (problem) {
    return fail(ErrorCode::Io, fmt::format("Cannot look into the data directory {}: {}.", data_dir.string(),
                                           problem.message()));
  }
  return fail(ErrorCode::NotFound,
              fmt::format("There is no store in {} (no file {}). Name the directory of the server "
                          "with --data.",
                          data_dir.string(), kFileName));
}

Result<void> make_directory(const std::filesystem::path& data_dir) {
  std::error_code problem;
  const bool is_made = std::filesystem::create_directories(data_dir, problem);
  if (problem) {
    return fail(ErrorCode::Io,
                fmt::format("Cannot make the data directory {}: {}.", data_dir.string(), problem.message()));
  }
  // Events may hold what is nobody else's business.
  if (is_made) std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, problem);
  return success();
}

}  // namespace

Result<std::unique_ptr<Store>> open(const std::filesystem::path& data_dir, Options options) {
  SqliteStore::Parts parts;
  BOOST_OUTCOME_TRY(make_directory(data_dir));
  BOOST_OUTCOME_TRY(parts.lock, OwnerLock::take(data_dir));
  const auto file = data_dir / kFileName;
  BOOST_OUTCOME_TRY(parts.written, open_for_writing(file));
  BOOST_OUTCOME_TRY(make_schema(*parts.written));
  BOOST_OUTCOME_TRY(limit_size(*parts.written, options.max_file_bytes));
  parts.writes = std::make_unique<Writes>(*parts.written, options.max_ready);
  BOOST_OUTCOME_TRY(parts.writes->deliveries().begin_epoch());
  BOOST_OUTCOME_TRY(parts.read, Connection::open(file, Access::ReadOnly));
  BOOST_OUTCOME_TRY(parts.checkpointer, Checkpointer::start(file, *parts.written));
  return std::make_unique<SqliteStore>(Role::Owner, std::move(parts));
}

Result<std::unique_ptr<Store>> open_memory(Options options) {
  SqliteStore::Parts parts;
  BOOST_OUTCOME_TRY(parts.written, Connection::open_memory());
  BOOST_OUTCOME_TRY(parts.written->run(
      fmt::format("PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL", kPageBytes).c_str()));
  BOOST_OUTCOME_TRY(make_schema(*parts.written));
  BOOST_OUTCOME_TRY(limit_size(*parts.written, options.max_file_bytes));
  parts.writes = std::make_unique<Writes>(*parts.written, options.max_ready);
  BOOST_OUTCOME_TRY(parts.writes->deliveries().begin_epoch());
  parts.read = parts.written;
  return std::make_unique<SqliteStore>(Role::Owner, std::move(parts));
}

Result<std::unique_ptr<Store>> open_read_only(const std::filesystem::path& data_dir) {
  SqliteStore::Parts parts;
  BOOST_OUTCOME_TRY(const auto file, existing_file(data_dir));
  BOOST_OUTCOME_TRY(parts.read, Connection::open(file, Access::ReadOnly));
  BOOST_OUTCOME_TRY(check_schema(*parts.read));
  return std::make_unique<SqliteStore>(Role::Reader, std::move(parts));
}

Result<std::unique_ptr<Store>> open_beside_owner(const std::filesystem::path& data_dir) {
  SqliteStore::Parts parts;
  BOOST_OUTCOME_TRY(const auto file, existing_file(data_dir));
  BOOST_OUTCOME_TRY(parts.read, Connection::open(file, Access::ReadOnly));
  BOOST_OUTCOME_TRY(check_schema(*parts.read));
  BOOST_OUTCOME_TRY(parts.written, open_for_writing(file));
  parts.writes = std::make_unique<Writes>(*parts.written, 0);
  return std::make_unique<SqliteStore>(Role::Redriver, std::move(parts));
}

}  // namespace ebagent::store::sqlite
