#include "agent/run_feed.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebagent::agent {
namespace {

std::size_t weight_of(const RunEvent& event) {
  return sizeof(event) + event.run_id.size() + event.agent.size() + event.event_id.size() +
         event.step.size() + event.text.size() + event.json.size();
}

// Cuts between two characters.
void shorten(std::string& text) {
  if (text.size() <= RunFeed::kMaxTextBytes) return;
  std::size_t end = RunFeed::kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

}  // namespace

std::string_view to_string(RunEvent::Kind kind) {
  switch (kind) {
    case RunEvent::Kind::RunBegun:
      return "run_begun";
    case RunEvent::Kind::RunEnded:
      return "run_ended";
    case RunEvent::Kind::RunWaits:
      return "run_waits";
    case RunEvent::Kind::StepBegun:
      return "step_begun";
    case RunEvent::Kind::StepEnded:
      return "step_ended";
    case RunEvent::Kind::Text:
      break;
  }
  return "text";
}

struct RunFeed::Listener {
  explicit Listener(std::function<void()> when_ready) : on_ready(std::move(when_ready)) {}

  const std::function<void()> on_ready;
  std::mutex mutex{};  // guards what follows
  std::deque<std::shared_ptr<const RunEvent>> waiting{};
  std::size_t bytes = 0;
  bool is_cut_off = false;

  void hear(const std::shared_ptr<const RunEvent>& event, std::size_t weight) {
    {
      const std::lock_guard lock(mutex);
      if (is_cut_off) return;
      const bool is_first = waiting.empty();
      if (waiting.size() >= kMaxWaiting || (!is_first && bytes + weight > kMaxWaitingBytes)) {
        is_cut_off = true;
        waiting.clear();
      } else {
        waiting.push_back(event);
        bytes += weight;
        if (!is_first) return;
      }
    }
    on_ready();
  }
};

struct RunFeed::State {
  std::atomic<std::size_t> count{0};
  std::mutex mutex;
  std::vector<std::shared_ptr<Listener>> listeners;  // guarded by mutex
};

RunFeed::RunFeed() : state_(std::make_shared<State>()) {}

Result<std::unique_ptr<RunFeed::Subscription>> RunFeed::subscribe(std::function<void()> on_ready) {
  auto listener = std::make_shared<Listener>(std::move(on_ready));
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->listeners.size() >= kMaxListeners) {
      return fail(ErrorCode::Overloaded,
                  "As many listen to runs as may: " + std::to_string(kMaxListeners) + ".");
    }
    state_->listeners.push_back(listener);
    state_->count = state_->listeners.size();
  }
  return std::make_unique<Subscription>(state_, std::move(listener));
}

bool RunFeed::is_heard() const {
  return state_->count.load(std::memory_order_relaxed) != 0;
}

void RunFeed::publish(RunEvent event) {
  if (!is_heard()) return;
  shorten(event.text);
  if (event.json.size() > kMaxTextBytes) event.json = R"({"omitted":"too long for the stream; see the run"})";
  const std::size_t weight = weight_of(event);
  const auto shared = std::make_shared<const RunEvent>(std::move(event));
  std::vector<std::shared_ptr<Listener>> listeners;
  {
    const std::lock_guard lock(state_->mutex);
    listeners = state_->listeners;
  }
  for (const auto& listener : listeners) listener->hear(shared, weight);
}

RunFeed::Subscription::Subscription(std::shared_ptr<State> state, std::shared_ptr<Listener> listener)
    : state_(std::move(state)), listener_(std::move(listener)) {}

RunFeed::Subscription::~Subscription() {
  const std::lock_guard lock(state_->mutex);
  std::erase(state_->listeners, listener_);
  state_->count = state_->listeners.size();
}

std::vector<std::shared_ptr<const RunEvent>> RunFeed::Subscription::take() {
  const std::lock_guard lock(listener_->mutex);
  std::vector<std::shared_ptr<const RunEvent>> taken{listener_->waiting.begin(), listener_->waiting.end()};
  listener_->waiting.clear();
  listener_->bytes = 0;
  return taken;
}

bool RunFeed::Subscription::is_cut_off() const {
  const std::lock_guard lock(listener_->mutex);
  return listener_->is_cut_off;
}

}  // namespace ebagent::agent
