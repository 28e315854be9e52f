#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/run_feed.hpp"
#include "ebagent/clock.hpp"
#include "server/http_message.hpp"

namespace ebagent::server {

// What runs do, as server-sent events. A comment says that the stream is alive when nothing else does; a client that takes
// its events too slowly is told so in a comment and cut off.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
class RunStream final : public BodyStream {
 public:
  struct Filter {
    std::string agent{};   // empty: all
    std::string run_id{};  // empty: all
  };

  // Overloaded when as many listen as may. `clock` must outlive the stream.
  [[nodiscard]] static Result<std::shared_ptr<RunStream>> open(agent::RunFeed& feed, const Clock& clock,
                                                               Filter filter);

  void begin(std::function<void()> wake) override;
  [[nodiscard]] bool take(std::string& out) override;

 private:
  struct Bell;
  RunStream(const Clock& clock, Filter filter, std::shared_ptr<Bell> bell,
            std::unique_ptr<agent::RunFeed::Subscription> subscription);

  const Clock& clock_;
  const Filter filter_;
  const std::shared_ptr<Bell> bell_;
  const std::unique_ptr<agent::RunFeed::Subscription> subscription_;
  TimePoint last_sent_;
};

}  // namespace ebagent::server
