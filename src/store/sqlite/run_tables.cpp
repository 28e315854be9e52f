#include "store/sqlite/run_tables.hpp"

#include <fmt/core.h>

#include <utility>

#include "store/sqlite/step_text.hpp"

namespace ebagent::store::sqlite {
namespace {

Run run_from(const Query& row) {
  Run run;
  run.id = row.text(0);
  run.key = row.text(1);
  run.agent = row.text(2);
  run.event_id = row.text(3);
  run.input_hash = row.text(4);
  run.state = static_cast<RunState>(row.small(5));
  run.attempts = row.small(6);
  run.hops = row.small(7);
  run.started = row.time(8);
  run.ended = row.optional_time(9);
  run.expires = row.time(10);
  run.result = row.text(11);
  run.error = row.text(12);
  run.event = row.text(13);
  run.is_event_accepted = row.small(14) != 0;
  run.stop_reason = row.text(15);
  run.trace = row.text(16);
  run.delivery = row.integer(17);
  run.wakes = row.optional_time(18);
  return run;
}

Step step_from(const Query& row) {
  Step step;
  step.run_id = row.text(0);
  step.index = row.small(1);
  step.name = row.text(2);
  step.kind = row.text(3);
  step.effect = row.text(4);
  step.state = static_cast<StepState>(row.small(5));
  step.attempts = row.small(6);
  step.started = row.time(7);
  step.ended = row.optional_time(8);
  step.error = row.text(9);
  step.input = row.text(10);
  step.output = row.text(11);
  return step;
}

Result<std::optional<Run>> first_run(Result<Query> begun) {
  BOOST_OUTCOME_TRY(auto rows, std::move(begun));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  if (!is_there) return std::optional<Run>{};
  return std::optional<Run>{run_from(rows)};
}

}  // namespace

static_assert(static_cast<int>(RunState::Running) == 0 && static_cast<int>(RunState::Failed) == 2 &&
                  static_cast<int>(RunState::Waiting) == 3 && static_cast<int>(RunState::Cancelled) == 4,
              "indexes and statements name these values");

Result<void> RunWrites::upsert(const PutRun& put) {
  const Run& run = put.run;
  const std::optional<std::string_view> event =
      run.is_event_accepted ? std::nullopt : std::optional<std::string_view>{run.event};
  BOOST_OUTCOME_TRY(
      upsert_run_.run(run.id, run.key, run.agent, run.event_id, run.input_hash, static_cast<int>(run.state),
                      run.attempts, run.hops, run.started, run.ended, run.expires, run.result, run.error,
                      event, write_steps(put.steps), run.stop_reason, run.trace, run.delivery, run.wakes));
  if (upsert_run_.changed_rows() == 1) return success();
  return fail(ErrorCode::Conflict, fmt::format("Run {} was cancelled.", run.id));
}

Result<void> RunWrites::put(const PutRun& put) {
  auto done = upsert(put);
  if (done || done.error().code != ErrorCode::AlreadyExists) return done;
  const Run& run = put.run;
  BOOST_OUTCOME_TRY(give_up_key_.run(run.key, run.started));
  if (give_up_key_.changed_rows() == 1) return upsert(put);
  return fail(ErrorCode::AlreadyExists,
              fmt::format("Another run of agent {} already answers for the key {}.", run.agent, run.key));
}

Result<void> RunWrites::put(const Step& step) {
  auto put = upsert_step_.run(step.run_id, step.index, step.name, step.kind, step.effect,
                              static_cast<int>(step.state), step.attempts, step.started, step.ended,
                              step.error, step.input, step.output);
  if (put && upsert_step_.changed_rows() == 0) {
    BOOST_OUTCOME_TRY(auto cancelled, is_cancelled_.query(step.run_id));
    BOOST_OUTCOME_TRY(const bool is_cancelled, cancelled.next());
    if (is_cancelled) return fail(ErrorCode::Conflict, fmt::format("Run {} was cancelled.", step.run_id));
    return fail(ErrorCode::AlreadyExists,
                fmt::format("The step \"{}\" of run {} was answered meanwhile.", step.name, step.run_id));
  }
  if (put || put.error().code != ErrorCode::AlreadyExists) return put;
  return fail(
      ErrorCode::AlreadyExists,
      fmt::format("Run {} has another step named {}; give each step its own name.", step.run_id, step.name));
}

Result<std::optional<Run>> RunReads::by_key(std::string_view key) {
  return first_run(by_key_.query(key));
}

Result<std::optional<Run>> RunReads::by_id(std::string_view id) {
  return first_run(by_id_.query(id));
}

Result<std::vector<Run>> RunReads::matching(const RunFilter& filter) {
  std::string sql{kSelect};
  auto narrow = [&sql, word = "WHERE "](std::string_view condition) mutable {
    sql += std::exchange(word, " AND ");
    sql += condition;
  };
  if (!filter.agent.empty()) narrow("agent = ?1");
  if (!filter.event_id.empty()) narrow("event_id = ?2");
  // The state stands in the text because only then the indexes of running and failed runs serve.
  if (filter.state) narrow(fmt::format("state = {}", static_cast<int>(*filter.state)));
  sql += " ORDER BY seq DESC LIMIT ?3";
  Statement find{connection_, sql};
  BOOST_OUTCOME_TRY(auto rows, find.query(filter.agent, filter.event_id, filter.limit));
  std::vector<Run> runs;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return runs;
    runs.push_back(run_from(rows));
  }
}

Result<std::vector<Step>> RunReads::own_steps(std::string_view run_id) {
  BOOST_OUTCOME_TRY(auto rows, own_steps_.query(run_id));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? read_steps(run_id, rows.text(0)) : std::vector<Step>{};
}

Result<std::vector<Step>> RunReads::steps(std::string_view run_id) {
  BOOST_OUTCOME_TRY(auto own, own_steps(run_id));
  if (!own.empty()) return own;
  BOOST_OUTCOME_TRY(auto rows, steps_.query(run_id));
  std::vector<Step> steps;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return steps;
    steps.push_back(step_from(rows));
  }
}

}  // namespace ebagent::store::sqlite
