#include "delivery/circuit.hpp"

#include <algorithm>
#include <utility>

namespace ebagent::delivery {

std::optional<Circuits::Open> Circuits::admit(const std::string& target_arn, TimePoint now) {
  if (troubled_ == 0) return std::nullopt;
  const std::scoped_lock lock{mutex_};
  const auto found = circuits_.find(target_arn);
  if (found == circuits_.end() || !found->second.is_open) return std::nullopt;
  Circuit& circuit = found->second;
  if (now < circuit.until) return Open{circuit.until, circuit.code, circuit.message};
  // While the probe is out the others wait as long again: it may take as long to fail.
  if (circuit.is_probing) return Open{now + circuit.pause, circuit.code, circuit.message};
  circuit.is_probing = true;
  return std::nullopt;
}

void Circuits::record(const std::string& target_arn, const SendOutcome& outcome, TimePoint now) {
  const auto* failure = std::get_if<Retry>(&outcome);
  if (failure != nullptr && failure->is_down) return failed(target_arn, *failure, now);
  if (troubled_ == 0) return;
  const bool was_asked =
      !std::holds_alternative<Postpone>(outcome) && !std::holds_alternative<AwaitSlot>(outcome);
  was_asked ? answered(target_arn) : not_asked(target_arn);
}

// The next one is the probe.
void Circuits::not_asked(const std::string& target_arn) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = circuits_.find(target_arn); found != circuits_.end())
    found->second.is_probing = false;
}

void Circuits::answered(const std::string& target_arn) {
  {
    const std::scoped_lock lock{mutex_};
    const auto found = circuits_.find(target_arn);
    if (found == circuits_.end()) return;
    const bool was_open = found->second.is_open;
    circuits_.erase(found);
    troubled_ = circuits_.size();
    if (!was_open) return;
  }
  if (on_change_) on_change_({.target_arn = target_arn, .is_open = false});
}

std::chrono::milliseconds Circuits::next_pause(const Circuit& circuit, const Retry& failure) const {
  const auto doubled = circuit.pause.count() == 0 ? settings_.first_pause : circuit.pause * 2;
  const auto pause = std::min(doubled, settings_.longest_pause);
  return failure.retry_after ? std::max(pause, *failure.retry_after) : pause;
}

void Circuits::failed(const std::string& target_arn, const Retry& failure, TimePoint now) {
  CircuitChange change{.target_arn = target_arn, .is_open = true};
  {
    const std::scoped_lock lock{mutex_};
    if (circuits_.size() >= kMaxTargets && !circuits_.contains(target_arn)) return;
    Circuit& circuit = circuits_[target_arn];
    troubled_ = circuits_.size();
    ++circuit.failures;
    circuit.code = failure.code;
    circuit.message = failure.message;
    // Attempts that were under way when it opened tell nothing new.
    const bool is_news =
        circuit.is_open ? now >= circuit.until : circuit.failures >= settings_.failures_to_open;
    if (!is_news) return;
    const bool was_open = std::exchange(circuit.is_open, true);
    circuit.pause = next_pause(circuit, failure);
    circuit.until = now + circuit.pause;
    circuit.is_probing = false;
    if (was_open) return;
    change.until = circuit.until;
    change.reason = failure.code + ": " + failure.message;
  }
  ++opened_;
  if (on_change_) on_change_(change);
}

}  // namespace ebagent::delivery
