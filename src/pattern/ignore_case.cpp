#include "pattern/ignore_case.hpp"

#include <algorithm>

#include "pattern/code_points.hpp"

namespace ebagent::pattern {
namespace {

// Units first, first + step, ... last, whose lower and upper forms are one unit at a fixed distance.
struct CaseRun {
  char16_t first;
  char16_t last;
  int step;
  int to_lower;
  int to_upper;
};

// A unit with a form of several units; unused places are zero.
struct CaseForms {
  char16_t unit;
  char16_t lower[2];
  char16_t upper[3];
};

#include "pattern/ignore_case_table.inc"

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? char(c + 32) : c;
}

void append_form(std::string& out, const char16_t* units, std::size_t size) {
  for (std::size_t i = 0; i < size && units[i] != 0; ++i) append_code_point(out, units[i]);
}

struct Forms {
  std::string lower;
  std::string upper;
};

Forms forms_of(std::uint32_t c) {
  Forms out;
  for (const CaseForms& forms : kCaseForms) {
    if (forms.unit != c) continue;
    append_form(out.lower, forms.lower, std::size(forms.lower));
    append_form(out.upper, forms.upper, std::size(forms.upper));
    return out;
  }
  int to_lower = 0;
  int to_upper = 0;
  for (const CaseRun& run : kCaseRuns) {
    if (c < run.first || c > run.last || (c - run.first) % std::uint32_t(run.step) != 0) continue;
    to_lower = run.to_lower;
    to_upper = run.to_upper;
    break;
  }
  append_code_point(out.lower, std::uint32_t(int(c) + to_lower));
  append_code_point(out.upper, std::uint32_t(int(c) + to_upper));
  return out;
}

}  // namespace

void fold_ascii(std::string_view text, std::string& out) {
  out.resize(text.size());
  std::transform(text.begin(), text.end(), out.begin(), fold);
}

CaselessText::CaselessText(std::string_view text) {
  is_ascii_ =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii_) {
    fold_ascii(text, folded_);
    return;
  }
  for (std::size_t at = 0; at < text.size();) {
    const Forms forms = forms_of(next_code_point(text, at));
    Unit unit;
    unit.lower_size = std::uint8_t(forms.lower.size());
    unit.upper_size = std::uint8_t(forms.upper.size());
    std::copy(forms.lower.begin(), forms.lower.end(), unit.bytes.begin());
    std::copy(forms.upper.begin(), forms.upper.end(), unit.bytes.begin() + unit.lower_size);
    units_.push_back(unit);
  }
}

std::size_t CaselessText::match_front(std::string_view value) const {
  std::size_t at = 0;
  for (const Unit& unit : units_) {
    const std::string_view rest = value.substr(at);
    if (rest.starts_with(unit.lower()))
      at += unit.lower_size;
    else if (rest.starts_with(unit.upper()))
      at += unit.upper_size;
    else
      return std::string_view::npos;
  }
  return at;
}

bool CaselessText::equals(std::string_view value) const {
  if (!is_ascii_) return match_front(value) == value.size();
  return value.size() == folded_.size() && is_prefix_of(value);
}

bool CaselessText::is_prefix_of(std::string_view value) const {
  if (!is_ascii_) return match_front(value) != std::string_view::npos;
  if (value.size() < folded_.size()) return false;
  return std::equal(folded_.begin(), folded_.end(), value.begin(),
                    [](char a, char b) { return a == fold(b); });
}

bool CaselessText::is_suffix_of(std::string_view value) const {
  if (is_ascii_) {
    return value.size() >= folded_.size() && is_prefix_of(value.substr(value.size() - folded_.size()));
  }
  std::string_view rest = value;
  for (auto unit = units_.rbegin(); unit != units_.rend(); ++unit) {
    if (rest.ends_with(unit->lower()))
      rest.remove_suffix(unit->lower_size);
    else if (rest.ends_with(unit->upper()))
      rest.remove_suffix(unit->upper_size);
    else
      return false;
  }
  return true;
}

}  // namespace ebagent::pattern
