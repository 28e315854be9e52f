#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/flow/collected.hpp"
#include "agent/flow/gcra.hpp"
#include "agent/flow/rate_window.hpp"
#include "ebagent/flow_control.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::agent::flow {

// The kind under which the catalog keeps the states of keys.
inline constexpr std::string_view kCatalogKind = "flow";

using State = std::variant<Cells, RateWindow, Pending, OpenBatch>;

// AGENT/MECHANISM/HASH: how the record of a key is named. `mechanism` is "throttle", "rate_limit", "debounce" or "batch".
[[nodiscard]] std::string record_name(std::string_view agent, std::string_view mechanism,
                                      std::string_view key);

[[nodiscard]] std::string to_json(const State& state);
// Malformed for what is none, or none of this name's mechanism.
[[nodiscard]] Result<State> read_state(std::string_view record_name, std::string_view json);

// The states of one agent's keys, in memory and in the store: what says nothing more is removed, and there are no more than
// kMaxKeys. Belongs to its owner's lock.
class Records {
 public:
  // Of all mechanisms of one agent, about 20 MB of memory.
  static constexpr std::size_t kMaxKeys = 100'000;

  // Changes that are not yet on disk, with what is to be written together with them.
  class Draft {
   public:
    void set(const std::string& name, State state);
    void remove(const std::string& name);
    void write(store::Write write) { writes_.push_back(std::move(write)); }
    [[nodiscard]] bool is_empty() const { return writes_.empty(); }

   private:
    friend class Records;
    store::Transaction writes_;
    std::vector<std::pair<std::string, std::optional<State>>> states_;
  };

  // Reads those of the agent.
  [[nodiscard]] static Result<Records> load(store::Store& store, std::string_view agent);

  template <class T>
  [[nodiscard]] const T* find(const std::string& name) const {
    const auto found = states_.find(name);
    return found == states_.end() ? nullptr : std::get_if<T>(&found->second);
  }
  [[nodiscard]] bool is_full() const { return states_.size() >= kMaxKeys; }
  [[nodiscard]] std::size_t size() const { return states_.size(); }

  // All or nothing, on disk when it returns.
  Result<void> commit(store::Store& store, Draft draft);
  // Removes what says nothing more.
  void sweep(store::Store& store, const FlowControl& flow, TimePoint now);

 private:
  std::map<std::string, State> states_;
};

// Removes the records of agents and mechanisms for which `is_used` is false.
Result<void> remove_unused(
    store::Store& store,
    const std::function<bool(std::string_view agent, std::string_view mechanism)>& is_used);

}  // namespace ebagent::agent::flow
