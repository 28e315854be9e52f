#include "store/sqlite/route_table.hpp"

#include <fmt/core.h>

#include <utility>

#include "core/ids.hpp"

namespace ebagent::store::sqlite {
namespace {

// Two routes have the same digest exactly when all but their numbers are equal.
std::string digest_of(const Route& route) {
  std::string text;
  for (const std::string* part : {&route.bus, &route.rule_arn, &route.target_id, &route.target_arn,
                                  &route.target_json, &route.dead_letter_arn}) {
    text += fmt::format("{}:", part->size());
    text += *part;
  }
  text += fmt::format("{},{},{}", route.max_attempts, route.max_age.count(), route.reshapes_input);
  return core::sha256_hex(text);
}

}  // namespace

Route route_from(const Query& row, int first) {
  Route route;
  route.id = row.integer(first);
  route.bus = row.text(first + 1);
  route.rule_arn = row.text(first + 2);
  route.target_id = row.text(first + 3);
  route.target_arn = row.text(first + 4);
  route.target_json = row.text(first + 5);
  route.max_attempts = row.small(first + 6);
  route.max_age = std::chrono::seconds{row.integer(first + 7)};
  route.dead_letter_arn = row.text(first + 8);
  route.reshapes_input = row.small(first + 9) != 0;
  return route;
}

std::shared_ptr<const Route> RouteTable::known(const Route& route) {
  const std::string digest = digest_of(route);
  const std::scoped_lock lock{mutex_};
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const Route>> RouteTable::intern(Route route) {
  const std::string digest = digest_of(route);
  BOOST_OUTCOME_TRY(insert_.run(digest, route.bus, route.rule_arn, route.target_id, route.target_arn,
                                route.target_json, route.max_attempts, route.max_age.count(),
                                route.dead_letter_arn, route.reshapes_input));
  BOOST_OUTCOME_TRY(auto rows, find_.query(digest));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  if (!is_there) return fail(ErrorCode::Internal, "The store lost a route that it had just inserted.");
  route.id = rows.integer(0);
  return std::make_shared<const Route>(std::move(route));
}

Result<std::shared_ptr<const Route>> RouteTable::by_id(std::int64_t id) {
  {
    const std::scoped_lock lock{mutex_};
    if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
  }
  BOOST_OUTCOME_TRY(auto rows, read_.query(id));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  if (!is_there) {
    return fail(ErrorCode::Io, fmt::format("The store {} is damaged: route {} of a delivery is missing.",
                                           connection_.name(), id));
  }
  auto route = std::make_shared<const Route>(route_from(rows, 0));
  remember(route);
  return route;
}

void RouteTable::remember(const std::shared_ptr<const Route>& route) {
  std::string digest = digest_of(*route);
  const std::scoped_lock lock{mutex_};
  if (by_id_.size() >= kMaxInMemory) {
    by_id_.clear();
    by_digest_.clear();
  }
  by_id_.emplace(route->id, route);
  by_digest_.emplace(std::move(digest), route);
}

}  // namespace ebagent::store::sqlite
