#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "bus/rule.hpp"
#include "ebagent/result.hpp"
#include "transform/path.hpp"
#include "transform/template.hpp"

namespace ebagent::bus {

// The ERROR_CODE of a delivery whose input could not be made.
inline constexpr std::string_view kInvalidJson = "INVALID_JSON";

// What one target gets of an event: all of it, a fixed text, a part (InputPath) or a new shape
// (InputTransformer). A plain value; safe to read from any thread.
class Input {
 public:
  // Of a target that says at most one of the three. Errors: InvalidArgument with PutTargets' message.
  [[nodiscard]] static Result<Input> compile(const Target& target);

  // False: the target gets the event as it is, and make() has nothing to do.
  [[nodiscard]] bool reshapes() const { return !std::holds_alternative<WholeEvent>(form_); }
  // True when make() looks at the event; a fixed text does not.
  [[nodiscard]] bool reads_event() const { return reshapes() && !std::holds_alternative<std::string>(form_); }

  // The text that is delivered instead of the event. `event` may be null when reads_event() is false.
  // Errors: Malformed or LimitExceeded, as transform::Template::apply().
  [[nodiscard]] Result<std::string> make(const boost::json::value& event,
                                         const transform::Context& context) const;

 private:
  struct WholeEvent {};
  std::variant<WholeEvent, std::string, transform::Path, transform::Template> form_;
};

}  // namespace ebagent::bus
