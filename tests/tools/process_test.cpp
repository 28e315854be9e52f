#include "tools/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "support/temporary_folder.hpp"

namespace ebagent::tools {
namespace {

using std::chrono::milliseconds;

ProcessRequest shell(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
}

// Whether a process of this number is there and no zombie.
bool is_alive(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return bool(status >> number >> name >> state) && state != "Z" && state != "X";
}

// Waits until it has ended: a killed process takes a moment.
bool ends(const std::string& pid) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (is_alive(pid) && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  return !is_alive(pid);
}

TEST(ProcessTest, GivesOutputErrorsAndExitCode) {
  const auto ended = run_process(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended.value().output, "out\n");
  EXPECT_EQ(ended.value().errors, "err\n");
  EXPECT_EQ(ended.value().exit_code, 3);
  EXPECT_FALSE(ended.value().is_cut);
}

TEST(ProcessTest, ASignalIsTold) {
  EXPECT_EQ(run_process(shell("kill -9 $$")).value().exit_code, 128 + SIGKILL);
}

TEST(ProcessTest, GetsOnlyTheEnvironmentThatIsGiven) {
  setenv("EBAGENT_TEST_HIDDEN", "x", 1);
  ProcessRequest request{.argv = {"/usr/bin/env"}, .environment = {"A=b", "PATH=/bin"}};
  EXPECT_EQ(run_process(request).value().output, "A=b\nPATH=/bin\n");
  unsetenv("EBAGENT_TEST_HIDDEN");
}

TEST(ProcessTest, HasNoFilesOfOursOpen) {
  testing::TemporaryFolder folder;
  std::ofstream ours(folder.path() / "ours");                                       // without O_CLOEXEC
  EXPECT_EQ(run_process(shell("ls /proc/self/fd | wc -l")).value().output, "4\n");  // ls has its folder open
}

TEST(ProcessTest, ReadsItsInputOrNothing) {
  ProcessRequest request{.argv = {"/bin/cat"}, .input = std::string(300'000, 'x'), .output_limit = 1'000'000};
  EXPECT_EQ(run_process(request).value().output.size(), 300'000U);
  request.input.clear();
  EXPECT_EQ(run_process(request).value().output, "");
}

TEST(ProcessTest, RunsInItsFolder) {
  ProcessRequest request{.argv = {"/bin/pwd"}, .directory = "/usr"};
  EXPECT_EQ(run_process(request).value().output, "/usr\n");
  request.directory = "/does/not/exist";
  EXPECT_EQ(run_process(request).error().code, ErrorCode::NotFound);
}

TEST(ProcessTest, OutputBeyondTheBoundIsReadAndLeftOut) {
  ProcessRequest request = shell("head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2");
  request.output_limit = 1'000;
  const auto ended = run_process(request);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended.value().output, std::string(1'000, 'x'));
  EXPECT_EQ(ended.value().errors, "end\n");
  EXPECT_TRUE(ended.value().is_cut);
}

TEST(ProcessTest, ATimeOutKillsChildrenOfChildren) {
  testing::TemporaryFolder folder;
  const std::string pids = (folder.path() / "pids").string();
  ProcessRequest request = shell("(trap '' TERM HUP; sh -c 'echo $$ >> " + pids +
                                 "; exec sleep 600') & echo $$ >> " + pids + "; sleep 600");
  request.timeout = milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  const auto ended = run_process(request);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::TimedOut);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  std::ifstream written(pids);
  int count = 0;
  for (std::string pid; std::getline(written, pid); ++count) EXPECT_TRUE(ends(pid)) << pid;
  EXPECT_EQ(count, 2);
}

TEST(ProcessTest, EndlessOutputEndsWithTheTime) {
  ProcessRequest request{.argv = {"/usr/bin/yes"}, .timeout = milliseconds(200), .output_limit = 100};
  EXPECT_EQ(run_process(request).error().code, ErrorCode::TimedOut);
}

TEST(ProcessTest, WhatIsLeftBehindHoldsUpNobodyAndIsKilled) {
  ProcessRequest request = shell("sleep 600 & echo $!");
  request.timeout = std::chrono::minutes(5);
  const auto begin = std::chrono::steady_clock::now();
  const auto ended = run_process(request);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  const std::string pid = ended.value().output.substr(0, ended.value().output.find('\n'));
  EXPECT_TRUE(ends(pid));
}

TEST(ProcessTest, RefusesWhatCannotBePassed) {
  EXPECT_EQ(run_process({}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(run_process({.argv = {"ls"}}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(run_process({.argv = {"/bin/echo", std::string("a\0b", 3)}}).error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(run_process({.argv = {"/bin/echo", std::string(100'000, 'x')}}).error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(run_process({.argv = {"/does/not/exist"}}).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace ebagent::tools
