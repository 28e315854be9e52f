#pragma once

#include <atomic>

#include "support/forwarding_store.hpp"

namespace ebagent::testing {

// A store whose disk fails when the test says so.
class FaultyStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  void fail_commits(bool failing) { failing_ = failing; }
  [[nodiscard]] int refused_commits() const { return refused_; }

  void commit(store::Transaction writes, store::OnCommitted done) override {
    if (!failing_) return behind().commit(std::move(writes), std::move(done));
    ++refused_;
    done(fail(ErrorCode::Io, "The disk is full."));
  }

 private:
  std::atomic<bool> failing_{false};
  std::atomic<int> refused_{0};
};

}  // namespace ebagent::testing
