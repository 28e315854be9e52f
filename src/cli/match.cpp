#include <boost/json.hpp>
#include <fstream>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/input_text.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "pattern/cases.hpp"

namespace ebagent::cli {
namespace {

int run_cases(const std::string& file) {
  std::ifstream cases{file};
  if (!cases) return report({ErrorCode::Io, "Cannot read " + file + "."});
  return pattern::run_cases(cases, std::cout) == 0 ? kOk : kFailed;
}

}  // namespace

int run_match(const MatchOptions& options) {
  if (!options.cases.empty()) return run_cases(options.cases);
  const auto pattern_text = text_or_file(options.pattern);
  if (!pattern_text) return report(pattern_text.error());
  const auto event_text = text_or_file(options.event);
  if (!event_text) return report(event_text.error());

  const auto pattern = pattern::compile(pattern_text.value());
  if (!pattern)
    return report({ErrorCode::Malformed, "Event pattern is not valid. Reason: " + pattern.error().message});
  const auto matched = pattern::matches(pattern.value(), event_text.value());
  if (!matched) return report({ErrorCode::Malformed, "The event is not valid: " + matched.error().message});

  if (options.explain) {
    const auto explanation = pattern::explain(pattern.value(), event_text.value());
    if (!explanation) return report(explanation.error());
    if (options.output == Output::Json) {
      std::cout << pattern::to_json(explanation.value()) << '\n';
    } else {
      std::cout << harmless(pattern::to_text(explanation.value()));
    }
  } else if (options.output == Output::Json) {
    std::cout << core::write_json(boost::json::object{{"matched", matched.value()}}) << '\n';
  } else {
    std::cout << (matched.value() ? "match" : "no match") << '\n';
  }
  return matched.value() ? kOk : kFailed;
}

}  // namespace ebagent::cli
