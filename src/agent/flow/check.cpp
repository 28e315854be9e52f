#include "agent/flow/check.hpp"

#include <string>
#include <string_view>

#include "agent/flow/keys.hpp"
#include "agent/flow/names.hpp"
#include "ebagent/pattern.hpp"

namespace ebagent::agent::flow {
namespace {

constexpr std::size_t kMaxRuleName = 64;  // of AWS

Result<void> refuse(std::string_view why) {
  return fail(ErrorCode::InvalidArgument, std::string(why));
}

Result<void> check_key(std::string_view of, const std::string& path) {
  auto key = Key::parse(path);
  if (key) return success();
  return refuse("the key of " + std::string(of) + ": " + key.error().message);
}

Result<void> check_number(std::string_view name, int value, int least, int most) {
  if (value >= least && value <= most) return success();
  return refuse(std::string(name) + " must be from " + std::to_string(least) + " to " + std::to_string(most) +
                ".");
}

Result<void> check_time(std::string_view name, std::chrono::milliseconds value) {
  if (value.count() > 0 && value <= kLongestPeriod) return success();
  return refuse(std::string(name) + " must be longer than 0 and at most 31 days.");
}

Result<void> check_rates(const FlowControl& flow) {
  if (const auto& concurrency = flow.concurrency) {
    BOOST_OUTCOME_TRYV(check_number("the limit of concurrency", concurrency->limit, 1, kMaxLimit));
    BOOST_OUTCOME_TRYV(check_key("concurrency", concurrency->key));
  }
  if (const auto& throttle = flow.throttle) {
    BOOST_OUTCOME_TRYV(check_number("the limit of throttle", throttle->limit, 1, kMaxLimit));
    BOOST_OUTCOME_TRYV(check_number("the burst of throttle", throttle->burst, 0, kMaxLimit));
    BOOST_OUTCOME_TRYV(check_time("the period of throttle", throttle->period));
    BOOST_OUTCOME_TRYV(check_key("throttle", throttle->key));
  }
  if (const auto& limit = flow.rate_limit) {
    BOOST_OUTCOME_TRYV(check_number("the limit of rate_limit", limit->limit, 1, kMaxLimit));
    BOOST_OUTCOME_TRYV(check_time("the period of rate_limit", limit->period));
    BOOST_OUTCOME_TRYV(check_key("rate_limit", limit->key));
  }
  return success();
}

Result<void> check_collecting(const FlowControl& flow) {
  if (const auto& debounce = flow.debounce) {
    BOOST_OUTCOME_TRYV(check_time("the period of debounce", debounce->period));
    if (debounce->longest_wait.count() != 0) {
      BOOST_OUTCOME_TRYV(check_time("the longest_wait of debounce", debounce->longest_wait));
      if (debounce->longest_wait < debounce->period)
        return refuse("the longest_wait of debounce must not be shorter than its period.");
    }
    BOOST_OUTCOME_TRYV(check_key("debounce", debounce->key));
  }
  if (const auto& batch = flow.batch) {
    BOOST_OUTCOME_TRYV(check_number("the size of batch", batch->size, 1, kMaxBatchSize));
    BOOST_OUTCOME_TRYV(check_time("the longest_wait of batch", batch->longest_wait));
    BOOST_OUTCOME_TRYV(check_key("batch", batch->key));
  }
  if (flow.singleton) {
    BOOST_OUTCOME_TRYV(check_key("singleton", flow.singleton->key));
  }
  return success();
}

Result<void> check_cancel_on(const AgentSpec& spec) {
  for (std::size_t i = 0; i < spec.flow.cancel_on.size(); ++i) {
    const CancelOn& cancel = spec.flow.cancel_on[i];
    if (auto pattern = pattern::compile(cancel.pattern); !pattern)
      return refuse("the pattern of cancel_on: " + pattern.error().message);
    BOOST_OUTCOME_TRYV(check_key("cancel_on", cancel.match));
    if (cancel_rule_name(spec.name, i).size() > kMaxRuleName)
      return refuse("with cancel_on the agent's name may have 54 characters: it is part of a rule's name.");
  }
  return success();
}

}  // namespace

// A batch is of many events, so what asks one event's value or ends one event's run has no meaning with it.
Result<void> check_together(const FlowControl& flow) {
  if (!flow.batch) return success();
  if (flow.debounce) return refuse("batch and debounce cannot be combined: both gather events.");
  if (flow.rate_limit) return refuse("batch and rate_limit cannot be combined; use throttle.");
  if (flow.singleton) return refuse("batch and singleton cannot be combined; use concurrency with limit 1.");
  if (!flow.cancel_on.empty()) return refuse("batch and cancel_on cannot be combined.");
  for (const std::string* key :
       {flow.concurrency ? &flow.concurrency->key : nullptr, flow.throttle ? &flow.throttle->key : nullptr}) {
    if (key != nullptr && !key->empty() && *key != flow.batch->key) {
      return refuse("with batch, concurrency and throttle have either its key or none.");
    }
  }
  return success();
}

Result<void> check(const AgentSpec& spec) {
  auto checked = check_rates(spec.flow);
  if (checked) checked = check_collecting(spec.flow);
  if (checked) checked = check_together(spec.flow);
  if (checked) checked = check_cancel_on(spec);
  if (checked) return success();
  return fail(checked.error().code,
              "Agent \"" + spec.name + "\": its flow control: " + checked.error().message);
}

}  // namespace ebagent::agent::flow
