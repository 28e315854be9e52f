#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"

namespace ebagent::delivery {

struct CircuitSettings {
  int failures_to_open = 5;                      // in a row, each of which says that the target is down
  std::chrono::milliseconds first_pause{1'000};  // doubled each time that the target is still down afterwards
  // The longest wait of a delivery after its target has come back.
  std::chrono::milliseconds longest_pause{30'000};
};

// A target that was found to be down, or up again.
struct CircuitChange {
  std::string target_arn = {};
  bool is_open = false;
  TimePoint until = {};     // of an open circuit
  std::string reason = {};  // the failure that opened it
};

// Circuits of targets. A target that is down is not asked again by every delivery that waits for it: after a few failures
// in a row its circuit opens, and deliveries are put off without an attempt. When the pause is over one of them is the
// probe; if it gets an answer, whatever that is, the circuit is closed, otherwise it stays open twice as long.
//
// Nothing is kept of targets that work. Thread safety: every member may be called from any thread.
class Circuits {
 public:
  // `on_change` hears of circuits that open and close, from the thread that found out; may be empty.
  explicit Circuits(CircuitSettings settings, std::function<void(const CircuitChange&)> on_change = {})
      : settings_(settings), on_change_(std::move(on_change)) {}

  struct Open {
    TimePoint until;
    std::string code;  // of the failure that opened it
    std::string message;
  };
  // Nothing when the target may be asked now; then record() must be told what came of it.
  [[nodiscard]] std::optional<Open> admit(const std::string& target_arn, TimePoint now);
  void record(const std::string& target_arn, const SendOutcome& outcome, TimePoint now);

  // How often a circuit has opened that was closed.
  [[nodiscard]] std::uint64_t opened() const { return opened_; }

 private:
  // Targets in trouble beyond this are treated as if each failure were the first.
  static constexpr std::size_t kMaxTargets = 10'000;

  struct Circuit {
    int failures = 0;  // in a row
    bool is_open = false;
    bool is_probing = false;  // an attempt is under way although it is open
    TimePoint until{};
    std::chrono::milliseconds pause{0};
    std::string code = {};
    std::string message = {};
  };

  void answered(const std::string& target_arn);
  void not_asked(const std::string& target_arn);
  void failed(const std::string& target_arn, const Retry& failure, TimePoint now);
  [[nodiscard]] std::chrono::milliseconds next_pause(const Circuit& circuit, const Retry& failure) const;

  const CircuitSettings settings_;
  const std::function<void(const CircuitChange&)> on_change_;
  std::atomic<std::uint64_t> opened_{0};
  std::atomic<std::size_t> troubled_{0};  // circuits_.size(), to be read without the lock
  std::mutex mutex_;
  std::unordered_map<std::string, Circuit> circuits_;  // guarded by mutex_
};

}  // namespace ebagent::delivery
