#include "agent/flow_yaml.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/flow/check.hpp"
#include "agent/flow/keys.hpp"
#include "ebagent/pattern.hpp"

namespace ebagent::agent {
namespace {

using std::chrono::milliseconds;

// Reads the parts of one mechanism, each with its place in errors.
class Mechanism {
 public:
  Mechanism(const YamlReader& yaml, const YAML::Node& node) : yaml_(yaml), node_(node) {}

  [[nodiscard]] auto missing(const char* name) const {
    return fail(yaml_.error_at(node_, "\"" + std::string(name) + "\" is missing."));
  }

  [[nodiscard]] auto refuse(const char* name, std::string_view why) const {
    return fail(yaml_.error_at(node_[name], "\"" + std::string(name) + "\" " + std::string(why)));
  }

  [[nodiscard]] Result<int> number(const char* name, int least, int most) const {
    if (!node_[name]) return missing(name);
    BOOST_OUTCOME_TRY(const int value, yaml_.whole_number(node_[name], name));
    if (value >= least && value <= most) return value;
    return refuse(name, "must be from " + std::to_string(least) + " to " + std::to_string(most) + ".");
  }

  [[nodiscard]] Result<milliseconds> duration(const char* name) const {
    if (!node_[name]) return missing(name);
    BOOST_OUTCOME_TRY(const auto length, yaml_.duration(node_[name], name));
    if (length <= flow::kLongestPeriod) return length;
    return refuse(name, "must be at most 31 days.");
  }

  [[nodiscard]] Result<std::string> path(const char* name) const {
    if (!node_[name]) return std::string{};
    BOOST_OUTCOME_TRY(auto text, yaml_.text(node_[name], name));
    if (auto key = flow::Key::parse(text); !key)
      return fail(yaml_.error_at(node_[name], "\"" + std::string(name) + "\": " + key.error().message));
    return text;
  }

  [[nodiscard]] bool has(const char* name) const { return node_[name].IsDefined(); }

 private:
  const YamlReader& yaml_;
  const YAML::Node& node_;
};

Result<Concurrency> read_concurrency(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "concurrency", {"limit", "key"}));
  const Mechanism read{yaml, node};
  Concurrency concurrency;
  BOOST_OUTCOME_TRY(concurrency.limit, read.number("limit", 1, flow::kMaxLimit));
  BOOST_OUTCOME_TRY(concurrency.key, read.path("key"));
  return concurrency;
}

Result<Throttle> read_throttle(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "throttle", {"limit", "period", "burst", "key"}));
  const Mechanism read{yaml, node};
  Throttle throttle;
  BOOST_OUTCOME_TRY(throttle.limit, read.number("limit", 1, flow::kMaxLimit));
  BOOST_OUTCOME_TRY(throttle.period, read.duration("period"));
  if (read.has("burst")) {
    BOOST_OUTCOME_TRY(throttle.burst, read.number("burst", 0, flow::kMaxLimit));
  }
  BOOST_OUTCOME_TRY(throttle.key, read.path("key"));
  return throttle;
}

Result<RateLimit> read_rate_limit(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "rate_limit", {"limit", "period", "key"}));
  const Mechanism read{yaml, node};
  RateLimit limit;
  BOOST_OUTCOME_TRY(limit.limit, read.number("limit", 1, flow::kMaxLimit));
  BOOST_OUTCOME_TRY(limit.period, read.duration("period"));
  BOOST_OUTCOME_TRY(limit.key, read.path("key"));
  return limit;
}

Result<Debounce> read_debounce(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "debounce", {"period", "longest_wait", "key"}));
  const Mechanism read{yaml, node};
  Debounce debounce;
  BOOST_OUTCOME_TRY(debounce.period, read.duration("period"));
  if (read.has("longest_wait")) {
    BOOST_OUTCOME_TRY(debounce.longest_wait, read.duration("longest_wait"));
    if (debounce.longest_wait < debounce.period)
      return read.refuse("longest_wait", "must not be shorter than the period.");
  }
  BOOST_OUTCOME_TRY(debounce.key, read.path("key"));
  return debounce;
}

Result<Batch> read_batch(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "batch", {"size", "longest_wait", "key"}));
  const Mechanism read{yaml, node};
  Batch batch;
  BOOST_OUTCOME_TRY(batch.size, read.number("size", 1, flow::kMaxBatchSize));
  BOOST_OUTCOME_TRY(batch.longest_wait, read.duration("longest_wait"));
  BOOST_OUTCOME_TRY(batch.key, read.path("key"));
  return batch;
}

Result<Singleton> read_singleton(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "singleton", {"mode", "key"}));
  const Mechanism read{yaml, node};
  Singleton singleton;
  if (read.has("mode")) {
    BOOST_OUTCOME_TRY(const auto mode, yaml.text(node["mode"], "mode"));
    if (mode != "skip" && mode != "cancel_previous")
      return read.refuse("mode", "is either skip or cancel_previous.");
    if (mode == "cancel_previous") singleton.mode = Singleton::Mode::CancelPrevious;
  }
  BOOST_OUTCOME_TRY(singleton.key, read.path("key"));
  return singleton;
}

Result<CancelOn> read_cancel_on(const YamlReader& yaml, const YAML::Node& node) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "cancel_on", {"pattern", "match"}));
  CancelOn cancel;
  if (!node["pattern"]) return fail(yaml.error_at(node, "\"pattern\" is missing in cancel_on."));
  BOOST_OUTCOME_TRY(cancel.pattern, yaml.json_text(node["pattern"], "pattern"));
  if (auto pattern = pattern::compile(cancel.pattern); !pattern)
    return fail(yaml.error_at(node["pattern"], "The pattern of cancel_on: " + pattern.error().message));
  BOOST_OUTCOME_TRY(cancel.match, (Mechanism{yaml, node}.path("match")));
  return cancel;
}

template <class T>
Result<void> read_one(const YamlReader& yaml, const YAML::Node& node, std::optional<T>& into,
                      Result<T> (*read)(const YamlReader&, const YAML::Node&)) {
  if (!node.IsDefined()) return success();
  BOOST_OUTCOME_TRY(into, read(yaml, node));
  return success();
}

}  // namespace

Result<FlowControl> read_flow(const YAML::Node& node, const YamlReader& yaml) {
  FlowControl flow;
  if (!node.IsDefined()) return flow;
  BOOST_OUTCOME_TRYV(yaml.check_keys(
      node, "flow",
      {"concurrency", "throttle", "rate_limit", "debounce", "batch", "singleton", "cancel_on"}));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["concurrency"], flow.concurrency, &read_concurrency));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["throttle"], flow.throttle, &read_throttle));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["rate_limit"], flow.rate_limit, &read_rate_limit));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["debounce"], flow.debounce, &read_debounce));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["batch"], flow.batch, &read_batch));
  BOOST_OUTCOME_TRYV(read_one(yaml, node["singleton"], flow.singleton, &read_singleton));
  BOOST_OUTCOME_TRY(const auto cancels, yaml.elements(node["cancel_on"], "cancel_on"));
  for (const YAML::Node& cancel : cancels) {
    BOOST_OUTCOME_TRY(auto read, read_cancel_on(yaml, cancel));
    flow.cancel_on.push_back(std::move(read));
  }
  if (auto checked = flow::check_together(flow); !checked)
    return fail(yaml.error_at(node, "flow: " + checked.error().message));
  return flow;
}

}  // namespace ebagent::agent
