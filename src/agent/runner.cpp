#include "agent/runner.hpp"

#include "agent/journalled_run.hpp"
#include "agent/loop.hpp"
#include "delivery/target_sender.hpp"

namespace ebagent::agent {
namespace {

struct Outcome {
  Result<std::string> answer;
  bool permanent = false;
};

Outcome failed(ErrorCode code, std::string message) {
  return {fail(code, std::move(message)), is_permanent(code)};
}

// Runs the agent's own code; whatever it throws becomes the run's error.
Outcome work(const Agent& agent, Journal& journal, const RunContext& context) {
  try {
    if (agent.handler) {
      JournalledRun run(journal, context);
      auto answer = agent.handler(context.event, run);
      const bool permanent = !answer && is_permanent(answer.error().code);
      return {std::move(answer), permanent};
    }
    auto answer = run_loop(journal, context, *agent.model);
    const bool permanent = !answer && is_permanent(answer.error().code);
    return {std::move(answer), permanent};
  } catch (const OutcomeUnknown& error) {
    return {fail(ErrorCode::Conflict, error.what()), true};
  } catch (const LimitReached& error) {
    return failed(ErrorCode::LimitExceeded, error.what());
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

Outcome attempt(const Surroundings& around, const Agent& agent, const Event& event,
                const ProcessOptions& options, Journal& journal) {
  const std::string input = options.input.value_or(journal.run().event);
  const RunContext context{.agent = agent.spec.name,
                           .event = event,
                           .input = input,
                           .clock = around.clock,
                           .sink = around.sink,
                           .limits = agent.spec.limits,
                           .tools = around.registry.tools_of(agent),
                           .chain = {.hops = options.chain.hops, .trace = journal.run().trace},
                           .hop_limit = around.settings.hop_limit,
                           .deadline = around.clock.now() + agent.spec.limits.seconds};
  Outcome outcome = work(agent, journal, context);
  // A handler may have swallowed the exception; what was not recorded must not count as done.
  if (journal.broken()) return failed(journal.broken()->code, journal.broken()->message);
  if (options.record != nullptr) {
    add_end(*options.record, journal.end(outcome.answer));
  } else if (auto recorded = journal.finish(outcome.answer); !recorded) {
    return failed(recorded.error().code, recorded.error().message);
  }
  return outcome;
}

void set_outcome(AgentRun& run, Outcome outcome) {
  if (outcome.answer) {
    run.state = AgentRunState::Succeeded;
    run.answer = std::move(outcome.answer).value();
  } else {
    run.state = AgentRunState::Failed;
    run.error = outcome.answer.error();
    run.permanent = outcome.permanent;
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
  if (auto* earlier = std::get_if<Repeated>(&begun.value())) {
    run.run_id = earlier->run.id;
    run.attempts = earlier->run.attempts;
    run.repeated = true;
    return set_outcome(run, {std::move(earlier->run.result), false});
  }
  auto& fresh = std::get<Begun>(begun.value());
  Journal journal(around.store, around.clock, std::move(fresh.run), std::move(fresh.steps),
                  std::move(fresh.first));
  run.run_id = journal.run().id;
  run.attempts = journal.run().attempts;
  set_outcome(run, attempt(around, agent, event, options, journal));
}

}  // namespace

bool is_permanent(ErrorCode code) {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::Malformed ||
         code == ErrorCode::LimitExceeded;
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
