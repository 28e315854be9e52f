#include "telemetry/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::telemetry {
namespace {

constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};

// A value as people read it: strings without quotes where they need none.
std::string plain(const boost::json::value& value) {
  if (const auto* text = value.if_string()) {
    const bool simple = !text->empty() && text->find_first_of(" \"=\n\r\t\x1b") == boost::json::string::npos;
    if (simple) return {text->data(), text->size()};
  }
  return core::write_json(value);
}

}  // namespace

struct Log::Sink {
  explicit Sink(std::FILE* out)
      : logger("eventbridge-agent",
               std::make_shared<spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>>(out)) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::info);
  }
  spdlog::logger logger;
};

Log::Log(LogFormat format, LogLevel least, std::FILE* out, const Clock& clock, std::string service)
    : sink_(std::make_unique<Sink>(out)),
      format_(format),
      least_(least),
      clock_(clock),
      service_(std::move(service)) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, LogFields fields) {
  if (level < least_) return;
  const auto rank = std::size_t(level);
  std::string line;
  if (format_ == LogFormat::Json) {
    boost::json::object object{{"level", boost::json::string_view{kNames[rank].data(), kNames[rank].size()}},
                               {"message", boost::json::string_view{message.data(), message.size()}},
                               {"timestamp", core::format_utc_millis(clock_.now())},
                               {"service", service_}};
    for (const auto& [key, value] : fields) object[{key.data(), key.size()}] = value;
    line = core::write_json(object);
  } else {
    line = core::format_utc_millis(clock_.now());
    line.append(" ").append(kNames[rank]).append(rank == 1 || rank == 2 ? "  " : " ").append(message);
    for (const auto& [key, value] : fields) line.append(" ").append(key).append("=").append(plain(value));
  }
  sink_->logger.log(kLevels[rank], "{}", line);
}

}  // namespace ebagent::telemetry
