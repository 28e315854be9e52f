#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "core/ids.hpp"
#include "delivery/circuit.hpp"
#include "delivery/outcome_writer.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// What became of attempts so far.
struct AttemptCounts {
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;
  std::uint64_t dead = 0;
  std::uint64_t postponed = 0;        // without an attempt: the target is down, or it was not their turn
  std::uint64_t circuits_opened = 0;  // targets found to be down

  bool operator==(const AttemptCounts&) const = default;
};

// From when the age of a delivery counts that goes back to the store, if that has changed: it waited in memory, or is to wait for
// `excused`, and grows no older by that.
[[nodiscard]] std::optional<TimePoint> age_from(const store::Delivery& delivery,
                                                Duration excused = Duration{0});

// Makes one attempt of one delivery and says what is to be written of it: delivered, to be tried again, put off because its
// target is down, or dead. Thread safety: every member may be called from any thread.
class Attempts {
 public:
  // The references must outlive this.
  Attempts(const SenderTable& senders, const Clock& clock, core::Random& random, const RetrySettings& retry,
           const CircuitSettings& circuit, std::function<void(const CircuitChange&)> on_circuit);

  // Blocks as long as the sender does; whatever that throws counts as a failure that may pass. AwaitSlot: no attempt was made,
  // and nothing is to be written.
  [[nodiscard]] std::variant<Outcome, AwaitSlot> make(const store::Delivery& delivery);
  // Counts deliveries that died without an attempt.
  void count_dead(std::size_t deliveries) { dead_ += deliveries; }

  [[nodiscard]] AttemptCounts counts() const;

 private:
  [[nodiscard]] store::Write put_off(const store::Delivery& delivery, const Postpone& postponed);
  [[nodiscard]] store::Write verdict(const store::Delivery& delivery, SendOutcome outcome);
  [[nodiscard]] store::MarkDead dead(const store::Delivery& delivery, std::string code, std::string message,
                                     std::string exhausted_condition);

  const SenderTable& senders_;
  const Clock& clock_;
  const RetryPolicy policy_;
  Circuits circuits_;

  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> retried_{0};
  std::atomic<std::uint64_t> dead_{0};
  std::atomic<std::uint64_t> postponed_{0};
};

}  // namespace ebagent::delivery
