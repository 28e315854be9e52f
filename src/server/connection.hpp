#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/admission.hpp"
#include "server/http_server.hpp"
#include "server/io_loop.hpp"
#include "server/request_parser.hpp"
#include "server/tls.hpp"

namespace ebagent::server {

// One client. Reads requests, hands them to the handler one at a time, writes the answers in order.
// It lives on its loop's thread; only answer() may be called from others.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket = LoopSocket;

  // The references must outlive the connection but for `admission`, which it shares.
  Connection(std::shared_ptr<IoLoop> loop, Socket socket, const HttpOptions& options, const Handler& handler,
             std::shared_ptr<Admission> admission);

  void begin();
  // Answers request number `serial` of this connection; a number already answered is ignored. Any thread.
  void answer(std::uint64_t serial, Reply reply);
  // Closes what waited too long.
  void check_deadlines(Clock::time_point now);
  // Closes when idle; otherwise the next answer is the last.
  void finish();
  void close();

 private:
  enum class Phase { Open, Streaming, LastReply, Lingering, Closed };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void on_wire(std::string_view wire);
  void take_in(std::string_view plain);
  void advance();
  bool step();
  void dispatch();
  void accept_answer(Reply reply);
  void refuse(unsigned status, const std::string& reason);
  void flush();
  void on_written(const boost::system::error_code& error);
  void linger();
  void make_room();
  void weigh_body();
  void begin_stream();
  void pump_stream();
  [[nodiscard]] bool may_answer_more() const;

  std::shared_ptr<IoLoop> loop_;  // before the socket, which needs it to be destroyed
  Socket socket_;
  const HttpOptions& options_;
  const Handler& handler_;
  RequestParser parser_;
  Phase phase_ = Phase::Open;

  std::unique_ptr<TlsSession> tls_;  // null: bytes of the network are those of HTTP
  std::vector<char> wire_;           // bytes read from the network, with TLS
  std::vector<char> in_;             // bytes read; [begin_, end_) are not parsed yet
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool tls_begun_ = false;
  bool tls_ended_ = false;  // the client sends no more
  bool reading_ = false;
  bool mid_request_ = false;  // some bytes of the next request have come
  bool continue_sent_ = false;

  const std::shared_ptr<Admission> admission_;
  Admission::Place place_;       // of the request that the handler has
  Admission::Share body_share_;  // its body, or the one being read
  Admission::Share out_share_;   // answers not sent yet
  bool over_capacity_ = false;   // the request being read is to be refused

  std::uint64_t serial_ = 0;  // of the request last handed to the handler
  bool awaiting_ = false;     // the handler has not answered it
  bool advancing_ = false;    // advance() is on the stack
  AfterReply after_reply_ = AfterReply::KeepAlive;
  WithBody with_body_ = WithBody::Yes;
  std::shared_ptr<BodyStream> stream_;  // while Streaming

  std::string out_;      // answers to write
  std::string writing_;  // answers being written
  std::size_t lingered_ = 0;

  Clock::time_point read_deadline_ = Clock::time_point::max();
  Clock::time_point write_deadline_ = Clock::time_point::max();
};

}  // namespace ebagent::server
