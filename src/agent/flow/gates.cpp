#include "agent/flow/gates.hpp"

#include <string_view>
#include <utility>

#include "agent/flow/names.hpp"

namespace ebagent::agent::flow {
namespace {

bool has_mechanism(const FlowControl& flow, std::string_view mechanism) {
  if (mechanism == kThrottle) return flow.throttle.has_value();
  if (mechanism == kRateLimit) return flow.rate_limit.has_value();
  if (mechanism == kDebounce) return flow.debounce.has_value();
  return mechanism == kBatch && flow.batch.has_value();
}

}  // namespace

Result<void> Gates::remove_unused() {
  return flow::remove_unused(*app_.ports().store, [this](std::string_view agent, std::string_view mechanism) {
    const AgentSpec* spec = app_.spec(agent);
    return spec != nullptr && has_mechanism(spec->flow, mechanism);
  });
}

Result<std::shared_ptr<AgentGate>> Gates::of(const AgentSpec& spec) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = gates_.find(spec.name); found != gates_.end()) return found->second;
  const AppPorts& ports = app_.ports();
  if (ports.store == nullptr)
    return fail(ErrorCode::Unavailable, "Flow control needs the store that deliveries come from.");
  if (!is_tidy_) {
    BOOST_OUTCOME_TRYV(remove_unused());
    is_tidy_ = true;
  }
  Around around{.store = *ports.store,
                .clock = *ports.clock,
                .random = *ports.random,
                .settings = app_.settings(),
                .cancel = settings_.cancel,
                .on_over = settings_.on_over};
  if (!around.cancel) {
    around.cancel = [&app = app_](const std::string& run_id, const std::string& reason) {
      return app.cancel(run_id, reason);
    };
  }
  auto gate = std::make_shared<AgentGate>(spec.name, spec.flow, std::move(around));
  gates_.emplace(spec.name, gate);
  return gate;
}

void Gates::forget() {
  const std::scoped_lock lock{mutex_};
  gates_.clear();
}

}  // namespace ebagent::agent::flow
