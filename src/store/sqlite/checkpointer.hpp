#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/schema.hpp"

namespace ebagent::store::sqlite {

// Keeps the write-ahead log short. A thread of its own copies committed pages into the database file while
// the writer goes on (a passive checkpoint); only when the log still outgrows kMaxLogPages does the writer
// itself wait for the rest to be copied and begin the log anew, so that the log's size is bounded under any
// load.
class Checkpointer {
 public:
  // Takes over the checkpoints of `writer`, which must outlive it. Io when the file cannot be opened once
  // more.
  static Result<std::unique_ptr<Checkpointer>> start(const std::filesystem::path& file, Connection& writer);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // To be called by the writer's thread between two transactions.
  void after_commit();

 private:
  // Flushes of the log wait behind what is copied at once: with 8 MB the slowest hundredth of PutEvents at 5,000 events/s
  // took 10 ms and more, with 2 MB about 1 ms, at the same rate under full load.
  static constexpr int kPassivePages = 2 * 1024 * 1024 / kPageBytes;
  // 128 MB: about a second of full load, and what a start after a crash has to read again at most.
  static constexpr int kMaxLogPages = 128 * 1024 * 1024 / kPageBytes;
  // A reader of an old state keeps the log from beginning anew; the writer waits for it no longer than this.
  static constexpr int kRestartWaitMs = 50;

  Checkpointer(std::unique_ptr<Connection> connection, Connection& writer);
  static int on_commit(void* self, sqlite3* handle, const char* database, int log_pages);
  void work();
  void begin_log_anew();

  const std::unique_ptr<Connection> connection_;
  Connection& writer_;
  int log_pages_ = 0;  // as of the last commit; of the writer's thread, like the next two
  int passive_at_ = kPassivePages;
  int restart_at_ = kMaxLogPages;

  std::mutex mutex_;  // guards is_wanted_ and is_ending_
  std::condition_variable wake_;
  bool is_wanted_ = false;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace ebagent::store::sqlite
