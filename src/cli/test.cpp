#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <map>

#include "cli/commands.hpp"
#include "cli/place.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/json.hpp"
#include "models/cassette.hpp"
#include "testing/test_case.hpp"

namespace ebagent::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::TestCase;

// Cases of one configuration; an app is set up with one.
using Groups = std::map<fs::path, std::vector<TestCase>>;

struct Tally {
  int passed = 0;
  int failed = 0;
};

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

void show(const TestCase& test, const std::vector<std::string>& differences, Output output) {
  if (output == Output::Json) {
    std::cout << core::write_json(json::object{{"name", test.name},
                                               {"agent", test.agent},
                                               {"passed", differences.empty()},
                                               {"differences", json::value_from(differences)}})
              << '\n';
    return;
  }
  std::cout << (differences.empty() ? styled("✓", Style::Green) : styled("✗", Style::Red)) << ' '
            << harmless(test.name) << '\n';
  for (const std::string& difference : differences) std::cout << harmless(indented(difference)) << '\n';
}

// In the mode that the environment says; tests replay.
Result<CassetteMode> mode_of_tests() {
  const char* word = std::getenv("EBAGENT_CASSETTE_MODE");
  if (word == nullptr || *word == '\0') return CassetteMode::Replay;
  return models::cassette_mode_of(word);
}

Tally run_group(App& app, const fs::path& config, const std::vector<TestCase>& tests, Output output,
                CassetteMode mode) {
  Tally tally;
  std::vector<std::string> problem;
  const auto folder = WorkFolder::open(std::nullopt);
  if (!folder) {
    problem.push_back(folder.error().message);
  } else if (auto started = app.start(
                 place_of(folder.value().path(), {},
                          config.empty() ? std::optional<fs::path>{} : std::optional<fs::path>{config}));
             !started) {
    problem.push_back(started.error().message);
  }
  for (const TestCase& test : tests) {
    std::vector<std::string> differences = problem;
    if (problem.empty()) {
      auto verdict = testing::run_case(app, test, mode);
      if (verdict) {
        differences = std::move(verdict.value().differences);
      } else {
        differences.push_back(verdict.error().message);
      }
    }
    show(test, differences, output);
    ++(differences.empty() ? tally.passed : tally.failed);
  }
  return tally;
}

// The same in a process of its own, because an app is started once.
Tally run_group_apart(App& app, const fs::path& config, const std::vector<TestCase>& tests, Output output,
                      CassetteMode mode) {
  const Tally none{.passed = 0, .failed = static_cast<int>(tests.size())};
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return none;
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    const Tally tally = run_group(app, config, tests, output, mode);
    std::cout.flush();
    const auto written = ::write(pipe[1], &tally, sizeof tally);
    std::_Exit(written == sizeof tally ? 0 : 1);
  }
  ::close(pipe[1]);
  Tally tally;
  const auto got = child < 0 ? -1 : ::read(pipe[0], &tally, sizeof tally);
  ::close(pipe[0]);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (got == static_cast<ssize_t>(sizeof tally)) return tally;
  std::cerr << "error: The tests of " << config.string() << " ended without a result.\n";
  return none;
}

}  // namespace

int run_test(const TestOptions& options, App& app) {
  const auto mode = mode_of_tests();
  if (!mode) return report({ErrorCode::InvalidArgument, "EBAGENT_CASSETTE_MODE: " + mode.error().message});
  Groups groups;
  for (const fs::path& file : options.cases) {
    auto test = testing::read_test_case(file);
    if (!test) return report(test.error());
    const fs::path config = !test.value().config.empty() ? test.value().config.lexically_normal()
                                                         : options.config.value_or(fs::path{});
    groups[config].push_back(std::move(test).value());
  }
  Tally all;
  for (const auto& [config, tests] : groups) {
    const Tally tally = groups.size() == 1
                            ? run_group(app, config, tests, options.output, mode.value())
                            : run_group_apart(app, config, tests, options.output, mode.value());
    all.passed += tally.passed;
    all.failed += tally.failed;
  }
  if (options.output == Output::People) {
    std::cout << all.passed << " of " << all.passed + all.failed << " tests passed.\n";
  }
  return all.failed == 0 ? kOk : kFailed;
}

}  // namespace ebagent::cli
