#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace ebagent::agent {

// Tells runs at work in this process that they were cancelled. Thread safety: every member may be called from any thread.
class CancelFlags {
 public:
  // The flag of a run at work; it is found by its id until the handle goes.
  class Handle {
   public:
    Handle(CancelFlags& flags, std::string run_id, std::shared_ptr<std::atomic<bool>> flag)
        : flags_(flags), run_id_(std::move(run_id)), flag_(std::move(flag)) {}
    ~Handle() { flags_.forget(run_id_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    [[nodiscard]] bool is_set() const { return flag_->load(std::memory_order_relaxed); }

   private:
    CancelFlags& flags_;
    const std::string run_id_;
    const std::shared_ptr<std::atomic<bool>> flag_;
  };

  [[nodiscard]] Handle begin(const std::string& run_id) {
    auto flag = std::make_shared<std::atomic<bool>>(false);
    const std::scoped_lock lock{mutex_};
    flags_[run_id] = flag;
    return Handle(*this, run_id, std::move(flag));
  }

  // Comes to nothing when the run is not at work here.
  void set(std::string_view run_id) {
    const std::scoped_lock lock{mutex_};
    if (const auto found = flags_.find(run_id); found != flags_.end()) found->second->store(true);
  }

 private:
  void forget(const std::string& run_id) {
    const std::scoped_lock lock{mutex_};
    flags_.erase(run_id);
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>> flags_;  // guarded by mutex_
};

}  // namespace ebagent::agent
