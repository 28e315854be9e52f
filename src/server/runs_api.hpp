#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/run_feed.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "server/http_message.hpp"
#include "server/work_queue.hpp"
#include "store/store.hpp"

namespace ebagent::server {

// What people and programs do with runs over HTTP, below /_eventbridge/runs: list and look at them, answer their questions,
// cancel them, have them done again, and listen to what they do. See docs/runs.md. Thread safety: handle() may be called from
// any thread.
class RunsApi {
 public:
  // What is referred to must outlive the API; the functions may be empty.
  struct Ports {
    store::Store& store;
    agent::RunFeed& feed;
    const Clock& clock;
    core::Random& random;
    // Cancels a run that may be at work in this process; empty: the store does, and the run ends at its next step.
    std::function<Result<void>(const std::string& run_id, const std::string& reason)> cancel = {};
    std::function<void()> on_due = {};  // a delivery has come due before its time
  };
  explicit RunsApi(Ports ports);

  [[nodiscard]] static bool serves(std::string_view path);
  void handle(Request request, Respond respond);

 private:
  struct Place;  // what a path names

  [[nodiscard]] Reply answer(const Request& request, const Place& place);
  [[nodiscard]] Reply list(const Request& request);
  [[nodiscard]] Reply show(const std::string& id);
  [[nodiscard]] Reply decide(const Request& request, const std::string& id, bool approved);
  [[nodiscard]] Reply cancel(const Request& request, const std::string& id);
  Result<void> end_in_store(const std::string& id, const std::string& reason, TimePoint now);
  [[nodiscard]] Reply rerun(const Request& request, const std::string& id);
  [[nodiscard]] Reply listen(const Request& request);

  const Ports ports_;
  WorkQueue work_;  // last: its thread ends before what it uses
};

}  // namespace ebagent::server
