#include "agent/tool_calls.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "agent/approvals.hpp"
#include "core/json.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

// What a call does, with everything it needs; may outlive the run.
struct Body {
  Tool tool;
  std::string agent;  // that is the tool; empty: `tool` is a function
  json::value arguments;
  AgentCaller* agents = nullptr;
  std::shared_ptr<const Hooks> hooks;
  std::shared_ptr<const secrets::Redactor> redactor;

  Result<json::value> operator()(const ToolContext& context) const {
    const HookContext seen{context.run_id(), context.agent(), context.event(), context.step()};
    if (hooks && hooks->before_call) {
      if (auto allowed = allow(seen); !allowed) return fail(allowed.error());
    }
    auto outcome = redacted(agent.empty() ? tool.invoke(arguments, context) : call_agent(context));
    if (hooks && hooks->after_call) hooks->after_call(seen, tool, outcome);
    return outcome;
  }

 private:
  // Journals, prompts and logs get what comes from here.
  Result<json::value> redacted(Result<json::value> outcome) const {
    if (redactor == nullptr) return outcome;
    if (outcome) return redactor->redact(std::move(outcome).value());
    return fail(outcome.error().code, redactor->redact(outcome.error().message));
  }

  // A policy that fails does not allow.
  Result<void> allow(const HookContext& seen) const {
    try {
      auto allowed = hooks->before_call(seen, tool, arguments);
      if (!allowed) return fail(ErrorCode::Denied, "The call was denied: " + allowed.error().message);
      return success();
    } catch (const std::exception& error) {
      return fail(ErrorCode::Denied, std::string("The call was denied: its policy threw: ") + error.what());
    }
  }

  Result<json::value> call_agent(const ToolContext& context) const {
    const json::object* object = arguments.if_object();
    const json::value* task = object == nullptr ? nullptr : object->if_contains("task");
    if (task == nullptr || !task->is_string() || object->size() != 1) {
      return fail(ErrorCode::InvalidArgument, "/task: give the task as text, and nothing else.");
    }
    if (agents == nullptr) return fail(ErrorCode::Unsupported, "There are no other agents here.");
    auto answer = agents->call_agent(agent, std::string(task->as_string()), context);
    if (!answer) return fail(answer.error());
    return json::value(answer.value());
  }
};

}  // namespace

struct ToolCalls::Prepared {
  std::string step;
  const AllowedTool* allowed = nullptr;
  Approval approval = Approval::Never;
  json::value arguments;
  StepRequest request;
  std::string asked = "null";                  // the arguments as they came, as JSON text
  std::optional<Result<json::value>> outcome;  // when the call is not to be made

  void refuse(ErrorCode code, std::string message) { outcome = fail(code, std::move(message)); }
};

std::vector<Result<json::value>> ToolCalls::make(const std::vector<ToolCall>& calls) {
  std::vector<Prepared> prepared;
  prepared.reserve(calls.size());
  for (const ToolCall& call : calls) {
    meter_.count_call();
    prepared.push_back(prepare(call));
  }
  meter_.check_spent();
  check_time(context_);
  for (Prepared& call : prepared) {
    if (call.outcome) record_refused(call);
  }
  std::optional<Parked> parked;
  try {
    ask_for_approval(prepared);
  } catch (const Parked& waits) {
    parked = waits;  // the other calls of the turn need not wait
  }
  std::vector<Prepared*> open;
  for (Prepared& call : prepared) {
    if (!call.outcome && !call.request.name.empty()) open.push_back(&call);
  }
  perform(open);
  if (parked) {
    journal_.flush();
    throw Parked(*parked);
  }
  std::vector<Result<json::value>> outcomes;
  outcomes.reserve(prepared.size());
  for (Prepared& call : prepared) outcomes.push_back(std::move(*call.outcome));
  return outcomes;
}

ToolCalls::Prepared ToolCalls::prepare(const ToolCall& call) {
  Prepared prepared;
  prepared.step = journal_.name_step(call.name.empty() ? call.tool : call.name);
  const auto allowed =
      std::find_if(context_.tools.begin(), context_.tools.end(),
                   [&](const AllowedTool& candidate) { return candidate.tool.name() == call.tool; });
  if (allowed == context_.tools.end()) {
    prepared.refuse(ErrorCode::NotFound, "Agent \"" + context_.spec.name + "\" may not call tool \"" +
                                             call.tool + "\": it is not in its list of tools.");
    return prepared;
  }
  prepared.allowed = &*allowed;
  if (!call.malformed.empty()) {
    prepared.refuse(ErrorCode::Malformed, "The arguments of the call are no JSON object: " + call.malformed);
    return prepared;
  }
  const CompiledUse& use = *allowed->compiled;
  auto arguments = use.arguments(call.input, use.has_bindings() ? scope() : json::value(nullptr));
  if (!arguments) {
    prepared.refuse(arguments.error().code, arguments.error().message);
    return prepared;
  }
  prepared.arguments = std::move(arguments).value();
  std::string text = core::write_json(prepared.arguments);
  if (caller_ == CallerKind::Model) meter_.count_same(call.tool, text);
  prepared.approval = allowed->compiled->approval();
  prepared.request = {.name = prepared.step,
                      .kind = allowed->agent.empty() ? "tool" : "agent",
                      .effect = allowed->tool.effect(),
                      .input = std::move(text)};
  if (caller_ == CallerKind::Model) {
    prepared.request.on_unknown = OnUnknown::Tell;
    prepared.request.on_failure = OnFailure::Stands;
  }
  return prepared;
}

// What bindings lead into.
const json::value& ToolCalls::scope() {
  if (scope_.is_null()) scope_ = binding_scope(context_.event, context_.input);
  return scope_;
}

// A call that is not made is on record as one that failed.
void ToolCalls::record_refused(Prepared& call) {
  const StepRequest request{.name = call.step,
                            .kind = "tool",
                            .effect = Effect::Read,
                            .input = call.asked,
                            .durability = Durability::WithNextWrite,
                            .on_failure = OnFailure::Stands};
  call.outcome =
      journal_.perform(request, [&](const std::string&, const std::string&) { return *call.outcome; });
}

// Throws Parked, with the soonest time-out, when some calls still wait for a person; those have no request then.
void ToolCalls::ask_for_approval(std::vector<Prepared>& calls) {
  std::optional<TimePoint> until;
  for (Prepared& call : calls) {
    if (call.outcome || !needs_approval(call.approval, is_tainted_)) continue;
    const auto answer = ask(journal_, context_.clock, context_.spec.approval_timeout,
                            {call.step, call.allowed->tool.name(), call.request.input, call.approval});
    if (const auto* waits = std::get_if<StillWaiting>(&answer)) {
      until = std::min(until.value_or(waits->until), waits->until);
      call.request.name.clear();
    } else if (const auto& verdict = std::get<Result<void>>(answer); !verdict) {
      call.outcome = fail(verdict.error());
    }
  }
  if (until) throw Parked(*until, "The run waits for a person's approval.");
}

void ToolCalls::perform(std::vector<Prepared*>& calls) {
  if (calls.empty()) return;
  if (!goes_on_threads(calls)) {
    if (caller_ == CallerKind::Model) journal_.flush();
    for (Prepared* call : calls) {
      check_time(context_);
      call->outcome = perform_here(*call);
    }
  } else {
    std::vector<StepRequest> requests;
    requests.reserve(calls.size());
    for (const Prepared* call : calls) requests.push_back(call->request);
    // The next turn's intent takes the last outcome to the disk.
    const Durability last = caller_ == CallerKind::Model ? Durability::WithNextWrite : Durability::AtOnce;
    auto outcomes = journal_.perform_all(
        requests, last, [&](const std::vector<std::size_t>& indices, const Journal::OnOutcome& on_outcome) {
          std::vector<CallThreads::Call> work;
          work.reserve(indices.size());
          for (const std::size_t i : indices) work.push_back(thread_call(*calls[i]));
          context_.threads->run(std::move(work), context_.event, context_.sink, context_.is_cancelled,
                                [&](std::size_t n, Result<json::value> outcome) {
                                  on_outcome(indices[n], std::move(outcome));
                                });
        });
    for (std::size_t i = 0; i < calls.size(); ++i) calls[i]->outcome = std::move(outcomes[i]);
  }
  for (const Prepared* call : calls) {
    // Another agent may have read what strangers wrote.
    const bool is_agent = !call->allowed->agent.empty();
    if (is_agent || call->allowed->tool.options().traits.brings_untrusted) is_tainted_ = true;
  }
}

Result<json::value> ToolCalls::perform_here(const Prepared& call) {
  const Body body{call.allowed->tool, call.allowed->agent, call.arguments,
                  context_.agents,    context_.hooks,      context_.redactor};
  return journal_.perform(call.request, [&](const std::string& step, const std::string& key) {
    return body(tool_context(context_, journal_, step, key));
  });
}

// A thread costs more than a quick call; where nobody waits for a model anyway, only a tool that asks for a time-out gets one.
bool ToolCalls::goes_on_threads(const std::vector<Prepared*>& calls) const {
  if (context_.threads == nullptr) return false;
  if (caller_ == CallerKind::Model) return true;
  return std::any_of(calls.begin(), calls.end(), [](const Prepared* call) {
    return call->allowed->use->timeout || call->allowed->tool.options().timeout.count() > 0;
  });
}

CallThreads::Call ToolCalls::thread_call(const Prepared& call) const {
  const AllowedTool& allowed = *call.allowed;
  const auto left = std::max(std::chrono::milliseconds(0), context_.deadline - context_.clock.now());
  const bool is_agent = !allowed.agent.empty();
  const auto timeout = is_agent ? left : std::min(allowed.compiled->timeout(), left);
  auto context = call_of(context_, journal_, call.step, idempotency_key(journal_.run().id, call.step));
  context.deadline = std::min(context.deadline, context_.clock.now() + timeout);
  return {.function = Body{allowed.tool, allowed.agent, call.arguments, context_.agents, context_.hooks,
                           context_.redactor},
          .context = std::move(context),
          .timeout = timeout,
          .can_be_left = !is_agent};
}

}  // namespace ebagent::agent
