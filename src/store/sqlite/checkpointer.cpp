#include "store/sqlite/checkpointer.hpp"

#include <pthread.h>

#include <utility>

namespace ebagent::store::sqlite {

Result<std::unique_ptr<Checkpointer>> Checkpointer::start(const std::filesystem::path& file,
                                                          Connection& writer) {
  BOOST_OUTCOME_TRY(auto connection, Connection::open(file, Access::ReadWrite));
  BOOST_OUTCOME_TRY(connection->run("PRAGMA synchronous=FULL"));
  return std::unique_ptr<Checkpointer>{new Checkpointer(std::move(connection), writer)};
}

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, Connection& writer)
    : connection_(std::move(connection)), writer_(writer), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "store-checkpt");
  sqlite3_wal_hook(writer_.handle(), &Checkpointer::on_commit, this);
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
  {
    const std::scoped_lock lock{mutex_};
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int log_pages) {
  static_cast<Checkpointer*>(self)->log_pages_ = log_pages;
  return SQLITE_OK;
}

void Checkpointer::after_commit() {
  // The log has begun anew when it is shorter than what was asked for last.
  if (log_pages_ < passive_at_ - kPassivePages) {
    passive_at_ = kPassivePages;
    restart_at_ = kMaxLogPages;
  }
  if (log_pages_ < passive_at_) return;
  passive_at_ = log_pages_ + kPassivePages;
  if (log_pages_ >= restart_at_) {
    restart_at_ = log_pages_ + kPassivePages;
    begin_log_anew();
    return;
  }
  {
    const std::scoped_lock lock{mutex_};
    is_wanted_ = true;
  }
  wake_.notify_one();
}

// A checkpoint that fails loses nothing: the pages stay in the log, and the next one copies them.
void Checkpointer::begin_log_anew() {
  const std::scoped_lock lock{connection_->mutex()};
  sqlite3_busy_timeout(connection_->handle(), kRestartWaitMs);
  sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
}

void Checkpointer::work() {
  std::unique_lock lock{mutex_};
  while (true) {
    wake_.wait(lock, [this] { return is_wanted_ || is_ending_; });
    if (is_ending_) return;
    is_wanted_ = false;
    lock.unlock();
    {
      const std::scoped_lock use{connection_->mutex()};
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }
    lock.lock();
  }
}

}  // namespace ebagent::store::sqlite
