#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/forwarding_store.hpp"

namespace ebagent::testing {

// When a process dies.
struct Crash {
  enum class When {
    AfterIntent,  // that a step begins is on disk
    BeforeResult  // that it ended is not
  };
  When when = When::AfterIntent;
  std::string step = {};
};

// A store whose process can die: what is written then is lost or kept as the crash says, and everything after it fails until a
// new process opens it.
class StageStore final : public store::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  void arm(Crash crash) { crash_ = std::move(crash); }
  [[nodiscard]] const std::optional<Crash>& armed() const { return crash_; }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  void open_anew() { is_dead_ = false; }

  void commit(store::Transaction writes, store::OnCommitted done) override;

 private:
  std::optional<Crash> crash_;
  bool is_dead_ = false;
};

}  // namespace ebagent::testing
