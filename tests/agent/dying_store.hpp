#pragma once

#include "support/forwarding_store.hpp"

namespace ebagent::agent {

enum class Crash {
  BeforeWrite,  // the transaction is lost
  AfterWrite    // it is on disk, but the process did not live to know
};

// A store whose process "dies" at the n-th commit: that one fails, and so does everything after it.
class DyingStore final : public ebagent::testing::ForwardingStore {
 public:
  DyingStore(std::shared_ptr<store::Store> behind, int commits_before, Crash crash)
      : ForwardingStore(std::move(behind)), left_(commits_before), crash_(crash) {}

  [[nodiscard]] bool has_crashed() const { return left_ < 0; }

  void commit(store::Transaction writes, store::OnCommitted done) override {
    if (left_ > 0) {
      --left_;
      return behind().commit(std::move(writes), std::move(done));
    }
    if (left_ == 0 && crash_ == Crash::AfterWrite) (void)behind().commit_and_wait(std::move(writes));
    left_ = -1;
    done(fail(ErrorCode::Unavailable, "the process died"));
  }

 private:
  int left_;
  Crash crash_;
};

}  // namespace ebagent::agent
