#include "testing/test_case.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <utility>

#include "agent/idempotency.hpp"
#include "core/json.hpp"
#include "core/whole_file.hpp"
#include "testing/run_record.hpp"

namespace ebagent::testing {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view kFormat = "eventbridge-agent test";
constexpr std::int64_t kVersion = 1;

auto malformed(const std::string& pointer, std::string_view what) {
  return ebagent::fail(ErrorCode::Malformed, pointer + ": " + std::string(what));
}

// Reads the members of an object, and knows which there may be.
class Members {
 public:
  Members(const json::object& object, std::string pointer) : object_(object), pointer_(std::move(pointer)) {}

  Result<void> allow(std::initializer_list<std::string_view> known) const {
    for (const auto& member : object_) {
      const std::string_view name(member.key().data(), member.key().size());
      if (std::find(known.begin(), known.end(), name) == known.end())
        return malformed(pointer_ + "/" + std::string(name), "is not known here.");
    }
    return success();
  }
  [[nodiscard]] const json::value* find(std::string_view name) const {
    return object_.if_contains(json::string_view(name.data(), name.size()));
  }
  [[nodiscard]] Result<std::optional<std::string>> text(std::string_view name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::optional<std::string>{};
    if (!value->is_string()) return malformed(at(name), "must be a text.");
    return std::optional<std::string>{std::string(value->get_string())};
  }
  [[nodiscard]] Result<std::string> required(std::string_view name) const {
    BOOST_OUTCOME_TRY(auto found, text(name));
    if (!found || found->empty()) return malformed(at(name), "is missing.");
    return std::move(*found);
  }
  [[nodiscard]] std::string at(std::string_view name) const { return pointer_ + "/" + std::string(name); }

 private:
  const json::object& object_;
  const std::string pointer_;
};

Result<const json::array*> array_at(const json::value& value, const std::string& pointer) {
  if (!value.is_array()) return malformed(pointer, "must be an array.");
  return &value.get_array();
}

Result<std::vector<RecordedCall>> read_calls(const json::value& value) {
  BOOST_OUTCOME_TRY(const auto* const list, array_at(value, "/tools"));
  std::vector<RecordedCall> calls;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string pointer = "/tools/" + std::to_string(i);
    if (!(*list)[i].is_object())
      return malformed(pointer, "a call is an object with tool, input, and output or error.");
    const Members members{(*list)[i].get_object(), pointer};
    BOOST_OUTCOME_TRYV(members.allow({"tool", "input", "output", "error"}));
    RecordedCall call;
    BOOST_OUTCOME_TRY(call.tool, members.required("tool"));
    if (const auto* input = members.find("input")) call.input = *input;
    if (const auto* output = members.find("output")) call.output = *output;
    BOOST_OUTCOME_TRY(auto error, members.text("error"));
    call.error = error.value_or("");
    calls.push_back(std::move(call));
  }
  return calls;
}

Result<void> read_expectations(const json::value& value, TestCase& test) {
  if (!value.is_object()) return malformed("/expect", "must be an object.");
  const Members members{value.get_object(), "/expect"};
  BOOST_OUTCOME_TRYV(members.allow({"state", "steps", "answer", "error"}));
  BOOST_OUTCOME_TRY(auto state, members.text("state"));
  test.state = state.value_or("succeeded");
  constexpr std::array<std::string_view, 4> kStates = {"succeeded", "failed", "waiting", "cancelled"};
  if (std::find(kStates.begin(), kStates.end(), test.state) == kStates.end()) {
    return malformed("/expect/state", "there are succeeded, failed, waiting and cancelled.");
  }
  BOOST_OUTCOME_TRY(test.answer, members.text("answer"));
  BOOST_OUTCOME_TRY(test.error, members.text("error"));
  const json::value* steps = members.find("steps");
  if (steps == nullptr) return success();
  BOOST_OUTCOME_TRY(const auto* const list, array_at(*steps, "/expect/steps"));
  test.steps.emplace();
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json::value& step = (*list)[i];
    const std::string pointer = "/expect/steps/" + std::to_string(i);
    if (step.is_string()) {
      test.steps->push_back({.step = std::string(step.get_string())});
      continue;
    }
    if (!step.is_object()) return malformed(pointer, "is a step's name, or an object with step and input.");
    const Members each{step.get_object(), pointer};
    BOOST_OUTCOME_TRYV(each.allow({"step", "input"}));
    ExpectedStep expected;
    BOOST_OUTCOME_TRY(expected.step, each.required("step"));
    if (const auto* input = each.find("input")) expected.input = *input;
    test.steps->push_back(std::move(expected));
  }
  return success();
}

Result<Event> read_event(const json::value& value, const fs::path& folder) {
  std::string text;
  if (value.is_string()) {
    BOOST_OUTCOME_TRY(text,
                      core::read_whole_file(folder / std::string(value.get_string()), TestCase::kMaxBytes));
  } else {
    text = core::write_json(value);
  }
  auto event = parse_event(text, {.id = "event-1", .time = StageOptions{}.now});
  if (!event) return malformed("/event", event.error().message);
  return event;
}

Result<TestCase> read_members(const json::object& object, const fs::path& folder) {
  const Members members{object, ""};
  if (core::text_member(object, "format") != kFormat) {
    return malformed("/format", "this is no test: it must be \"" + std::string(kFormat) + "\".");
  }
  if (core::integer_member(object, "version") != kVersion) {
    return malformed("/version", "this program reads version 1 of tests.");
  }
  BOOST_OUTCOME_TRYV(members.allow({"format", "version", "name", "agent", "config", "cassette", "event",
                                    "input", "tools", "approvals", "expect"}));
  TestCase test;
  BOOST_OUTCOME_TRY(test.agent, members.required("agent"));
  BOOST_OUTCOME_TRY(auto name, members.text("name"));
  test.name = name.value_or("");
  BOOST_OUTCOME_TRY(const auto config, members.text("config"));
  if (config) test.config = folder / *config;
  BOOST_OUTCOME_TRY(const auto cassette, members.text("cassette"));
  if (cassette) test.cassette = folder / *cassette;
  BOOST_OUTCOME_TRY(test.input, members.text("input"));
  const json::value* event = members.find("event");
  if (event == nullptr)
    return malformed("/event", "is missing: an event, or the name of a file that has it.");
  BOOST_OUTCOME_TRY(test.event, read_event(*event, folder));
  if (const json::value* tools = members.find("tools")) {
    if (tools->is_string() && tools->get_string() == "real") {
      test.has_real_tools = true;
    } else {
      BOOST_OUTCOME_TRY(test.calls, read_calls(*tools));
    }
  }
  if (const json::value* approvals = members.find("approvals")) {
    if (!approvals->is_object()) return malformed("/approvals", "must be an object of answers by step.");
    for (const auto& answer : approvals->get_object())
      test.approvals.emplace(std::string(answer.key()), answer.value());
  }
  if (const json::value* expect = members.find("expect")) {
    BOOST_OUTCOME_TRYV(read_expectations(*expect, test));
  }
  return test;
}

std::string seen_from(const fs::path& folder, const fs::path& file) {
  const fs::path relative =
      fs::absolute(file).lexically_normal().lexically_proximate(fs::absolute(folder).lexically_normal());
  return relative.generic_string();
}

json::array calls_json(const std::vector<RecordedCall>& calls) {
  json::array list;
  for (const RecordedCall& call : calls) {
    json::object record{{"tool", call.tool}, {"input", call.input}};
    if (call.error.empty()) {
      record["output"] = call.output;
    } else {
      record["error"] = call.error;
    }
    list.push_back(std::move(record));
  }
  return list;
}

json::object expectations_json(const TestCase& test) {
  json::object expect{{"state", test.state}};
  if (test.steps) {
    json::array steps;
    for (const ExpectedStep& step : *test.steps) {
      json::object record{{"step", step.step}};
      if (step.input) record["input"] = *step.input;
      steps.push_back(std::move(record));
    }
    expect["steps"] = std::move(steps);
  }
  if (test.answer) expect["answer"] = *test.answer;
  if (test.error) expect["error"] = *test.error;
  return expect;
}

}  // namespace

Result<TestCase> read_test_case(const fs::path& file) {
  BOOST_OUTCOME_TRY(const auto text, core::read_whole_file(file, TestCase::kMaxBytes));
  auto test = [&]() -> Result<TestCase> {
    BOOST_OUTCOME_TRY(const auto value, core::parse_json(text));
    if (!value.is_object()) return malformed("", "a test is a JSON object.");
    return read_members(value.get_object(), file.parent_path());
  }();
  if (!test) return ebagent::fail(test.error().code, file.string() + ": " + test.error().message);
  if (test.value().name.empty()) test.value().name = file.filename().string();
  return test;
}

json::value to_json(const TestCase& test, const fs::path& folder) {
  json::object object{{"format", json::string_view(kFormat.data(), kFormat.size())},
                      {"version", kVersion},
                      {"name", test.name},
                      {"agent", test.agent}};
  if (!test.config.empty()) object["config"] = seen_from(folder, test.config);
  if (!test.cassette.empty()) object["cassette"] = seen_from(folder, test.cassette);
  auto event = core::parse_json(ebagent::to_json(test.event));
  object["event"] = event ? std::move(event).assume_value() : json::value(nullptr);
  if (test.input) object["input"] = *test.input;
  if (test.has_real_tools) {
    object["tools"] = "real";
  } else {
    object["tools"] = calls_json(test.calls);
  }
  if (!test.approvals.empty()) {
    json::object approvals;
    for (const auto& [step, answer] : test.approvals) approvals[step] = answer;
    object["approvals"] = std::move(approvals);
  }
  object["expect"] = expectations_json(test);
  return object;
}

Result<TestCase> case_of(const store::Run& run, const std::vector<store::Step>& steps) {
  if (run.state != store::RunState::Succeeded && run.state != store::RunState::Failed) {
    return ebagent::fail(ErrorCode::Unsupported, "Run " + run.id + " has not come to an end of its own.");
  }
  if (std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.kind == "handler"; })) {
    return ebagent::fail(ErrorCode::Unsupported,
                         "Run " + run.id +
                             " has steps of a handler in C++, which cannot be answered from a record. Test "
                             "it with ebagent::testing::Stage.");
  }
  TestCase test{.name = run.agent + " on " + run.event_id, .agent = run.agent};
  BOOST_OUTCOME_TRY(test.event, parse_event(run.event, {.id = run.event_id, .time = run.started}));
  if (run.input_hash != agent::payload_hash(test.event, {})) {
    return ebagent::fail(
        ErrorCode::Unsupported,
        "Run " + run.id +
            " was given an input of its own by its rule or by another agent, which is not on "
            "record.");
  }
  const auto journal = read_steps(steps);
  test.calls = recorded_calls(journal);
  test.steps.emplace();
  for (const StageStep& step : journal) {
    if (step.kind == "approval") test.approvals.emplace(step.name, step.output);
    if (is_call(step)) test.steps->push_back({.step = step.name, .input = step.input});
  }
  if (run.state == store::RunState::Succeeded) {
    test.answer = run.result;
  } else {
    test.state = "failed";
    test.error = run.error;
  }
  return test;
}

}  // namespace ebagent::testing
