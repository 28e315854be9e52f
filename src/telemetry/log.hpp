#pragma once

#include <boost/json/value.hpp>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "ebagent/clock.hpp"

namespace ebagent::telemetry {

enum class LogFormat {
  Text,  // for people: time, level, message, key=value
  Json,  // for programs: one JSON object a line
};
enum class LogLevel { Debug, Info, Warn, Error };

// One more fact of a log line. Keys follow AWS Powertools' logger where it has one (correlation_id is the
// event's id).
struct LogField {
  std::string_view key;
  boost::json::value value;

  template <class T>
  LogField(std::string_view name, const T& what) : key(name) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      const std::string_view text = what;
      value = boost::json::string_view{text.data(), text.size()};
    } else {
      value = what;
    }
  }
};
using LogFields = std::initializer_list<LogField>;

// The program's log. Event content is never logged by this program, only its id and kind.
// Thread safety: every member may be called from any thread; lines do not mix.
class Log {
 public:
  // Writes to `out` (normally stderr), which must outlive the log. Lines below `least` are dropped.
  Log(LogFormat format, LogLevel least, std::FILE* out, const Clock& clock,
      std::string service = "eventbridge-agent");
  ~Log();

  void debug(std::string_view message, LogFields fields = {}) { write(LogLevel::Debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) { write(LogLevel::Info, message, fields); }
  void warn(std::string_view message, LogFields fields = {}) { write(LogLevel::Warn, message, fields); }
  void error(std::string_view message, LogFields fields = {}) { write(LogLevel::Error, message, fields); }

 private:
  void write(LogLevel level, std::string_view message, LogFields fields);

  struct Sink;
  const std::unique_ptr<Sink> sink_;
  const LogFormat format_;
  const LogLevel least_;
  const Clock& clock_;
  const std::string service_;
};

}  // namespace ebagent::telemetry
