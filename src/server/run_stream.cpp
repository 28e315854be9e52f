#include "server/run_stream.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::server {
namespace {

namespace json = boost::json;
using agent::RunEvent;

// Proxies close connections on which nothing happens, commonly after a minute.
constexpr std::chrono::seconds kHeartbeat{15};

void add_text(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[json::string_view{name.data(), name.size()}] = text;
}

json::object to_json(const RunEvent& event) {
  json::object object{
      {"run_id", event.run_id}, {"agent", event.agent}, {"at", core::format_utc_millis(event.at)}};
  add_text(object, "event_id", event.event_id);
  add_text(object, "step", event.step);
  add_text(object, "kind", event.step_kind);
  add_text(object, "state", event.state);
  add_text(object, "text", event.text);
  if (!event.json.empty()) {
    auto value = core::parse_json(event.json);
    object["data"] = value ? std::move(value).value() : json::value(event.json);
  }
  return object;
}

}  // namespace

// Rung by who publishes, before and after the connection is there to hear it.
struct RunStream::Bell {
  std::mutex mutex;
  std::function<void()> wake;  // guarded by mutex

  void ring() {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex);
      call = wake;
    }
    if (call) call();
  }
};

RunStream::RunStream(const Clock& clock, Filter filter, std::shared_ptr<Bell> bell,
                     std::unique_ptr<agent::RunFeed::Subscription> subscription)
    : clock_(clock),
      filter_(std::move(filter)),
      bell_(std::move(bell)),
      subscription_(std::move(subscription)),
      last_sent_(clock.now()) {}

Result<std::shared_ptr<RunStream>> RunStream::open(agent::RunFeed& feed, const Clock& clock, Filter filter) {
  auto bell = std::make_shared<Bell>();
  BOOST_OUTCOME_TRY(auto subscription, feed.subscribe([bell] { bell->ring(); }));
  return std::shared_ptr<RunStream>(
      new RunStream(clock, std::move(filter), std::move(bell), std::move(subscription)));
}

void RunStream::begin(std::function<void()> wake) {
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->wake = std::move(wake);
  }
  bell_->ring();  // for what came before
}

bool RunStream::take(std::string& out) {
  const auto events = subscription_->take();
  for (const auto& event : events) {
    const bool is_wanted = (filter_.agent.empty() || filter_.agent == event->agent) &&
                           (filter_.run_id.empty() || filter_.run_id == event->run_id);
    if (!is_wanted) continue;
    out += "event: ";
    out += agent::to_string(event->kind);
    out += "\ndata: ";
    out += core::write_json(to_json(*event));
    out += "\n\n";
  }
  if (subscription_->is_cut_off()) {
    out += ": cut off, because the events were not taken in time\n\n";
    return false;
  }
  const TimePoint now = clock_.now();
  if (out.empty() && now - last_sent_ >= kHeartbeat) out += ": alive\n\n";
  if (!out.empty()) last_sent_ = now;
  return true;
}

}  // namespace ebagent::server
