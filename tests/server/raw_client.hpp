#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace ebagent::server::testing {

// One socket to a server on this machine, for saying exactly these bytes and hearing what comes back. Reads
// give up after ten seconds, so that a server that never answers fails a test instead of hanging it.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(fd_); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int descriptor() const { return fd_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Ends the sending side; answers can still be read.
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  // Cuts the connection the hard way (a reset).
  void cut() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(fd_);
    fd_ = -1;
  }

  // One answer: its header and as much body as Content-Length says; what there is when the connection ends
  // before.
  std::string read_reply() {
    for (;;) {
      const auto header_end = in_.find("\r\n\r\n");
      if (header_end != std::string::npos) {
        const std::size_t size = header_end + 4 + content_length(in_.substr(0, header_end));
        if (in_.size() >= size) return take(size);
      }
      if (!receive()) return take(in_.size());
    }
  }

  // Everything up to and with `end`; what there is when the connection ends before.
  std::string read_until(std::string_view end) {
    for (;;) {
      const auto at = in_.find(end);
      if (at != std::string::npos) return take(at + end.size());
      if (!receive()) return take(in_.size());
    }
  }

  // Everything up to the end of the connection.
  std::string read_to_end() {
    while (receive()) {
    }
    return take(in_.size());
  }

  // True when the server has ended the connection and nothing is left to read.
  bool is_ended() { return in_.empty() && !receive() && errno != EAGAIN; }

 private:
  static std::size_t content_length(const std::string& header) {
    const auto at = header.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(header.substr(at + 16));
  }
  bool receive() {
    char buffer[65536];
    errno = 0;
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) in_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  std::string take(std::size_t size) {
    std::string out = in_.substr(0, size);
    in_.erase(0, size);
    return out;
  }

  int fd_;
  bool connected_ = false;
  std::string in_;
};

}  // namespace ebagent::server::testing
