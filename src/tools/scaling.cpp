#include "tools/scaling.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "tools/stored_time.hpp"

namespace ebagent::tools {
namespace {

constexpr std::int64_t kMaxStep = 1'000;  // one request that adds more is a mistake, not a plan

Result<Capacity> capacity_of(Session& session, std::string_view group) {
  BOOST_OUTCOME_TRY(const auto found,
                    session.query("SELECT min_size, max_size, desired FROM scaling_groups WHERE name = ?1",
                                  {std::string{group}}));
  if (found.rows.empty())
    return fail(ErrorCode::NotFound, fmt::format("There is no Auto Scaling group '{}'.", group));
  const auto& row = found.rows.front();
  return Capacity{std::string{group}, integer_of(row[0]), integer_of(row[1]), integer_of(row[2]), true};
}

}  // namespace

Result<std::unique_ptr<LocalScaling>> LocalScaling::open(std::shared_ptr<Database> database) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) -> Result<void> {
    BOOST_OUTCOME_TRY(
        session.run("CREATE TABLE IF NOT EXISTS scaling_groups ("
                    " name TEXT PRIMARY KEY, min_size INTEGER NOT NULL, max_size INTEGER NOT NULL,"
                    " desired INTEGER NOT NULL, CHECK (min_size <= desired AND desired <= max_size))"));
    return session.run(
        "CREATE TABLE IF NOT EXISTS scaling_activities ("
        " idempotency_key TEXT PRIMARY KEY, group_name TEXT NOT NULL, asked INTEGER NOT NULL,"
        " before_desired INTEGER NOT NULL, after_desired INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT "
        "NULL)");
  }));
  return std::unique_ptr<LocalScaling>{new LocalScaling(std::move(database))};
}

Result<void> LocalScaling::create_group(const Capacity& capacity) {
  return database_->transaction([&](Session& session) {
    return session.run(
        "INSERT INTO scaling_groups (name, min_size, max_size, desired) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (name) DO NOTHING",
        {capacity.group, capacity.min, capacity.max, capacity.desired});
  });
}

Result<Capacity> LocalScaling::describe(std::string_view group) {
  return database_->transaction([&](Session& session) { return capacity_of(session, group); });
}

Result<ScalingActivity> LocalScaling::scale_out(std::string_view idempotency_key, std::string_view group,
                                                std::int64_t by, std::string_view reason, TimePoint now) {
  if (by < 1 || by > kMaxStep) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("A group can grow by 1 to {} machines at once, not by {}.", kMaxStep, by));
  }
  const std::string key{idempotency_key};
  return database_->transaction([&](Session& session) -> Result<ScalingActivity> {
    BOOST_OUTCOME_TRY(auto capacity, capacity_of(session, group));
    BOOST_OUTCOME_TRY(
        const auto first,
        session.query(
            "SELECT before_desired, after_desired, asked FROM scaling_activities WHERE idempotency_key = ?1",
            {key}));
    if (!first.rows.empty()) {
      const auto& row = first.rows.front();
      capacity.desired = integer_of(row[1]);
      return ScalingActivity{integer_of(row[0]), capacity,
                             integer_of(row[1]) - integer_of(row[0]) < integer_of(row[2])};
    }
    const std::int64_t before = capacity.desired;
    capacity.desired = std::min(before + by, capacity.max);
    BOOST_OUTCOME_TRY(session.run("UPDATE scaling_groups SET desired = ?2 WHERE name = ?1",
                                  {capacity.group, capacity.desired}));
    BOOST_OUTCOME_TRY(session.run(
        "INSERT INTO scaling_activities VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        {key, capacity.group, by, before, capacity.desired, std::string{reason}, stored_form(now)}));
    return ScalingActivity{before, capacity, capacity.desired - before < by};
  });
}

}  // namespace ebagent::tools
