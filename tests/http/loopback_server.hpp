#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ebagent::http {

// A server whose every byte a test decides: `answer` gets the text of a request and returns what is sent back (to whoever begins with TLS as
// well). An empty answer closes the connection. One thread a connection.
class LoopbackServer {
 public:
  using Answering = std::function<std::string(const std::string& request)>;

  explicit LoopbackServer(Answering answer)
      : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, raw, size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, raw, &size) != 0) {
      throw std::runtime_error("no loopback port");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread{[this] { accept_all(); }};
  }

  ~LoopbackServer() {
    is_stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close_all();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  // Closes the connections that are open, whatever they wait for.
  void close_all() {
    const std::scoped_lock lock{mutex_};
    for (const int open : open_) shutdown(open, SHUT_RDWR);
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!is_stopping_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      ++connections_;
      const std::scoped_lock lock{mutex_};
      open_.push_back(client);
      threads_.emplace_back([this, client] { serve(client); });
    }
  }

  void serve(int client) {
    std::string text;
    while (true) {
      const auto end = text.find("\r\n\r\n");
      const bool is_tls = text.starts_with('\x16');
      const std::size_t need = is_tls                     ? text.size()
                               : end == std::string::npos ? 0
                                                          : end + 4 + content_length(text);
      if (need == 0 || text.size() < need) {
        char buffer[65536];
        const auto got = recv(client, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
        continue;
      }
      const std::string reply = answer_(text.substr(0, need));
      text.erase(0, need);
      if (reply.empty() || ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
    }
    const std::scoped_lock lock{mutex_};
    std::erase(open_, client);
    close(client);
  }

  static std::size_t content_length(const std::string& text) {
    const auto at = text.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
  }

  const Answering answer_;
  const int listener_;
  int port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::mutex mutex_;  // guards what follows
  std::vector<int> open_;
  std::vector<std::thread> threads_;  // joined once the acceptor has ended
};

inline std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace ebagent::http
