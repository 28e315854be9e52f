#include "bus/routing.hpp"

#include <algorithm>
#include <mutex>

namespace ebagent::bus {
namespace {

bool same_pattern(const std::optional<pattern::Pattern>& a, const std::optional<pattern::Pattern>& b) {
  if (!a || !b) return !a && !b;
  return &a->program() == &b->program();
}

}  // namespace

std::shared_ptr<Routing::Table> Routing::find(const Scope& scope, std::string_view bus) const {
  const std::shared_lock lock{tables_mutex_};
  const auto found = tables_.find(KeyView{scope, bus});
  return found == tables_.end() ? nullptr : found->second;
}

Routing::Table& Routing::table(const BusKey& bus) {
  const std::unique_lock lock{tables_mutex_};
  auto& slot = tables_[bus];
  if (slot == nullptr) slot = std::make_shared<Table>();
  return *slot;
}

// A replaced pattern gets a new id, and both ids lead to the new rule until the old pattern is out of the
// index. Events hold the table's lock while they match and look up, so that waiting for it once more means
// that nobody uses the old id.
void Routing::set(const BusKey& bus, RoutedRulePtr rule, std::optional<pattern::Pattern> pattern) {
  Table& table = this->table(bus);
  Named before;
  pattern::RuleId id = 0;
  bool same = false;
  {
    const std::unique_lock lock{table.mutex};
    Named& named = table.by_name[rule->name];
    before = named;
    same = same_pattern(before.pattern, pattern);
    id = same ? before.id : (pattern ? next_id_++ : 0);
    if (before.id != 0) table.by_id[before.id] = rule;
    if (id != 0) table.by_id[id] = rule;
    named = Named{std::move(rule), pattern, id};
  }
  if (same) return;
  if (pattern) table.patterns.add(id, *std::move(pattern));
  if (before.id == 0) return;
  table.patterns.remove(before.id);
  const std::unique_lock lock{table.mutex};
  table.by_id.erase(before.id);
}

void Routing::remove(const BusKey& bus, std::string_view rule) {
  Table& table = this->table(bus);
  pattern::RuleId id = 0;
  {
    const std::unique_lock lock{table.mutex};
    const auto found = table.by_name.find(rule);
    if (found == table.by_name.end()) return;
    id = found->second.id;
    table.by_id.erase(id);
    table.by_name.erase(found);
  }
  if (id != 0) table.patterns.remove(id);
}

void Routing::load(const BusKey& bus, std::vector<Loaded> rules) {
  Table& table = this->table(bus);
  std::vector<std::pair<pattern::RuleId, pattern::Pattern>> patterns;
  {
    const std::unique_lock lock{table.mutex};
    for (auto& [rule, pattern] : rules) {
      const pattern::RuleId id = pattern ? next_id_++ : 0;
      if (pattern) {
        table.by_id[id] = rule;
        patterns.emplace_back(id, *pattern);
      }
      const std::string& name = rule->name;
      table.by_name[name] = Named{std::move(rule), std::move(pattern), id};
    }
  }
  table.patterns.add_all(patterns);
}

Result<void> Routing::match(const Scope& scope, std::string_view bus, std::string_view event_json,
                            pattern::Scratch& scratch, std::vector<RoutedRulePtr>& matched) const {
  const auto table = find(scope, bus);
  if (table == nullptr) return success();
  const auto first = static_cast<std::ptrdiff_t>(matched.size());
  const std::shared_lock lock{table->mutex};
  BOOST_OUTCOME_TRY(const auto ids, table->patterns.match(event_json, scratch));
  for (const pattern::RuleId id : ids) {
    const auto found = table->by_id.find(id);
    if (found == table->by_id.end()) continue;
    // Two ids lead to one rule while its pattern is being replaced.
    if (std::find(matched.begin() + first, matched.end(), found->second) == matched.end()) {
      matched.push_back(found->second);
    }
  }
  return success();
}

RoutedRulePtr Routing::rule(const Scope& scope, std::string_view bus, std::string_view name) const {
  const auto table = find(scope, bus);
  if (table == nullptr) return nullptr;
  const std::shared_lock lock{table->mutex};
  const auto found = table->by_name.find(name);
  return found == table->by_name.end() ? nullptr : found->second.rule;
}

}  // namespace ebagent::bus
