#include "cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/options.hpp"

namespace ebagent::cli {
namespace {

constexpr const char* kStyles[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"};
constexpr const char* kReset = "\x1b[0m";

// Columns that a text takes on a terminal: its code points, escape sequences of `styled` left out.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size() - 1);
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++width;
    }
  }
  return width;
}

void print_row(std::ostream& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
               Style style) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    out << styled(row[i], style);
    if (i + 1 < row.size()) out << std::string(widths[i] - width_of(row[i]) + 2, ' ');
  }
  out << '\n';
}

}  // namespace

bool has_colours() {
  static const bool value = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return value;
}

std::string styled(std::string_view text, Style style) {
  if (style == Style::Plain || !has_colours()) return std::string{text};
  return kStyles[std::size_t(style)] + std::string{text} + kReset;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
    out += control ? '?' : c;
  }
  return out;
}

void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  widths.reserve(headings.size());
  for (const auto& heading : headings) widths.push_back(width_of(heading));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  print_row(out, headings, widths, Style::Bold);
  for (const auto& row : rows) print_row(out, row, widths, Style::Plain);
}

std::string duration_text(Duration duration) {
  const auto ms = duration.count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  return std::to_string(ms / 60'000) + " min";
}

int report(const Error& error) {
  std::cerr << "error: " << harmless(error.message) << '\n';
  const bool bad_input = error.code == ErrorCode::InvalidArgument || error.code == ErrorCode::Malformed;
  return bad_input ? kBadInput : kFailed;
}

ProgressLine::ProgressLine() : shown_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
}

void ProgressLine::show(std::string_view text) {
  if (shown_) std::cerr << "\r\x1b[K" << text << std::flush;
}

}  // namespace ebagent::cli
