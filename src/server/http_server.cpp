#include "server/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "server/connection.hpp"
#include "server/io_loop.hpp"

namespace ebagent::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, LoopExecutor>;

constexpr int kBacklog = 1024;
// After the process ran out of file descriptors: time for some connections to end.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kSlowestSweep{500};
constexpr std::chrono::milliseconds kQuickestSweep{5};

// Often enough that a time-out comes at most a quarter late.
std::chrono::milliseconds sweep_interval(const HttpOptions& options) {
  const auto shortest = std::min({options.idle_timeout, options.request_timeout, options.write_timeout});
  return std::clamp(std::chrono::milliseconds{shortest / 4}, kQuickestSweep, kSlowestSweep);
}

Error cannot_listen(const HttpOptions& options, const error_code& error) {
  const std::string where = options.address + ":" + std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {ErrorCode::Unavailable,
            "Port " + std::to_string(options.port) + " of " + options.address + " is taken; choose another."};
  }
  return {ErrorCode::Io, "Cannot listen on " + where + ": " + error.message() + "."};
}

}  // namespace

// The acceptor and the loops. The acceptor belongs to the first loop.
class HttpServer::Engine {
 public:
  Engine(HttpOptions options, Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        admission_(std::make_shared<Admission>(
            Admission::Bounds{.max_requests = options_.max_requests, .max_bytes = options_.max_bytes})) {
    for (unsigned i = 0; i < std::max(1U, options_.threads); ++i) {
      loops_.push_back(std::make_shared<IoLoop>(sweep_interval(options_)));
    }
    acceptor_.emplace(loops_[0]->context());
    accept_timer_.emplace(loops_[0]->context());
  }

  Result<void> start() {
    error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) {
      return fail(ErrorCode::InvalidArgument,
                  "\"" + options_.address + "\" is not an IP address to listen on.");
    }
    const asio::ip::tcp::endpoint endpoint{address, options_.port};
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(kBacklog, error);
    if (error) return fail(cannot_listen(options_, error));
    port_ = acceptor_->local_endpoint(error).port();
    accept();
    for (const auto& loop : loops_) loop->start();
    running_ = true;
    return success();
  }

  void stop() {
    const std::lock_guard lock(stop_mutex_);
    if (!std::exchange(running_, false)) return;
    std::promise<void> closed;
    loops_[0]->post([this, &closed] {
      error_code ignored;
      acceptor_->close(ignored);
      accept_timer_->cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for (const auto& loop : loops_) loop->stop(options_.drain_timeout);
    acceptor_.reset();
    accept_timer_.reset();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] std::size_t connections() const {
    std::size_t count = 0;
    for (const auto& loop : loops_) count += loop->connection_count();
    return count;
  }

  [[nodiscard]] std::size_t bytes_held() const { return admission_->bytes_held(); }

 private:
  void accept() {
    const auto& loop = loops_[next_++ % loops_.size()];
    acceptor_->async_accept(loop->context(), [this, loop](const error_code& error, LoopSocket socket) {
      if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
      if (error) return pause_accepting();
      admit(loop, std::move(socket));
      accept();
    });
  }

  void pause_accepting() {
    accept_timer_->expires_after(kAcceptPause);
    accept_timer_->async_wait([this](const error_code& error) {
      if (!error && acceptor_->is_open()) accept();
    });
  }

  void admit(const std::shared_ptr<IoLoop>& loop, LoopSocket socket) {
    if (connections() >= options_.max_connections) return turn_away(std::move(socket));
    auto connection = std::make_shared<Connection>(loop, std::move(socket), options_, handler_, admission_);
    if (loop->is_own_thread()) return connection->begin();
    loop->post([connection] { connection->begin(); });
  }

  // One try, without waiting: a new socket has room for these few bytes.
  void turn_away(LoopSocket socket) {
    if (options_.tls) return;  // nothing can be said before a handshake
    std::string out;
    append_reply(out, plain_refusal(503, "Too many connections are open; try again."), AfterReply::Close,
                 WithBody::Yes, loops_[0]->date().now());
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(out), ignored);
    socket.shutdown(LoopSocket::shutdown_send, ignored);
  }

  const HttpOptions options_;
  const Handler handler_;
  const std::shared_ptr<Admission> admission_;
  std::vector<std::shared_ptr<IoLoop>> loops_;
  std::optional<Acceptor> acceptor_;
  std::optional<LoopTimer> accept_timer_;
  std::size_t next_ = 0;
  std::uint16_t port_ = 0;

  std::mutex stop_mutex_;
  bool running_ = false;  // guarded by stop_mutex_ once started
};

HttpServer::HttpServer(HttpOptions options, Handler handler)
    : engine_(std::make_unique<Engine>(std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() {
  stop();
}

Result<void> HttpServer::start() {
  return engine_->start();
}

std::uint16_t HttpServer::port() const {
  return engine_->port();
}

std::size_t HttpServer::connections() const {
  return engine_->connections();
}

std::size_t HttpServer::bytes_held() const {
  return engine_->bytes_held();
}

void HttpServer::stop() {
  engine_->stop();
}

}  // namespace ebagent::server
