#include "cli/timeline.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "agent/run_view.hpp"
#include "cli/run_report.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::cli {
namespace {

constexpr std::size_t kIndent = 12;  // columns before what happened
constexpr std::size_t kUsualColumns = 100;
constexpr std::size_t kLeastColumns = 60;
constexpr std::size_t kMostColumns = 200;

std::string dollars(double amount) {
  return fmt::format("${:.4f}", amount);
}

std::string tokens(const Usage& usage) {
  std::string text = fmt::format("{} in, {} out", usage.input, usage.output);
  if (usage.cache_read + usage.cache_write != 0) {
    text += fmt::format(", {} cached, {} to cache", usage.cache_read, usage.cache_write);
  }
  return text;
}

std::string counted(int number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

// "model, 1.2 s, attempt 2".
std::string facts(const store::Step& step, std::string_view kind) {
  std::string text{kind};
  if (!step.effect.empty() && step.effect != "read" && kind != "model") text += ", " + step.effect;
  text += step.ended ? ", " + duration_text(*step.ended - step.started) : ", not ended";
  if (step.attempts > 1) text += fmt::format(", attempt {}", step.attempts);
  return text;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// JSON over several lines; text as it is.
std::string readable(const std::string& text) {
  auto value = core::parse_json(text);
  if (!value) return text;
  if (value.value().is_string()) return std::string{value.value().as_string()};
  std::string pretty = core::write_json_pretty(value.value());
  while (pretty.ends_with('\n')) pretty.pop_back();
  return pretty;
}

}  // namespace

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

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return std::clamp<std::size_t>(size.ws_col, kLeastColumns, kMostColumns);
}

std::string shortened(std::string_view text, std::size_t columns) {
  std::string line{text.substr(0, columns * 4)};  // a character has at most four bytes
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\t', ' ');
  if (core::character_count(text) <= columns) return line;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < line.size(); ++end) {
    if ((static_cast<unsigned char>(line[end]) & 0xC0U) != 0x80U && seen++ + 1 == columns) break;
  }
  return line.substr(0, end) + "…";
}

Timeline::Timeline(std::ostream& out, Detail detail, std::size_t columns)
    : out_(out), detail_(detail), columns_(columns) {}

void Timeline::line(std::string_view label, std::string_view text) {
  out_ << styled(fmt::format("{:<9}", label), Style::Dim) << text << '\n';
}

void Timeline::indented(std::string_view label, const std::string& text) {
  if (text.empty() || text == "null") return;
  const std::string indent(kIndent, ' ');
  const std::string head = indent + (label.empty() ? "" : std::string{label} + " ");
  if (detail_ == Detail::Short) {
    out_ << head << harmless(shortened(text, columns_ - core::character_count(head))) << '\n';
    return;
  }
  std::string lines = harmless(readable(text));
  for (std::size_t at = 0; (at = lines.find('\n', at)) != std::string::npos; at += kIndent + 3) {
    lines.insert(at + 1, kIndent + 2, ' ');
  }
  out_ << head << lines << '\n';
}

void Timeline::head(const store::Run& run) {
  line("run", run.id);
  line("agent", harmless(run.agent));
  line("event", harmless(run.event_id));
  line("started", core::format_utc_millis(run.started));
  line("attempts", std::to_string(run.attempts));
  line("steps", "");
}

void Timeline::step(const store::Run& run, const store::Step& step) {
  const Duration since = step.started - run.started;
  // A step that was taken over from another run lies before this one.
  const std::string when = since < Duration{0} ? "before" : "+" + duration_text(since);
  out_ << styled(fmt::format("  {:<10}", when), Style::Dim);
  if (step.kind == "model") {
    turn(step);
  } else if (agent::is_question(step)) {
    question(step);
  } else {
    call(step);
  }
  if (!step.error.empty()) indented("✗", step.error);
}

void Timeline::turn(const store::Step& step) {
  const agent::TurnView seen = agent::turn_of(step);
  std::string text = harmless(seen.model);
  if (seen.usage.total() != 0) text += ": " + tokens(seen.usage);
  if (seen.cost_usd) text += ", " + dollars(*seen.cost_usd);
  out_ << mark(step.state) << ' ' << harmless(step.name) << "  "
       << styled(facts(step, "model") + (text.empty() ? "" : ", " + text), Style::Dim) << '\n';
  indented("", seen.text);
  if (!seen.tools.empty()) indented("calls", joined(seen.tools));
  if (!seen.end.empty() && seen.end != "answer" && seen.end != "tool_calls") indented("ended:", seen.end);
}

void Timeline::call(const store::Step& step) {
  out_ << mark(step.state) << ' ' << harmless(step.name) << "  " << styled(facts(step, step.kind), Style::Dim)
       << '\n';
  if (step.input != "{}") indented("←", step.input);
  indented("→", step.output);
}

void Timeline::question(const store::Step& step) {
  const agent::QuestionView seen = agent::question_of(step);
  const std::string waited = step.ended ? ", waited " + duration_text(*step.ended - step.started) : "";
  const auto state = seen.approved.value_or(true) ? step.state : store::StepState::Failed;
  out_ << mark(state) << ' ' << harmless(step.name) << "  "
       << styled("approval, " + harmless(seen.reason) + waited, Style::Dim) << '\n';
  indented("tool", seen.tool + " " + seen.arguments);
  if (seen.approved) {
    indented(*seen.approved ? "approved by" : "denied by",
             seen.by + " at " + core::format_utc_millis(step.ended.value_or(step.started)) +
                 (seen.comment.empty() ? "" : ": " + seen.comment));
  } else if (seen.until) {
    indented("waits until", core::format_utc_millis(*seen.until));
  }
}

void Timeline::foot(const store::Run& run, const std::vector<store::Step>& steps, TimePoint now) {
  const std::string_view reason = run.stop_reason;
  line("state", styled(to_string(run.state), style_of(run.state)) +
                    (reason.empty() || reason == "answer" ? "" : " (" + harmless(reason) + ")"));
  if (run.wakes) line("wakes", core::format_utc_millis(*run.wakes) + " in any case");
  const agent::RunTotals totals = agent::totals_of(run, steps, now);
  std::string took = duration_text(totals.wall);
  if (totals.waiting > Duration{0}) took += ", of them waited for people " + duration_text(totals.waiting);
  line("took", took);
  if (totals.turns + totals.calls != 0) {
    std::string text = counted(totals.turns, "turn") + ", " + counted(totals.calls, "call");
    if (totals.usage.total() != 0) text += ", tokens " + tokens(totals.usage);
    if (totals.cost_usd) text += ", " + dollars(*totals.cost_usd);
    line("totals", text);
  }
  if (!run.result.empty()) out_ << styled("result", Style::Dim) << '\n' << harmless(run.result) << '\n';
  if (!run.error.empty()) out_ << styled("error", Style::Dim) << '\n' << harmless(run.error) << '\n';
}

}  // namespace ebagent::cli
