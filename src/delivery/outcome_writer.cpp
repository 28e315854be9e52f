#include "delivery/outcome_writer.hpp"

#include <iterator>
#include <memory>
#include <utility>

namespace ebagent::delivery {

OutcomeWriter::~OutcomeWriter() {
  std::unique_lock lock{mutex_};
  waiting_.clear();  // deliveries without outcome are attempted again
  changed_.wait(lock, [this] { return !is_writing_; });
}

void OutcomeWriter::write(store::Write outcome) {
  {
    const std::scoped_lock lock{mutex_};
    waiting_.push_back(std::move(outcome));
  }
  begin_group();
}

void OutcomeWriter::write_all(std::vector<store::Write> outcomes) {
  {
    const std::scoped_lock lock{mutex_};
    std::move(outcomes.begin(), outcomes.end(), std::back_inserter(waiting_));
  }
  begin_group();
}

void OutcomeWriter::retry() {
  begin_group();
}

void OutcomeWriter::begin_group() {
  Group group;
  {
    const std::scoped_lock lock{mutex_};
    if (is_writing_ || waiting_.empty()) return;
    is_writing_ = true;
    group = take_group();
  }
  commit(std::move(group));
}

OutcomeWriter::Group OutcomeWriter::take_group() {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
  Group group{std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end)};
  waiting_.erase(waiting_.begin(), end);
  return group;
}

// Keeps a copy, to put it back when the store refuses the group.
void OutcomeWriter::commit(Group group) {
  auto kept = std::make_shared<Group>(group);
  store_.commit(std::move(group), [this, kept](const Result<store::Committed>& committed) {
    if (committed) {
      go_on();
    } else {
      put_back(std::move(*kept), committed.error());
    }
  });
}

void OutcomeWriter::go_on() {
  Group group;
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) return stop_writing();
    group = take_group();
  }
  commit(std::move(group));
}

// At once it would most likely fail again: the next outcome or retry() tries.
void OutcomeWriter::put_back(Group group, const Error& error) {
  if (on_error_) on_error_(error);
  const std::scoped_lock lock{mutex_};
  std::move(group.begin(), group.end(), std::back_inserter(waiting_));
  stop_writing();
}

// The last touch of this object by a callback: the destructor may go on once the lock is free.
void OutcomeWriter::stop_writing() {
  is_writing_ = false;
  changed_.notify_all();
}

bool OutcomeWriter::is_idle() const {
  const std::scoped_lock lock{mutex_};
  return !is_writing_ && waiting_.empty();
}

bool OutcomeWriter::wait_idle_until(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] { return !is_writing_ && waiting_.empty(); });
}

}  // namespace ebagent::delivery
