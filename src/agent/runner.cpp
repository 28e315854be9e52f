#include "agent/runner.hpp"

#include <optional>
#include <utility>

#include "agent/journalled_run.hpp"
#include "agent/loop.hpp"
#include "agent/meter.hpp"
#include "agent/price_table.hpp"
#include "agent/run_news.hpp"
#include "agent/sub_agents.hpp"
#include "delivery/target_sender.hpp"

namespace ebagent::agent {
namespace {

struct Outcome {
  Result<std::string> answer;
  bool permanent = false;
  std::string stop_reason = {};
  std::optional<TimePoint> waits_until = {};
  bool is_cancelled = false;
};

Outcome failed(ErrorCode code, std::string message, std::string_view reason = stop_reason::kError) {
  return {.answer = fail(code, std::move(message)),
          .permanent = is_permanent(code),
          .stop_reason = std::string(reason)};
}

Outcome cancelled(std::string message) {
  Outcome over = failed(ErrorCode::Conflict, std::move(message), stop_reason::kCancelled);
  over.is_cancelled = true;
  return over;
}

Outcome ended(Result<std::string> answer) {
  if (!answer) return failed(answer.error().code, answer.error().message);
  return {.answer = std::move(answer), .stop_reason = std::string(stop_reason::kAnswer)};
}

// Runs the agent's own code; whatever it throws becomes the run's error.
Outcome work(const Agent& agent, Journal& journal, const RunContext& context, Meter& meter) {
  try {
    if (agent.handler) {
      JournalledRun run(journal, context, meter);
      return ended(agent.handler(context.event, run));
    }
    return ended(run_loop(journal, context, *agent.model, meter));
  } catch (const Parked& parked) {
    Outcome waits = failed(ErrorCode::Unavailable, parked.what());
    waits.waits_until = parked.until();
    return waits;
  } catch (const RunCancelled& stopped) {
    return cancelled(stopped.what());
  } catch (const OutcomeUnknown& error) {
    Outcome unknown = failed(ErrorCode::OutcomeUnknown, error.what(), stop_reason::kOutcomeUnknown);
    unknown.permanent = true;
    return unknown;
  } catch (const Stopped& error) {
    return failed(error.code(), error.what(), error.reason());
  } catch (const StepFailed& error) {
    return failed(error.error().code, error.error().message);
  } catch (const JournalBroken& error) {
    return failed(error.error().code, error.error().message);
  } catch (const std::exception& error) {
    return failed(ErrorCode::Internal, "Agent \"" + agent.spec.name + "\" threw: " + error.what());
  } catch (...) {
    return failed(ErrorCode::Internal,
                  "Agent \"" + agent.spec.name + "\" threw something that is no std::exception.");
  }
}

void add_end(delivery::Record& record, store::Transaction writes) {
  for (store::Write& write : writes) {
    if (const auto* run = std::get_if<store::PutRun>(&write)) {
      record.bytes += run->run.result.size() + (run->run.is_event_accepted ? 0 : run->run.event.size());
      for (const store::Step& step : run->steps) record.bytes += step.input.size() + step.output.size();
    } else if (const auto* step = std::get_if<store::PutStep>(&write)) {
      record.bytes += step->step.input.size() + step->step.output.size();
    }
    record.writes.push_back(std::move(write));
  }
}

// Writes how the attempt ended, or leaves it to who writes the delivery's outcome.
Outcome put_on_record(const Surroundings& around, const ProcessOptions& options, Journal& journal,
                      Outcome outcome) {
  // A handler may have swallowed the exception; what was not recorded must not count as done.
  if (journal.broken()) return failed(journal.broken()->code, journal.broken()->message);
  // What is cancelled is on record already.
  if (outcome.is_cancelled) return outcome;
  if (journal.is_cancelled()) return cancelled("The run was cancelled.");
  store::Transaction writes = outcome.waits_until ? journal.park(*outcome.waits_until)
                                                  : journal.end(outcome.answer, outcome.stop_reason);
  if (options.record != nullptr) {
    add_end(*options.record, std::move(writes));
    return outcome;
  }
  const auto recorded = around.store.commit_and_wait(std::move(writes));
  if (recorded) return outcome;
  if (recorded.error().code == ErrorCode::Conflict) return cancelled(recorded.error().message);
  return failed(ErrorCode::Unavailable, "The journal cannot be written: " + recorded.error().message);
}

void set_outcome(AgentRun& run, Outcome outcome) {
  run.stop_reason = std::move(outcome.stop_reason);
  run.wakes = outcome.waits_until;
  if (outcome.answer) {
    run.state = AgentRunState::Succeeded;
    run.answer = std::move(outcome.answer).value();
    return;
  }
  run.state = outcome.waits_until    ? AgentRunState::Waiting
              : outcome.is_cancelled ? AgentRunState::Cancelled
                                     : AgentRunState::Failed;
  run.error = outcome.answer.error();
  run.permanent = outcome.permanent;
}

void attempt(const Surroundings& around, const Agent& agent, const Event& event,
             const ProcessOptions& options, Journal& journal, AgentRun& run) {
  const std::string input = options.input.value_or(journal.run().event);
  const CancelFlags::Flag flag{around.cancel_flags, journal.run().id};
  SubAgents sub_agents{around, options.delivery};
  const RunNews news{around.feed, around.clock, journal.run().id, agent.spec.name, event};
  if (around.feed != nullptr) journal.on_step([&news](const store::Step& step) { news.step(step); });
  news.begun();
  const bool is_paid = agent.model != nullptr && !agent.model->is_repeatable();
  RunContext context{.spec = agent.spec,
                     .event = event,
                     .input = input,
                     .clock = around.clock,
                     .sink = around.sink,
                     .tools = around.registry.tools_at_work(agent),
                     .chain = {.hops = options.chain.hops, .trace = journal.run().trace},
                     .hop_limit = around.settings.hop_limit,
                     .deadline = around.clock.now() + agent.spec.limits.seconds,
                     .threads = &around.threads,
                     .agents = &sub_agents,
                     .hooks = around.hooks,
                     .is_cancelled = [&flag] { return flag.is_set(); },
                     .price = is_paid ? price_of(around.settings, agent.spec.model) : std::nullopt,
                     .news = &news,
                     .redactor = around.redactor};
  Meter meter{agent.spec.name, agent.spec.limits, context.price};
  Outcome outcome = put_on_record(around, options, journal, work(agent, journal, context, meter));
  run.usage = meter.usage();
  run.cost_usd = meter.cost_usd();
  set_outcome(run, std::move(outcome));
  news.ended(run);
}

void set_repeated(AgentRun& run, store::Run earlier) {
  run.run_id = earlier.id;
  run.attempts = earlier.attempts;
  run.repeated = true;
  run.stop_reason = std::move(earlier.stop_reason);
  if (earlier.state == store::RunState::Succeeded || earlier.state == store::RunState::Skipped) {
    run.state = AgentRunState::Succeeded;
    run.answer = std::move(earlier.result);
  } else {
    run.state = AgentRunState::Cancelled;
    run.error = {ErrorCode::Conflict, earlier.error.empty() ? "The run was cancelled." : earlier.error};
  }
}

void begin_and_work(const Surroundings& around, const Agent& agent, const Event& event,
                    const ProcessOptions& options, AgentRun& run) {
  auto claim = around.in_progress.claim(idempotency_key_of(event, agent.spec.name, options));
  if (!claim) return set_outcome(run, failed(ErrorCode::Conflict, claim.error().message));
  // Until a run's end is on record, a second delivery of the event must not begin another.
  const auto held = std::make_shared<InProgress::Claim>(std::move(claim).value());
  if (options.record != nullptr) options.record->held.push_back(held);
  auto begun = begin_run(around.store, around.random, around.clock.now(), around.settings, event,
                         agent.spec.name, options);
  if (!begun) return set_outcome(run, failed(begun.error().code, begun.error().message));
  if (auto* earlier = std::get_if<Repeated>(&begun.value()))
    return set_repeated(run, std::move(earlier->run));
  auto& fresh = std::get<Begun>(begun.value());
  Journal journal(around.store, around.clock, std::move(fresh.run), std::move(fresh.steps),
                  std::move(fresh.first));
  run.run_id = journal.run().id;
  run.attempts = journal.run().attempts;
  attempt(around, agent, event, options, journal, run);
}

}  // namespace

bool is_permanent(ErrorCode code) {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::Malformed ||
         code == ErrorCode::LimitExceeded || code == ErrorCode::Denied || code == ErrorCode::OutcomeUnknown;
}

AgentRun run_agent(const Surroundings& around, const Agent& agent, const Event& event,
                   const ProcessOptions& options) {
  const TimePoint began = around.clock.now();
  AgentRun run;
  run.agent = agent.spec.name;
  run.event_id = event.id;
  run.hops = options.chain.hops;
  begin_and_work(around, agent, event, options, run);
  run.took = around.clock.now() - began;
  return run;
}

}  // namespace ebagent::agent
