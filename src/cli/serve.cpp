#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <limits>

#include "aws/endpoints.hpp"
#include "aws/environment.hpp"
#include "cli/access.hpp"
#include "cli/commands.hpp"
#include "cli/place.hpp"
#include "cli/service.hpp"
#include "cli/terminal.hpp"
#include "server/front.hpp"
#include "server/http_server.hpp"
#include "server/runs_api.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "targets/outbound.hpp"

namespace ebagent::cli {
namespace {

// How long runs under way may take to end when the server is asked to stop; what is not done then is done
// after the next start. Below the 90 s that service managers commonly give.
constexpr std::chrono::seconds kStopPatience{60};

// Signals that ask the program to end. Blocked in every thread, so that one place waits for them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

Result<targets::OutboundSettings> outbound_settings(const ServeOptions& options) {
  BOOST_OUTCOME_TRY(auto endpoints, aws::Endpoints::from(options.aws_endpoints, aws::process_environment()));
  endpoints.leave_out_own(options.port);
  // Whoever reaches a loopback address can send requests from this machine already.
  const bool is_open = options.allow_http_targets || server::is_loopback_host(options.host);
  using HttpTargets = targets::OutboundSettings::HttpTargets;
  return targets::OutboundSettings{.endpoints = std::move(endpoints),
                                   .file_targets = options.file_targets,
                                   .http_targets = is_open ? HttpTargets::Open : HttpTargets::Closed};
}

// The key that seals secrets in the store, when the environment has it.
Result<std::optional<connections::SecretKey>> secret_key() {
  const std::string text = aws::process_environment()("EBAGENT_SECRET_KEY");
  if (text.empty()) return std::optional<connections::SecretKey>{};
  auto key = connections::parse_secret_key(text);
  if (!key)
    return fail(ErrorCode::InvalidArgument, "EBAGENT_SECRET_KEY cannot be used: " + key.error().message);
  return std::optional{key.value()};
}

Result<ServiceOptions> service_options(const ServeOptions& options, const App& app) {
  BOOST_OUTCOME_TRY(auto outbound, outbound_settings(options));
  BOOST_OUTCOME_TRY(const auto key, secret_key());
  const bool own_rules = options.config.has_value() || !app.has_default_config();
  constexpr auto kForEver = std::chrono::hours{24} * 365 * 100;
  constexpr std::uint64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
  const store::RetentionSettings retention{
      .keep = options.keep_seconds == 0 ? kForEver : std::chrono::seconds{options.keep_seconds},
      .max_bytes = options.keep_bytes == 0 ? kUnbounded : options.keep_bytes};
  return ServiceOptions{
      .scope = {.account = options.account, .region = options.region},
      .workers = options.workers,
      .buckets = options.buckets,
      .existing = options.existing,
      .retention = retention,
      .outbound = std::move(outbound),
      .secret_key_file = options.data / "secret.key",
      .secret_key = key,
      // Without keys nobody knows which account a caller is of.
      .bus_policies = options.access_keys ? delivery::EventBusTarget::Policies::Enforced
                                          : delivery::EventBusTarget::Policies::Ignored,
      .app_rules = own_rules ? ServiceOptions::AppRules::PutOnBus : ServiceOptions::AppRules::KeepOff,
      .logs_steps = options.verbose};
}

server::aws_api::Settings api_settings(const ServeOptions& options, Service& service) {
  server::aws_api::Settings settings{.default_scope = {.account = options.account, .region = options.region},
                                     .connections = service.connections()};
  if (options.answer_after_delivery) settings.settle = [&service] { service.settle(); };
  return settings;
}

// A shell often allows 1,024 descriptors only. Asks for what the connections need and takes fewer of them when that is
// not to be had: a server without descriptors neither answers nor refuses.
std::size_t allowed_connections(std::size_t wanted, telemetry::Log& log) {
  constexpr rlim_t kOthers = 256;  // the store's, the tools', the log's
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = wanted + kOthers;
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min(needed, limit.rlim_max);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= needed) return wanted;
  const std::size_t allowed = limit.rlim_cur > 2 * kOthers ? limit.rlim_cur - kOthers : limit.rlim_cur / 2;
  log.info("fewer connections than asked for: the limit of open files (ulimit -n) is low",
           {{"max_connections", allowed}});
  return allowed;
}

server::HttpOptions http_options(const ServeOptions& options, std::shared_ptr<const server::TlsContext> tls,
                                 telemetry::Log& log) {
  return {.address = options.host,
          .port = options.port,
          .max_connections = allowed_connections(options.max_connections, log),
          .max_requests = options.max_requests,
          .max_bytes = options.max_request_bytes,
          .tls = std::move(tls)};
}

std::string url_of(const ServeOptions& options, std::uint16_t port) {
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  return (options.tls_certificate ? "https://" : "http://") + host + ":" + std::to_string(port);
}

}  // namespace

int run_serve(const ServeOptions& options, App& app) {
  const sigset_t stop_signals = block_stop_signals();
  std::signal(SIGXFSZ,
              SIG_IGN);  // a file that may grow no more is an error of the store, not the end of the program
  const SystemClock clock;
  telemetry::Log log{options.log_json ? telemetry::LogFormat::Json : telemetry::LogFormat::Text,
                     options.verbose ? telemetry::LogLevel::Debug : telemetry::LogLevel::Info, stderr, clock};
  auto access = read_access(options, clock);
  if (!access) return report(access.error());
  auto opened = store::sqlite::open(options.data);
  if (!opened) return report(opened.error());
  const std::shared_ptr<store::Store> store = std::move(opened).value();

  const auto started = app.start(place_of(options.data, options.buckets, options.config));
  if (!started) return report(started.error());
  auto wanted = service_options(options, app);
  if (!wanted) return report(wanted.error());
  auto service = Service::start(app, store, std::move(wanted).value(), log);
  if (!service) return report(service.error());

  core::SystemRandom random;
  server::aws_api::AwsApi api{service.value()->catalog(), service.value()->bus(), clock, random,
                              api_settings(options, *service.value())};
  server::CloudEventsApi cloud_events{service.value()->catalog(), service.value()->bus(), clock,
                                      bus::Scope{.account = options.account, .region = options.region}};
  server::scheduler_api::SchedulerApi scheduler{
      service.value()->schedules(),
      clock,
      random,
      {.default_scope = {.account = options.account, .region = options.region}}};
  std::function<Result<void>()> reset;
  if (options.allow_reset) reset = [&service] { return service.value()->reset(); };
  server::Front front{api,
                      scheduler,
                      cloud_events,
                      *store,
                      server::OriginGuard{access.value().bound},
                      EBAGENT_VERSION,
                      std::move(reset),
                      std::move(access.value().authenticator)};
  server::RunsApi runs{
      {.store = *store,
       .feed = service.value()->feed(),
       .clock = clock,
       .random = random,
       .cancel = [&app](const std::string& id, const std::string& reason) { return app.cancel(id, reason); },
       .on_due = [&service] { service.value()->dispatcher().poll(); }}};
  front.serve_runs(runs);
  server::HttpServer http{http_options(options, access.value().tls, log),
                          [&front](server::Request request, server::Respond respond) {
                            front.handle(std::move(request), std::move(respond));
                          }};
  if (const auto listening = http.start(); !listening) return report(listening.error());

  std::cout << app.name() << " is ready at " << url_of(options, http.port()) << " (data in "
            << options.data.string() << ")" << std::endl;
  int signal = 0;
  ::sigwait(&stop_signals, &signal);
  // A second signal ends the program at once: nothing is lost by that.
  ::pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  log.info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  http.stop();
  service.value()->stop(kStopPatience);
  return kOk;
}

}  // namespace ebagent::cli
