#include "agent/call_threads.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace ebagent::agent {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kEndPatience{5};               // for calls left behind, when the program ends
constexpr std::chrono::milliseconds kLooksForCancelling{50};  // how late a cancelled run is noticed

// The sink of one call; takes nothing more once the call was left behind.
class RevocableSink final : public EventSink {
 public:
  explicit RevocableSink(EventSink& sink) : sink_(&sink) {}

  Result<void> put_event(const Event& event, const Chain& chain) override {
    const std::scoped_lock lock{mutex_};
    if (sink_ == nullptr)
      return fail(ErrorCode::TimedOut, "The call has taken too long; it may put no more events.");
    return sink_->put_event(event, chain);
  }
  void revoke() {
    const std::scoped_lock lock{mutex_};
    sink_ = nullptr;
  }

 private:
  std::mutex mutex_;
  EventSink* sink_;  // guarded by mutex_
};

// Outcomes of one round of calls, on their way to the run's thread.
struct Mailbox {
  struct Letter {
    std::size_t index;
    Result<boost::json::value> outcome;
    std::exception_ptr thrown;
  };
  std::mutex mutex;
  std::condition_variable has_letters;
  std::deque<Letter> letters;  // guarded by mutex

  void put(Letter letter) {
    {
      const std::scoped_lock lock{mutex};
      letters.push_back(std::move(letter));
    }
    has_letters.notify_one();
  }
};

// All that a call works with, so that it can outlive its run.
struct Work {
  Work(std::size_t at, CallThreads::Call what, const Event& on, EventSink& put_to,
       std::shared_ptr<const Clock> with, std::shared_ptr<Mailbox> answer_to)
      : index(at),
        call(std::move(what)),
        event(on),
        sink(put_to),
        clock(std::move(with)),
        mailbox(std::move(answer_to)) {}

  std::size_t index;
  CallThreads::Call call;
  Event event;
  RevocableSink sink;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Mailbox> mailbox;

  void run() {
    Mailbox::Letter letter{index, fail(ErrorCode::Internal, "The call did not end."), nullptr};
    try {
      letter.outcome = call.function(ToolContext(call.context, event, *clock, &sink));
    } catch (...) {
      letter.thrown = std::current_exception();
    }
    mailbox->put(std::move(letter));
  }
};

struct UnderWay {
  std::shared_ptr<Work> work;
  SteadyTime until;
};

}  // namespace

struct CallThreads::Shared {
  std::shared_ptr<const Clock> clock;
  std::mutex mutex;
  std::condition_variable is_less;
  std::size_t running = 0;  // guarded by mutex

  bool enter() {
    const std::scoped_lock lock{mutex};
    if (running >= kMaxCalls) return false;
    ++running;
    return true;
  }
  void leave() {
    {
      const std::scoped_lock lock{mutex};
      --running;
    }
    is_less.notify_all();
  }
};

CallThreads::CallThreads(std::shared_ptr<const Clock> clock) : shared_(std::make_shared<Shared>()) {
  shared_->clock = std::move(clock);
}

CallThreads::~CallThreads() {
  std::unique_lock lock{shared_->mutex};
  shared_->is_less.wait_for(lock, kEndPatience, [this] { return shared_->running == 0; });
}

namespace {

std::string seconds_text(std::chrono::milliseconds timeout) {
  const auto ms = timeout.count();
  return ms % 1'000 == 0 ? std::to_string(ms / 1'000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace

// The calls of one turn: at most kMaxSideBySide at a time, the next when one has ended.
class CallThreads::Round {
 public:
  Round(std::shared_ptr<Shared> shared, std::vector<Call> calls, const Event& event, EventSink& sink,
        const OnOutcome& on_outcome)
      : shared_(std::move(shared)),
        calls_(std::move(calls)),
        event_(event),
        sink_(sink),
        on_outcome_(on_outcome) {}

  void run(const std::function<bool()>& is_cancelled) {
    while (next_ < calls_.size() || !under_way_.empty()) {
      while (next_ < calls_.size() && under_way_.size() < kMaxSideBySide) begin_next();
      if (under_way_.empty()) continue;
      if (auto letter = wait_for_letter()) {
        take(std::move(*letter));
      } else if (is_cancelled && is_cancelled()) {
        cancel();
      } else if (const auto late = soonest(); std::chrono::steady_clock::now() >= late->until) {
        leave_behind(late, "it took longer than it may (" + seconds_text(late->work->call.timeout) + ")");
      }
    }
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  using Place = std::vector<UnderWay>::iterator;

  void begin_next() {
    const std::size_t index = next_++;
    if (!shared_->enter()) return refuse(index, "too many tools are at work.");
    const auto timeout = calls_[index].timeout;
    const bool can_be_left = calls_[index].can_be_left;
    auto work =
        std::make_shared<Work>(index, std::move(calls_[index]), event_, sink_, shared_->clock, mailbox_);
    try {
      std::thread{[work, shared = shared_]() mutable {
        work->run();
        work.reset();
        shared->leave();
      }}.detach();
    } catch (const std::system_error& error) {
      shared_->leave();
      return refuse(index, error.what());
    }
    const auto until = can_be_left ? std::chrono::steady_clock::now() + timeout : SteadyTime::max();
    under_way_.push_back({std::move(work), until});
  }

  void refuse(std::size_t index, const std::string& why) {
    on_outcome_(index, fail(ErrorCode::Overloaded, "The call was not begun: " + why));
  }

  Place soonest() {
    return std::min_element(under_way_.begin(), under_way_.end(),
                            [](const UnderWay& a, const UnderWay& b) { return a.until < b.until; });
  }

  std::optional<Mailbox::Letter> wait_for_letter() {
    const auto until = std::min(soonest()->until, std::chrono::steady_clock::now() + kLooksForCancelling);
    std::unique_lock lock{mailbox_->mutex};
    mailbox_->has_letters.wait_until(lock, until, [this] { return !mailbox_->letters.empty(); });
    if (mailbox_->letters.empty()) return std::nullopt;
    auto letter = std::move(mailbox_->letters.front());
    mailbox_->letters.pop_front();
    return letter;
  }

  void take(Mailbox::Letter letter) {
    const auto found = std::find_if(under_way_.begin(), under_way_.end(),
                                    [&](const UnderWay& one) { return one.work->index == letter.index; });
    if (found == under_way_.end()) return;  // it was left behind
    under_way_.erase(found);
    if (letter.thrown == nullptr) return on_outcome_(letter.index, std::move(letter.outcome));
    if (thrown_ == nullptr) thrown_ = letter.thrown;
  }

  void leave_behind(Place left, const std::string& why) {
    left->work->sink.revoke();
    const std::size_t index = left->work->index;
    under_way_.erase(left);
    on_outcome_(index, fail(ErrorCode::TimedOut, why));
  }

  void cancel() {
    std::vector<std::size_t> left;
    std::erase_if(under_way_, [&](const UnderWay& one) {
      if (!one.work->call.can_be_left) return false;
      one.work->sink.revoke();
      left.push_back(one.work->index);
      return true;
    });
    for (const std::size_t index : left) {
      on_outcome_(index, fail(ErrorCode::TimedOut, "the run was cancelled meanwhile"));
    }
    for (; next_ < calls_.size(); ++next_)
      on_outcome_(next_, fail(ErrorCode::Conflict, "The run was cancelled."));
  }

  const std::shared_ptr<Shared> shared_;
  std::vector<Call> calls_;
  const Event& event_;
  EventSink& sink_;
  const OnOutcome& on_outcome_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::vector<UnderWay> under_way_;
  std::size_t next_ = 0;
  std::exception_ptr thrown_;
};

void CallThreads::run(std::vector<Call> calls, const Event& event, EventSink& sink,
                      const std::function<bool()>& is_cancelled, const OnOutcome& on_outcome) {
  Round{shared_, std::move(calls), event, sink, on_outcome}.run(is_cancelled);
}

}  // namespace ebagent::agent
