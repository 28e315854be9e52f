#pragma once

#include "agent/journal.hpp"
#include "agent/run_context.hpp"
#include "agent/tool_calls.hpp"
#include "ebagent/run.hpp"

namespace ebagent::agent {

// What a handler gets: its steps go through the journal, its tool calls through the allow-list and the
// limits.
class JournalledRun final : public Run {
 public:
  JournalledRun(Journal& journal, const RunContext& context, Meter& meter)
      : journal_(journal), context_(context), calls_(journal, context, meter, CallerKind::Handler) {}

  [[nodiscard]] const std::string& id() const override { return journal_.run().id; }
  [[nodiscard]] const std::string& agent() const override { return context_.spec.name; }
  [[nodiscard]] const Event& event() const override { return context_.event; }
  [[nodiscard]] const std::string& input() const override { return context_.input; }
  [[nodiscard]] int attempts() const override { return journal_.run().attempts; }
  [[nodiscard]] TimePoint now() const override { return context_.clock.now(); }

  Result<boost::json::value> call(std::string_view tool, const boost::json::value& arguments) override;
  Result<std::string> put_event(std::string_view source, std::string_view detail_type,
                                std::string_view detail_json) override;

 private:
  Result<boost::json::value> do_step(std::string_view name, Effect effect,
                                     const StepFunction& function) override;

  Journal& journal_;
  const RunContext& context_;
  ToolCalls calls_;
};

}  // namespace ebagent::agent
