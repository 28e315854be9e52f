#include "server/connection.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

namespace ebagent::server {
namespace {

// A read buffer begins small, because idle connections keep theirs, and grows while reads fill it.
constexpr std::size_t kFirstReadBuffer = 8 * 1024;
constexpr std::size_t kLargestReadBuffer = 64 * 1024;
// With TLS: a record and its frame.
constexpr std::size_t kWireBuffer = 17 * 1024;
// A connection keeps buffers of this size between requests: thousands of idle ones must not hold what a large request
// once took.
constexpr std::size_t kKeptBuffer = 16 * 1024;
// Answers to pipelined requests that may wait before no further request is begun.
constexpr std::size_t kMaxWaitingOutput = 64 * 1024;
// A client that is still sending when it is refused must be read from for a while, or the reset that an early
// close causes would take our answer from it. Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.6
constexpr std::size_t kMaxLinger = 8 * 1024 * 1024;
constexpr std::chrono::seconds kLingerTime{2};

constexpr auto kNever = Connection::Clock::time_point::max();

// What stands between a handler and the connection it answers: keeps the promise that every request gets
// exactly one answer, whatever the handler does.
class Ticket {
 public:
  Ticket(std::shared_ptr<Connection> connection, std::uint64_t serial)
      : connection_(std::move(connection)), serial_(serial) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (!used_.exchange(true)) {
      connection_->answer(
          serial_, plain_refusal(500, "The request was not answered; this is a defect of the server."));
    }
  }

  void answer(Reply reply) {
    if (!used_.exchange(true)) connection_->answer(serial_, std::move(reply));
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::uint64_t serial_;
  std::atomic<bool> used_{false};
};

}  // namespace

Connection::Connection(std::shared_ptr<IoLoop> loop, Socket socket, const HttpOptions& options,
                       const Handler& handler, std::shared_ptr<Admission> admission)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      options_(options),
      handler_(handler),
      parser_(options.max_header_bytes, options.max_body_bytes),
      in_(kFirstReadBuffer),
      admission_(std::move(admission)),
      place_(*admission_),
      body_share_(*admission_),
      out_share_(*admission_) {}

void Connection::begin() {
  loop_->add(shared_from_this());
  if (loop_->is_draining()) return close();
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  read_deadline_ = Clock::now() + options_.idle_timeout;
  if (options_.tls) {
    tls_ = std::make_unique<TlsSession>(*options_.tls);
    wire_.resize(kWireBuffer);
    read_deadline_ = Clock::now() + options_.request_timeout;  // for the handshake
  }
  read();
}

void Connection::make_room() {
  if (begin_ == end_ && in_.size() > kKeptBuffer && !mid_request_) in_ = std::vector<char>(kFirstReadBuffer);
  if (begin_ > 0) {
    std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == in_.size()) in_.resize(in_.size() * 2);
}

void Connection::read() {
  if (reading_ || phase_ == Phase::Closed) return;
  make_room();
  reading_ = true;
  const auto buffer =
      tls_ ? boost::asio::buffer(wire_) : boost::asio::buffer(in_.data() + end_, in_.size() - end_);
  socket_.async_read_some(
      buffer, [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
        self->on_read(error, size);
      });
}

void Connection::on_read(const boost::system::error_code& error, std::size_t size) {
  reading_ = false;
  if (phase_ == Phase::Closed) return;
  if (error) return close();
  if (phase_ == Phase::Streaming && !tls_) return read();  // nothing more is asked on this connection
  if (phase_ == Phase::Lingering) {
    lingered_ += size;
    if (lingered_ > kMaxLinger) return close();
    return read();
  }
  if (tls_) return on_wire({wire_.data(), size});
  end_ += size;
  if (end_ == in_.size() && in_.size() < kLargestReadBuffer) in_.resize(in_.size() * 2);
  advance();
}

void Connection::take_in(std::string_view plain) {
  if (in_.size() - end_ < plain.size()) in_.resize(end_ + plain.size());
  std::memcpy(in_.data() + end_, plain.data(), plain.size());
  end_ += plain.size();
}

void Connection::on_wire(std::string_view wire) {
  constexpr char kHandshakeRecord = 0x16;
  if (!tls_begun_ && wire.front() != kHandshakeRecord) {
    tls_.reset();  // what cannot be said over TLS is said without
    refuse(400, "This port speaks TLS: the URL must begin with https://.");
    return flush();
  }
  tls_begun_ = true;
  std::string plain;
  const TlsSession::State state = tls_->receive(wire, plain);
  if (phase_ == Phase::Streaming && state == TlsSession::State::Open) {
    flush();
    return read();
  }
  if (!plain.empty()) {
    take_in(plain);
    advance();
  }
  if (phase_ == Phase::Closed) return;
  if (state == TlsSession::State::Open) {
    if (plain.empty()) {
      flush();
      read();
    }
    return;
  }
  // The client ends, or cannot be understood: what it is owed is still sent.
  tls_ended_ = true;
  if (!awaiting_) phase_ = Phase::LastReply;
  flush();
  if (phase_ == Phase::LastReply && writing_.empty()) close();
}

// Takes as many requests from the buffer as are there and may be handled; then writes, then reads on.
void Connection::advance() {
  if (advancing_) return;
  advancing_ = true;
  bool needs_more = false;
  while (phase_ == Phase::Open && !awaiting_ && may_answer_more()) {
    if (!step()) {
      needs_more = phase_ == Phase::Open && !awaiting_;
      break;
    }
  }
  advancing_ = false;
  if (phase_ == Phase::Closed) return;
  if (needs_more) {
    if (!mid_request_) read_deadline_ = Clock::now() + options_.idle_timeout;
    read();
  }
  flush();
}

// A client that sends requests without taking the answers is not served on; when the server is full, no answer of
// it may wait.
bool Connection::may_answer_more() const {
  const std::size_t waiting = out_.size() + writing_.size();
  return waiting == 0 || (waiting < kMaxWaitingOutput && !admission_->is_full());
}

void Connection::weigh_body() {
  if (over_capacity_ || body_share_.try_set(parser_.body_bytes())) return;
  over_capacity_ = true;
  parser_.drop_body();
  body_share_.set(0);
}

// Parses on. False when nothing more can be done with the bytes at hand.
bool Connection::step() {
  if (begin_ == end_) return false;
  RequestParser::Progress progress = parser_.feed({in_.data() + begin_, end_ - begin_});
  begin_ += progress.consumed;
  weigh_body();
  switch (progress.state) {
    case RequestParser::State::Complete:
      dispatch();
      return true;
    case RequestParser::State::Refused:
      refuse(progress.status, progress.reason);
      return false;
    case RequestParser::State::NeedMore:
      break;
  }
  if (end_ - begin_ >= options_.max_header_bytes + kLargestReadBuffer) {
    refuse(400, "The request is not valid HTTP: a chunk's header or trailer is too long.");
    return false;
  }
  if (parser_.wants_continue() && !continue_sent_) {
    continue_sent_ = true;
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  // Parsed bytes that are gone from the buffer are still part of a request under way.
  if (!mid_request_) {
    mid_request_ = true;
    read_deadline_ = Clock::now() + options_.request_timeout;
  }
  return false;
}

void Connection::dispatch() {
  mid_request_ = false;
  continue_sent_ = false;
  read_deadline_ = kNever;
  after_reply_ = !parser_.keep_alive()   ? AfterReply::Close
                 : parser_.is_http_1_0() ? AfterReply::KeepAliveHttp10
                                         : AfterReply::KeepAlive;
  Request request = parser_.take();
  with_body_ = request.method == "HEAD" ? WithBody::No : WithBody::Yes;
  if (over_capacity_ || !place_.enter()) {
    request.is_over_capacity = true;
    std::string{}.swap(request.body);
    body_share_.set(0);
  }
  over_capacity_ = false;
  awaiting_ = true;
  request.is_encrypted = tls_ != nullptr;
  ++serial_;
  const auto ticket = std::make_shared<Ticket>(shared_from_this(), serial_);
  try {
    handler_(std::move(request), [ticket](Reply reply) { ticket->answer(std::move(reply)); });
  } catch (const std::exception& defect) {
    ticket->answer(plain_refusal(500, std::string{"The server failed: "} + defect.what()));
  }
}

void Connection::answer(std::uint64_t serial, Reply reply) {
  if (!loop_->is_own_thread()) {
    loop_->post([self = shared_from_this(), serial, moved = std::move(reply)]() mutable {
      self->answer(serial, std::move(moved));
    });
    return;
  }
  if (!awaiting_ || serial != serial_) return;
  awaiting_ = false;
  place_.leave();
  body_share_.set(0);
  if (phase_ == Phase::Closed) return;
  accept_answer(std::move(reply));
  advance();
}

void Connection::accept_answer(Reply reply) {
  if (loop_->is_draining() || tls_ended_ || reply.stream) after_reply_ = AfterReply::Close;
  append_reply(out_, reply, after_reply_, with_body_, loop_->date().now());
  out_share_.set(out_.size() + writing_.size());
  if (after_reply_ == AfterReply::Close) phase_ = Phase::LastReply;
  if (reply.stream == nullptr || with_body_ == WithBody::No || loop_->is_draining() || tls_ended_) return;
  phase_ = Phase::Streaming;
  stream_ = std::move(reply.stream);
  begin_stream();
}

void Connection::begin_stream() {
  begin_ = end_ = 0;
  read();  // to learn when the client goes
  stream_->begin([weak = weak_from_this(), loop = loop_] {
    loop->post([weak] {
      if (const auto self = weak.lock()) self->pump_stream();
    });
  });
}

// Takes more of the stream when what came before has gone out, so that what waits for a slow client waits in the stream,
// which is bounded.
void Connection::pump_stream() {
  if (phase_ != Phase::Streaming || !writing_.empty() || !out_.empty()) return;
  if (!stream_->take(out_)) {
    phase_ = Phase::LastReply;
    stream_.reset();
    if (out_.empty()) return linger();
  }
  out_share_.set(out_.size());
  flush();
}

void Connection::refuse(unsigned status, const std::string& reason) {
  append_reply(out_, plain_refusal(status, reason), AfterReply::Close, WithBody::Yes, loop_->date().now());
  phase_ = Phase::LastReply;
}

void Connection::flush() {
  if (!writing_.empty()) return;
  if (tls_) {
    if (!out_.empty() && !tls_->send(out_)) return close();
    out_.clear();
    if (phase_ == Phase::LastReply) tls_->end();
    writing_ = tls_->take_output();
  } else {
    writing_.swap(out_);
  }
  if (writing_.empty()) return;
  write_deadline_ = Clock::now() + options_.write_timeout;
  boost::asio::async_write(socket_, boost::asio::buffer(writing_),
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                             self->on_written(error);
                           });
}

void Connection::on_written(const boost::system::error_code& error) {
  writing_.clear();
  if (writing_.capacity() > kKeptBuffer) std::string{}.swap(writing_);
  out_share_.set(out_.size());
  write_deadline_ = kNever;
  if (phase_ == Phase::Closed) return;
  if (error) return close();
  if (phase_ == Phase::LastReply && out_.empty()) return linger();
  if (phase_ == Phase::Streaming) return out_.empty() ? pump_stream() : flush();
  advance();
}

void Connection::linger() {
  phase_ = Phase::Lingering;
  read_deadline_ = Clock::now() + kLingerTime;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  begin_ = end_ = 0;
  read();
}

void Connection::check_deadlines(Clock::time_point now) {
  if (phase_ == Phase::Streaming && now < write_deadline_) return pump_stream();
  if (now >= write_deadline_ || (phase_ == Phase::Lingering && now >= read_deadline_)) return close();
  if (phase_ != Phase::Open || awaiting_ || now < read_deadline_) return;
  if (!mid_request_) return close();
  read_deadline_ = kNever;
  refuse(408, "The request did not arrive in time.");
  flush();
}

void Connection::finish() {
  if (phase_ == Phase::Streaming) return close();
  if (phase_ == Phase::Open && !awaiting_ && !mid_request_ && out_.empty() && writing_.empty()) close();
}

void Connection::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  stream_.reset();
  boost::system::error_code ignored;
  socket_.close(ignored);
  loop_->remove(shared_from_this());
}

}  // namespace ebagent::server
