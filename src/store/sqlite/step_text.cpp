#include "store/sqlite/step_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "core/json.hpp"

namespace ebagent::store::sqlite {
namespace {

namespace json = boost::json;

void append_text(std::string& out, std::string_view text) {
  out.push_back(',');
  core::append_json_string(out, text);
}

void append_number(std::string& out, std::int64_t number) {
  out.push_back(',');
  out += std::to_string(number);
}

void append_step(std::string& out, const Step& step) {
  out += out.empty() ? "[[" : ",[";
  out += std::to_string(step.index);
  append_text(out, step.name);
  append_text(out, step.kind);
  append_text(out, step.effect);
  append_number(out, static_cast<int>(step.state));
  append_number(out, step.attempts);
  append_number(out, step.started.time_since_epoch().count());
  if (step.ended) {
    append_number(out, step.ended->time_since_epoch().count());
  } else {
    out += ",null";
  }
  append_text(out, step.error);
  append_text(out, step.input);
  append_text(out, step.output);
  out.push_back(']');
}

TimePoint time_of(const json::value& value) {
  return TimePoint{Duration{value.to_number<std::int64_t>()}};
}

// Throws where the array is not what append_step() makes.
Step step_of(std::string_view run_id, const json::array& row) {
  const auto text = [&row](std::size_t column) { return json::value_to<std::string>(row.at(column)); };
  Step step;
  step.run_id = run_id;
  step.index = row.at(0).to_number<int>();
  step.name = text(1);
  step.kind = text(2);
  step.effect = text(3);
  step.state = static_cast<StepState>(row.at(4).to_number<int>());
  step.attempts = row.at(5).to_number<int>();
  step.started = time_of(row.at(6));
  if (!row.at(7).is_null()) step.ended = time_of(row.at(7));
  step.error = text(8);
  step.input = text(9);
  step.output = text(10);
  return step;
}

}  // namespace

std::string write_steps(std::span<const Step> steps) {
  std::string text;
  for (const Step& step : steps) append_step(text, step);
  if (!text.empty()) text.push_back(']');
  return text;
}

Result<std::vector<Step>> read_steps(std::string_view run_id, std::string_view text) {
  std::vector<Step> steps;
  if (text.empty()) return steps;
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  try {
    for (const json::value& row : parsed.as_array()) steps.push_back(step_of(run_id, row.as_array()));
  } catch (const std::exception& error) {
    return fail(ErrorCode::Io, "The store is damaged: the steps of run " + std::string{run_id} +
                                   " cannot be read: " + error.what());
  }
  return steps;
}

}  // namespace ebagent::store::sqlite
