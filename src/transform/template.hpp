#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "transform/path.hpp"

namespace ebagent::transform {

// Bounds of the service model on an InputTransformer.
inline constexpr std::size_t kMaxInputPaths = 100;
inline constexpr std::size_t kMaxInputPathNameLength = 256;
inline constexpr std::size_t kMaxTemplateLength = 8192;  // characters, not bytes

// The largest input any target takes (Lambda's synchronous payload). Without a bound a template that repeats
// one placeholder would turn an event of 1 MiB into gigabytes.
inline constexpr std::size_t kMaxResultBytes = std::size_t{6} * 1024 * 1024;

// What the reserved variables of a template stand for.
struct Context {
  std::string rule_arn;              // <aws.events.rule-arn>
  std::string rule_name;             // <aws.events.rule-name>
  TimePoint ingestion_time{};        // <aws.events.event.ingestion-time>, written in whole seconds
  std::string_view event_json = {};  // <aws.events.event.json>; when empty, the event is written anew
};

// An InputTransformer: JSON text with <placeholders> that values of the event replace.
//
// A placeholder outside of quotes becomes a JSON value, strings with their quotes; inside of quotes it
// becomes text: objects as {key:value}, lists as [A,B]. A path that leads nowhere gives an empty string. The
// rest of the template is kept as it is. A template is one JSON value, or several lines that are a JSON
// string each.
//
// A template is a plain value; safe to read from any thread.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
class Template {
 public:
  // An InputTransformer as PutTargets takes it. `input_paths` is its InputPathsMap (name -> JSON path);
  // besides its names, the reserved variables may stand as placeholders. Inside of quotes values are not
  // escaped, as on AWS. Returns InvalidArgument with the message for the caller of PutTargets, LimitExceeded
  // past the bounds above.
  [[nodiscard]] static Result<Template> compile(std::string_view target_id,
                                                const std::map<std::string, std::string>& input_paths,
                                                std::string_view input_template);

  // The form of playbooks: placeholders are paths, <$.event.detail.key>, and any other "<" is text. Inside of
  // quotes values are escaped, so that no value can change the shape of the result. Returns InvalidArgument
  // or LimitExceeded.
  [[nodiscard]] static Result<Template> compile_inline(std::string_view text);

  // The text that is delivered. Returns Malformed when it would be no valid JSON (the delivery is then
  // dead-lettered with the message), LimitExceeded when it would be larger than kMaxResultBytes.
  [[nodiscard]] Result<std::string> apply(const boost::json::value& event, const Context& context) const;

  // The same for a root that is no event, e.g. {"event": ..., "steps": {...}}; reserved variables are empty.
  [[nodiscard]] Result<std::string> apply(const boost::json::value& root) const {
    return apply(root, Context{});
  }

  // The same as a JSON value. A template of several lines gives one string of these lines.
  [[nodiscard]] Result<boost::json::value> evaluate(const boost::json::value& root) const;

 private:
  enum class Source { Path, RuleArn, RuleName, IngestionTime, Event, EventJson };
  enum class Place { Value, Text };       // outside or inside of quotes
  enum class Escaping { Refused, Done };  // what happens to characters that need escaping inside of quotes
  enum class Shape { OneValue, Lines };

  struct Variable {
    Source source = Source::Path;
    std::optional<Path> path = std::nullopt;  // set for Source::Path
  };
  struct Placeholder {
    std::string before;  // the template's text in front of it
    std::string name;
    Variable variable;
    Place place = Place::Value;
  };
  friend class TemplateCompiler;

  [[nodiscard]] Result<void> append(std::string& out, const Placeholder& placeholder,
                                    const boost::json::value& event, const Context& context) const;
  [[nodiscard]] Result<std::string> fill(const boost::json::value& event, const Context& context) const;
  [[nodiscard]] Result<boost::json::value> parse_result(std::string_view result) const;

  // One line of a template of several lines after the other; only strings. Blank lines are passed over.
  [[nodiscard]] static Result<boost::json::value> parse_lines(std::string_view text);

  std::vector<Placeholder> placeholders_;
  std::string tail_;  // the template's text behind the last placeholder
  Escaping escaping_ = Escaping::Refused;
  Shape shape_ = Shape::OneValue;
};

}  // namespace ebagent::transform
