#include "mcp/stdio_transport.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace ebagent::mcp {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxErrorLine = 4'000;  // of standard error; longer ones are cut
// How long a message that nobody waits for may take to be written.
constexpr milliseconds kNotificationTime{1'000};

int wait_time(Steady::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Steady::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 3'600'000));
}

}  // namespace

Result<std::unique_ptr<StdioTransport>> StdioTransport::start(const Command& command, FromServer from,
                                                              OnLine on_error_line) {
  BOOST_OUTCOME_TRY(auto process, ChildProcess::start(command));
  return std::unique_ptr<StdioTransport>(
      new StdioTransport(std::move(process), std::move(from), std::move(on_error_line)));
}

StdioTransport::StdioTransport(std::unique_ptr<ChildProcess> process, FromServer from, OnLine on_error_line)
    : process_(std::move(process)),
      from_(std::move(from)),
      on_error_line_(std::move(on_error_line)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  reader_ = std::thread{[this] { read_all(); }};
}

StdioTransport::~StdioTransport() {
  is_open_ = false;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  reader_.join();
  ::close(wake_);
}

Answer StdioTransport::exchange(const Outgoing& request, milliseconds timeout) {
  const auto deadline = Steady::now() + timeout;
  std::int64_t id = 0;
  {
    const std::scoped_lock lock{mutex_};
    if (!is_open_) return NoReply{.text = why_closed_};
    id = ++last_id_;
    waiting_.emplace(id, std::nullopt);
  }
  const Written written = write_line(request_text(id, request.method, request.params), deadline);
  std::unique_lock lock{mutex_};
  const auto found = waiting_.find(id);
  if (written == Written::Whole) {
    arrived_.wait_until(lock, deadline, [&] { return found->second.has_value() || !is_open_; });
  }
  const std::optional<Reply> reply = std::move(found->second);
  waiting_.erase(found);
  if (reply) return std::visit([](const auto& it) -> Answer { return it; }, *reply);
  if (!is_open_) return closed(written != Written::Nothing);
  lock.unlock();
  if (written == Written::Part) {
    close_with("did not read what it was sent");
    return NoReply{.may_have_acted = true, .is_timeout = true, .text = "did not read what it was sent"};
  }
  if (written == Written::Whole) {
    notify({.method = "notifications/cancelled", .params = {{"requestId", id}, {"reason", "timed out"}}});
  }
  return NoReply{.may_have_acted = written == Written::Whole,
                 .is_timeout = true,
                 .text = "did not answer within " + std::to_string(timeout.count()) + " ms"};
}

void StdioTransport::notify(const Outgoing& notification) {
  if (!is_open_) return;
  const auto written = write_line(notification_text(notification.method, notification.params),
                                  Steady::now() + kNotificationTime);
  if (written == Written::Part) close_with("did not read what it was sent");
}

NoReply StdioTransport::closed(bool may_have_acted) const {
  return {.may_have_acted = may_have_acted, .text = why_closed_};
}

// The pipe may be full while the server works; then this waits for it, and others wait for this.
StdioTransport::Written StdioTransport::write_line(std::string line, Steady::time_point deadline) {
  line.push_back('\n');
  const std::scoped_lock lock{writing_};
  std::size_t done = 0;
  while (done < line.size() && is_open_) {
    const auto wrote = send(process_->input(), line.data() + done, line.size() - done, MSG_NOSIGNAL);
    if (wrote > 0) {
      done += static_cast<std::size_t>(wrote);
      continue;
    }
    if (wrote < 0 && errno != EAGAIN && errno != EINTR) break;
    pollfd room{process_->input(), POLLOUT, 0};
    const int time = wait_time(deadline);
    if (time == 0 || poll(&room, 1, time) == 0) break;
  }
  if (done == line.size()) return Written::Whole;
  return done == 0 ? Written::Nothing : Written::Part;
}

// False at the end of the stream.
bool StdioTransport::read_some(int file, LineReader& lines,
                               const std::function<void(const std::string&)>& take) {
  std::array<char, kReadBytes> buffer;
  const auto got = read(file, buffer.data(), buffer.size());
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  lines.feed({buffer.data(), static_cast<std::size_t>(got)});
  while (auto line = lines.next()) take(*line);
  return !lines.is_stopped();
}

void StdioTransport::read_all() {
  LineReader messages{kMaxMessageBytes};
  LineReader errors{kMaxErrorLine, LineReader::TooLong::IsCut};
  std::array<pollfd, 3> files{pollfd{process_->output(), POLLIN, 0}, pollfd{process_->errors(), POLLIN, 0},
                              pollfd{wake_, POLLIN, 0}};
  const auto take_error = [this](const std::string& line) {
    on_error_line_(line);
    const std::scoped_lock lock{mutex_};
    last_error_line_ = line.substr(0, 500);
  };
  while (true) {
    if (poll(files.data(), files.size(), -1) < 0) continue;
    if (files[2].revents != 0) return;
    if (files[1].revents != 0 && !read_some(files[1].fd, errors, take_error)) files[1].fd = -1;
    if (files[0].revents == 0) continue;
    if (read_some(files[0].fd, messages, [this](const std::string& line) { take_line(line); })) continue;
    if (messages.is_stopped()) {
      return close_with("sent a line of more than " + std::to_string(kMaxMessageBytes) + " bytes");
    }
    while (files[1].fd >= 0 && poll(&files[1], 1, 0) > 0) {  // its last words
      if (!read_some(files[1].fd, errors, take_error)) break;
    }
    return close_with("has ended");
  }
}

void StdioTransport::take_line(const std::string& line) {
  const auto parsed = parse_message(line);
  if (!parsed) return on_error_line_("(on standard output) " + parsed.error().message);
  const Message& message = parsed.value();
  if (message.kind == Message::Kind::Notification) return from_.on_notification(message);
  if (message.kind == Message::Kind::Request) {
    write_line(response_text(message.id, from_.on_request(message)), Steady::now() + kNotificationTime);
    return;
  }
  const std::scoped_lock lock{mutex_};
  const auto* id = message.id.if_int64();
  const auto found = id != nullptr ? waiting_.find(*id) : waiting_.end();
  if (found == waiting_.end() || found->second) return;  // nobody waits for it any more
  found->second = message.reply;
  arrived_.notify_all();
}

void StdioTransport::close_with(std::string why) {
  const std::scoped_lock lock{mutex_};
  if (!is_open_ && !why_closed_.empty()) return;
  is_open_ = false;
  why_closed_ = std::move(why);
  if (!last_error_line_.empty()) why_closed_ += " (its last line of errors: " + last_error_line_ + ")";
  arrived_.notify_all();
  // What no longer listens must not go on acting.
  process_->kill();
}

}  // namespace ebagent::mcp
