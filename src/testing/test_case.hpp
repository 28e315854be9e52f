#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"
#include "testing/recorded_tools.hpp"

namespace ebagent::testing {

// A call that is expected, in its place.
struct ExpectedStep {
  std::string step = {};
  std::optional<boost::json::value> input = {};  // absent: any
};

// A regression test of an agent, as a file; docs/testing-agents.md has its format.
struct TestCase {
  static constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;

  std::string name = {};
  std::string agent = {};
  std::filesystem::path config = {};    // empty: that of the command line
  std::filesystem::path cassette = {};  // empty: the agent's own model, a playbook for example
  Event event = {};
  std::optional<std::string> input = {};
  bool has_real_tools = false;  // they act on local stand-ins; else `calls` are all that is answered
  std::vector<RecordedCall> calls = {};
  std::map<std::string, boost::json::value> approvals = {};
  std::string state = "succeeded";
  std::optional<std::vector<ExpectedStep>> steps = {};
  std::optional<std::string> answer = {};
  std::optional<std::string> error = {};  // what the error has in it
};

// Reads a case; paths in it are seen from its folder. NotFound, Io, LimitExceeded, Malformed: the file, the JSON pointer and what
// is wrong there.
[[nodiscard]] Result<TestCase> read_test_case(const std::filesystem::path& file);

// The file of a case; paths are written as seen from `folder`.
[[nodiscard]] boost::json::value to_json(const TestCase& test, const std::filesystem::path& folder);

// The case that a run on record makes: its event, the results of its calls, and that it goes the same way to the same answer.
// `steps` are its journal. Unsupported for a run that has not ended, or has steps of C++ code.
[[nodiscard]] Result<TestCase> case_of(const store::Run& run, const std::vector<store::Step>& steps);

// Where a run is not as the case expects; for people.
[[nodiscard]] std::vector<std::string> compare(const TestCase& test, const StageRun& run);

// What a case found.
struct Verdict {
  std::vector<std::string> differences = {};  // none: it passed
  StageRun run = {};
};

// Runs a case. Errors are those of its set-up: an agent that is not there, a cassette that cannot be read. In the mode Record the
// agent's own model is asked and the cassette is written anew.
[[nodiscard]] Result<Verdict> run_case(App& app, const TestCase& test,
                                       CassetteMode mode = CassetteMode::Replay);

}  // namespace ebagent::testing
