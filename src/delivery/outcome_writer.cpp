#include "delivery/outcome_writer.hpp"

#include <iterator>
#include <type_traits>
#include <utility>
#include <variant>

namespace ebagent::delivery {
namespace {

// A delivery whose record the store refuses is tried again after this: by then what it ran into is on record.
constexpr std::chrono::seconds kAfterRefusal{1};

store::Write try_again(const store::Write& verdict, const Error& error) {
  return std::visit(
      [&](const auto& mark) -> store::Write {
        using Mark = std::decay_t<decltype(mark)>;
        if constexpr (std::is_same_v<Mark, store::MarkDelivered> || std::is_same_v<Mark, store::MarkDead>) {
          return store::Reschedule{.seq = mark.seq,
                                   .due = mark.at + kAfterRefusal,
                                   .attempts = mark.attempts,
                                   .last_error = error.message};
        } else {
          return mark;
        }
      },
      verdict);
}

// The writes of all outcomes, taken out of them.
std::shared_ptr<const store::Transaction> writes_of(std::vector<Outcome>& group) {
  auto writes = std::make_shared<store::Transaction>();
  writes->reserve(2 * group.size());
  for (Outcome& outcome : group) {
    std::move(outcome.record.writes.begin(), outcome.record.writes.end(), std::back_inserter(*writes));
    writes->push_back(std::move(outcome.verdict));
  }
  return writes;
}

// The reverse of writes_of(): how many writes were whose is still known.
void give_back(std::vector<Outcome>& group, const store::Transaction& writes) {
  auto next = writes.begin();
  for (Outcome& outcome : group) {
    for (store::Write& write : outcome.record.writes) write = *next++;
    outcome.verdict = *next++;
  }
}

}  // namespace

OutcomeWriter::~OutcomeWriter() {
  std::unique_lock lock{mutex_};
  waiting_.clear();  // deliveries without outcome are attempted again
  changed_.wait(lock, [this] { return !is_writing_; });
}

void OutcomeWriter::write(Outcome outcome) {
  {
    const std::scoped_lock lock{mutex_};
    waiting_bytes_ += outcome.record.bytes;
    waiting_.push_back(std::move(outcome));
  }
  begin_group();
}

void OutcomeWriter::write_all(std::vector<store::Write> outcomes) {
  {
    const std::scoped_lock lock{mutex_};
    for (store::Write& outcome : outcomes) waiting_.push_back({std::move(outcome)});
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
  Group group;
  const std::size_t most = apart_ > 0 ? 1 : kMaxGroup;
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.size() < most && bytes < kMaxGroupBytes) {
    bytes += waiting_.front().record.bytes;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  if (apart_ > 0) --apart_;
  return group;
}

// Keeps the writes, to put them back when the store refuses the group.
void OutcomeWriter::commit(Group group) {
  auto writes = writes_of(group);
  auto kept = std::make_shared<Group>(std::move(group));
  store_.commit_kept(writes, [this, writes, kept](const Result<store::Committed>& committed) {
    if (committed) {
      kept->clear();  // what is held is let go before anyone hears that all is written
      go_on();
    } else {
      give_back(*kept, *writes);
      put_back(std::move(*kept), committed.error());
    }
  });
}

void OutcomeWriter::go_on() {
  Group group;
  bool has_room_again = false;
  {
    const std::scoped_lock lock{mutex_};
    if (!waiting_.empty()) group = take_group();
    has_room_again = is_room_awaited_ && !holds_too_much();
    if (has_room_again) is_room_awaited_ = false;
    if (group.empty() && !has_room_again) return stop_writing();
  }
  if (has_room_again && on_room_) on_room_();
  if (group.empty()) return go_on();  // more may have come meanwhile
  commit(std::move(group));
}

// At once it would most likely fail again: the next outcome or retry() tries.
void OutcomeWriter::put_back(Group group, const Error& error) {
  if (on_error_) on_error_(error);
  const std::scoped_lock lock{mutex_};
  const bool is_about_one = group.size() == 1 && store::is_refusal(error);
  if (is_about_one) group.front() = Outcome{try_again(group.front().verdict, error)};
  for (const Outcome& outcome : group) waiting_bytes_ += outcome.record.bytes;
  if (store::is_refusal(error) && group.size() > 1) apart_ = group.size();
  waiting_.insert(waiting_.begin(), std::make_move_iterator(group.begin()),
                  std::make_move_iterator(group.end()));
  stop_writing();
}

// The last touch of this object by a callback: the destructor may go on once the lock is free.
void OutcomeWriter::stop_writing() {
  is_writing_ = false;
  changed_.notify_all();
}

bool OutcomeWriter::holds_too_much() const {
  return waiting_.size() >= kMaxWaiting || waiting_bytes_ >= kMaxWaitingBytes;
}

bool OutcomeWriter::has_room() {
  const std::scoped_lock lock{mutex_};
  is_room_awaited_ = holds_too_much();
  return !is_room_awaited_;
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
