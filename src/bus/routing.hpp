#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bus/input.hpp"
#include "bus/scope.hpp"
#include "ebagent/pattern.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

// One event bus of one scope.
struct BusKey {
  Scope scope;
  std::string bus;

  auto operator<=>(const BusKey&) const = default;
  bool operator==(const BusKey&) const = default;
};

struct RoutedTarget {
  std::shared_ptr<const store::Route> route;  // interned
  Input input;
};

// What events need to know of a rule.
struct RoutedRule {
  std::string name;
  std::string arn;
  std::vector<RoutedTarget> targets;
  std::int64_t archive = 0;  // the archive that keeps what the rule matches; 0 for all other rules
};
using RoutedRulePtr = std::shared_ptr<const RoutedRule>;

// The rules of every bus in the form in which events are routed: compiled patterns, interned routes, nothing
// to look up.
//
// An event sees each change of a rule wholly or not at all, and a rule whose pattern is replaced matches at
// every instant by its old pattern, its new one or both, once. Thread safety: match() and rule() may be
// called from any thread at any time; they wait for a change at most as long as pointers are replaced. set()
// and remove() must be called by one thread at a time.
class Routing {
 public:
  // Makes or replaces a rule. Without a pattern it matches nothing, and rule() finds it still.
  void set(const BusKey& bus, RoutedRulePtr rule, std::optional<pattern::Pattern> pattern);
  void remove(const BusKey& bus, std::string_view rule);

  struct Loaded {
    RoutedRulePtr rule;
    std::optional<pattern::Pattern> pattern;
  };
  // Many new rules at once, whose index is built once.
  void load(const BusKey& bus, std::vector<Loaded> rules);

  // The rules that an event on this bus matches, each once, appended to `matched`. A bus that does not exist
  // has none. Errors: as pattern::matches().
  Result<void> match(const Scope& scope, std::string_view bus, std::string_view event_json,
                     pattern::Scratch& scratch, std::vector<RoutedRulePtr>& matched) const;
  // Null when there is none.
  [[nodiscard]] RoutedRulePtr rule(const Scope& scope, std::string_view bus, std::string_view name) const;

 private:
  struct Named {
    RoutedRulePtr rule;
    std::optional<pattern::Pattern> pattern;
    pattern::RuleId id = 0;  // of the pattern in force
  };
  struct Table {
    pattern::RuleSet patterns;
    mutable std::shared_mutex mutex;
    std::unordered_map<pattern::RuleId, RoutedRulePtr> by_id;  // guarded by mutex
    std::map<std::string, Named, std::less<>> by_name;         // guarded by mutex
  };

  [[nodiscard]] std::shared_ptr<Table> find(const Scope& scope, std::string_view bus) const;
  [[nodiscard]] Table& table(const BusKey& bus);

  struct KeyView {
    const Scope& scope;
    std::string_view bus;
  };
  struct KeyOrder {
    using is_transparent = void;
    bool operator()(const BusKey& a, const BusKey& b) const { return a < b; }
    bool operator()(const BusKey& a, const KeyView& b) const { return compare(a, b) < 0; }
    bool operator()(const KeyView& a, const BusKey& b) const { return compare(b, a) > 0; }
    static std::strong_ordering compare(const BusKey& a, const KeyView& b) {
      const auto by_scope = a.scope <=> b.scope;
      return by_scope != 0 ? by_scope : std::string_view{a.bus} <=> b.bus;
    }
  };

  mutable std::shared_mutex tables_mutex_;
  std::map<BusKey, std::shared_ptr<Table>, KeyOrder> tables_;  // guarded by tables_mutex_
  pattern::RuleId next_id_ = 1;                                // the changing thread's
};

}  // namespace ebagent::bus
