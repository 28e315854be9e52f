#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "schema/regex.hpp"
#include "transform/path.hpp"

namespace ebagent::agent {

// What bindings lead into: {"event": the envelope, "input": what the agent was given, as JSON or else as text}.
[[nodiscard]] boost::json::value binding_scope(const Event& event, std::string_view input);

// A tool as one agent may use it, made ready: what the model sees of it, and what becomes of the arguments that it gives.
// Immutable; safe to use from any thread.
class CompiledUse {
 public:
  // InvalidArgument, in the words of the configuration, for an argument that the tool does not have, one that is both bound
  // and constrained, a binding with both or neither of a path and a value, and a path or pattern that is none.
  //
  // A binding's path begins with $.event, $.input or, short for $.event.X, with a member of the event's envelope: $.detail.key.
  [[nodiscard]] static Result<CompiledUse> compile(const Tool& tool, const ToolUse& use);

  [[nodiscard]] const Tool& tool() const { return tool_; }
  // Without the bound arguments; constraints stand in the schema where it can say them, and in the descriptions.
  [[nodiscard]] ToolView view() const;
  // Whether arguments() looks at its scope.
  [[nodiscard]] bool has_bindings() const { return !bound_.empty(); }
  // The arguments to call the tool with. InvalidArgument lists, each with its JSON pointer, what the model gave and may not
  // (bound arguments are as unknown to it as any other), what does not satisfy its constraint, and bindings whose path leads
  // nowhere. The tool itself checks types.
  [[nodiscard]] Result<boost::json::value> arguments(const boost::json::value& from_model,
                                                     const boost::json::value& scope) const;
  // The use's own or else the tool's.
  [[nodiscard]] Approval approval() const { return approval_; }
  // The use's own, the tool's, or kDefaultToolTimeout.
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  struct Bound {
    std::string argument;
    std::optional<transform::Path> path;  // or
    boost::json::value value;
  };
  struct Constrained {
    std::string argument;
    Constraint constraint;
    std::optional<schema::Regex> pattern;
  };

  explicit CompiledUse(Tool tool) : tool_(std::move(tool)) {}
  Result<void> add_binding(const std::string& argument, const Binding& binding);
  Result<void> add_constraint(const std::string& argument, const Constraint& constraint);
  [[nodiscard]] bool is_bound(std::string_view argument) const;

  Tool tool_;
  std::vector<Bound> bound_;
  std::vector<Constrained> constrained_;
  Approval approval_ = Approval::Never;
  std::chrono::milliseconds timeout_{0};
};

}  // namespace ebagent::agent
