#include "cli/run_report.hpp"

#include <ostream>

#include "cli/terminal.hpp"
#include "cli/timeline.hpp"

namespace ebagent::cli {
namespace {

constexpr std::size_t kShownOutput = 160;  // characters of a step's output on one line

}  // namespace

Style style_of(store::RunState state) {
  switch (state) {
    case store::RunState::Succeeded:
      return Style::Green;
    case store::RunState::Failed:
      return Style::Red;
    case store::RunState::Running:
    case store::RunState::Waiting:
    case store::RunState::Cancelled:
    case store::RunState::Skipped:
      break;
  }
  return Style::Yellow;
}

void print_steps(std::ostream& out, const std::vector<store::Step>& steps, std::string_view indent) {
  for (const auto& step : steps) {
    out << indent << mark(step.state) << ' ' << harmless(step.name) << "  "
        << styled(step.kind + (step.effect.empty() ? "" : ", " + step.effect) +
                      (step.ended ? ", " + duration_text(*step.ended - step.started) : ", not ended") +
                      (step.attempts > 1 ? ", attempt " + std::to_string(step.attempts) : ""),
                  Style::Dim)
        << '\n';
    if (!step.error.empty()) {
      out << indent << "    " << styled(harmless(step.error), Style::Red) << '\n';
    } else if (!step.output.empty() && step.output != "null") {
      out << indent << "    " << harmless(shortened(step.output, kShownOutput)) << '\n';
    }
  }
}

}  // namespace ebagent::cli
