#include "bus/input.hpp"

#include <utility>

#include "core/json.hpp"

namespace ebagent::bus {

Result<Input> Input::compile(const Target& target) {
  Input input;
  if (target.input) {
    if (auto parsed = core::parse_json(*target.input); !parsed) {
      return fail(ErrorCode::InvalidArgument,
                  "JSON syntax error in input for target " + target.id + ": " + parsed.error().message);
    }
    input.form_ = *target.input;
  } else if (target.input_path) {
    auto path = transform::Path::parse(*target.input_path);
    if (!path) {
      return fail(ErrorCode::InvalidArgument,
                  "Invalid InputPath for target " + target.id + ": " + path.error().message);
    }
    input.form_ = std::move(path).value();
  } else if (target.input_transformer) {
    auto compiled = transform::Template::compile(target.id, target.input_transformer->input_paths,
                                                 target.input_transformer->input_template);
    // A template over its bounds is a ValidationException as well, not a quota reached.
    if (!compiled) return fail(ErrorCode::InvalidArgument, std::move(compiled).error().message);
    input.form_ = std::move(compiled).value();
  }
  return input;
}

Result<std::string> Input::make(const boost::json::value& event, const transform::Context& context) const {
  if (const auto* text = std::get_if<std::string>(&form_)) return *text;
  if (const auto* path = std::get_if<transform::Path>(&form_)) return transform::select_input(*path, event);
  if (const auto* reshape = std::get_if<transform::Template>(&form_)) return reshape->apply(event, context);
  return fail(ErrorCode::Internal, "A target that gets the whole event has no input of its own.");
}

}  // namespace ebagent::bus
