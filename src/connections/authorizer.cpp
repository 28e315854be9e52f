#include "connections/authorizer.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace ebagent::connections {
namespace {

constexpr std::chrono::milliseconds kIdlePause{100};  // how soon a new connection is noticed
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::minutes kLongestPause{1};

}  // namespace

Result<void> Authorizer::tick(TimePoint now) {
  const auto waiting = connections_.authorizing();
  std::erase_if(turns_, [&](const auto& turn) {
    return std::none_of(waiting.begin(), waiting.end(), [&](const auto& one) {
      return one->arn == turn.first && one->sealed == turn.second.sealed;
    });
  });
  for (const auto& connection : waiting) {
    const auto turn = turns_.find(connection->arn);
    if (turn != turns_.end() && turn->second.due > now) continue;
    const TokenOutcome outcome = tokens_.token(*connection);
    const auto* none = std::get_if<NoToken>(&outcome);
    if (none == nullptr) {
      BOOST_OUTCOME_TRYV(connections_.set_state(*connection, ConnectionState::Authorized, {}));
    } else if (none->is_refused) {
      BOOST_OUTCOME_TRYV(connections_.set_state(*connection, ConnectionState::Deauthorized, none->reason));
    } else {
      const Duration pause = turn == turns_.end() ? Duration{kFirstPause}
                                                  : std::min<Duration>(turn->second.pause * 2, kLongestPause);
      turns_.insert_or_assign(connection->arn, Turn{connection->sealed, now + pause, pause});
      BOOST_OUTCOME_TRYV(connections_.set_state(*connection, ConnectionState::Authorizing, none->reason));
    }
  }
  return success();
}

void Authorizer::run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error) {
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const auto ticked = tick(clock_.now());
    if (!ticked && on_error) on_error(ticked.error());
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, ticked ? Duration{kIdlePause} : Duration{kFirstPause}, [] { return false; });
  }
}

}  // namespace ebagent::connections
