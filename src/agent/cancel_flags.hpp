#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ebagent::agent {

// Tells runs at work in this process that they were cancelled. Thread safety: every member may be called from any thread.
class CancelFlags {
 public:
  // The flag of a run at work, which is found by its id as long as this stands.
  class Flag {
   public:
    // `run_id` must outlive it.
    Flag(CancelFlags& flags, const std::string& run_id) : flags_(flags), run_id_(run_id) {
      const std::scoped_lock lock{flags_.mutex_};
      flags_.flags_[run_id_] = this;
    }
    ~Flag() {
      const std::scoped_lock lock{flags_.mutex_};
      flags_.flags_.erase(run_id_);
    }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;
    [[nodiscard]] bool is_set() const { return is_set_.load(std::memory_order_relaxed); }

   private:
    friend CancelFlags;

    CancelFlags& flags_;
    const std::string_view run_id_;
    std::atomic<bool> is_set_{false};
  };

  // Comes to nothing when the run is not at work here.
  void set(std::string_view run_id) {
    const std::scoped_lock lock{mutex_};
    if (const auto found = flags_.find(run_id); found != flags_.end()) found->second->is_set_ = true;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string_view, Flag*> flags_;  // guarded by mutex_
};

}  // namespace ebagent::agent
