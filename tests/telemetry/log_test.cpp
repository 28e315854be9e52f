#include "telemetry/log.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support/manual_clock.hpp"

namespace ebagent::telemetry {
namespace {

// What `write` puts into a log of this format.
template <class Write>
std::string logged(LogFormat format, Write write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), &std::fclose};
  const testing::ManualClock clock;
  {
    Log log{format, LogLevel::Info, file.get(), clock};
    write(log);
  }
  std::rewind(file.get());
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

TEST(Log, WritesOneJsonObjectALineForPrograms) {
  const auto text = logged(LogFormat::Json, [](Log& log) {
    log.warn("retry", {{"attempt", 2}, {"agent", "order-processor"}});
  });

  EXPECT_EQ(text, R"({"level":"WARN","message":"retry","timestamp":"2026-01-26T16:00:00.000Z",)"
                  R"("service":"eventbridge-agent","attempt":2,"agent":"order-processor"})"
                  "\n");
}

TEST(Log, WritesKeyValuePairsForPeople) {
  const auto text = logged(LogFormat::Text, [](Log& log) {
    log.info("run done", {{"agent", "a b"}, {"ms", 12}});
  });

  EXPECT_EQ(text, "2026-01-26T16:00:00.000Z INFO  run done agent=\"a b\" ms=12\n");
}

TEST(Log, KeepsAnEventsLineBreaksFromForgingLines) {
  const auto text = logged(LogFormat::Text, [](Log& log) {
    log.info("event", {{"source", "x\nERROR forged"}});
  });

  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Log, DropsLinesBelowItsLevel) {
  EXPECT_EQ(logged(LogFormat::Text, [](Log& log) { log.debug("noise"); }), "");
}

}  // namespace
}  // namespace ebagent::telemetry
