#include "cli/run_report.hpp"

#include <boost/json.hpp>
#include <ostream>

#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::cli {
namespace {

constexpr std::size_t kShownOutput = 160;  // characters of a step's output on one line

boost::json::value time_or_null(const std::optional<TimePoint>& time) {
  if (!time) return nullptr;
  return boost::json::value(core::format_utc_millis(*time));
}

// A step's journalled JSON text as a value; as a string when it is none.
boost::json::value journalled(const std::string& text) {
  if (text.empty()) return nullptr;
  auto parsed = core::parse_json(text);
  if (parsed.has_value()) return std::move(parsed).value();
  return boost::json::value(text);
}

std::string shortened(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= kShownOutput) return text;
  std::size_t end = kShownOutput;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string mark(store::StepState state) {
  switch (state) {
    case store::StepState::Succeeded:
      return styled("✓", Style::Green);
    case store::StepState::Failed:
      return styled("✗", Style::Red);
    case store::StepState::Started:
      break;
  }
  return styled("…", Style::Yellow);
}

}  // namespace

std::string_view to_string(store::RunState state) {
  switch (state) {
    case store::RunState::Running:
      return "running";
    case store::RunState::Succeeded:
      return "succeeded";
    case store::RunState::Waiting:
      return "waiting";
    case store::RunState::Cancelled:
      return "cancelled";
    case store::RunState::Skipped:
      return "skipped";
    case store::RunState::Failed:
      break;
  }
  return "failed";
}

std::string_view to_string(store::StepState state) {
  switch (state) {
    case store::StepState::Started:
      return "started";
    case store::StepState::Succeeded:
      return "succeeded";
    case store::StepState::Failed:
      break;
  }
  return "failed";
}

boost::json::object to_json(const store::Run& run) {
  return {{"id", run.id},
          {"agent", run.agent},
          {"event_id", run.event_id},
          {"state", to_string(run.state).data()},
          {"attempts", run.attempts},
          {"hops", run.hops},
          {"started", core::format_utc_millis(run.started)},
          {"ended", time_or_null(run.ended)},
          {"result", run.result},
          {"error", run.error}};
}

boost::json::object to_json(const store::Step& step) {
  return {{"index", step.index},
          {"name", step.name},
          {"kind", step.kind},
          {"effect", step.effect},
          {"state", to_string(step.state).data()},
          {"attempts", step.attempts},
          {"started", core::format_utc_millis(step.started)},
          {"ended", time_or_null(step.ended)},
          {"input", journalled(step.input)},
          {"output", journalled(step.output)},
          {"error", step.error}};
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
      out << indent << "    " << harmless(shortened(step.output)) << '\n';
    }
  }
}

}  // namespace ebagent::cli
