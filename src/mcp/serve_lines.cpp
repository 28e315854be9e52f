#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <mutex>
#include <set>
#include <string>

#include "core/json.hpp"
#include "mcp/line_reader.hpp"
#include "mcp/server.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kThreads = 4;         // calls that run at once; others wait, kMaxCalls in all
constexpr std::int64_t kTooMany = -31'000;  // outside of what JSON-RPC and MCP keep to themselves

// The conversation with the client at the other end.
class Lines {
 public:
  Lines(Server& server, int output) : server_(server), output_(output) {}
  ~Lines() { pool_.join(); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void take(const std::string& line) {
    const auto parsed = parse_message(line);
    if (!parsed) return send(response_text(nullptr, RpcError{kParseError, parsed.error().message, nullptr}));
    const Message& message = parsed.value();
    if (message.kind == Message::Kind::Request) return answer(message);
    if (message.kind == Message::Kind::Notification && message.method == "notifications/cancelled") {
      const std::scoped_lock lock{mutex_};
      const json::value* id = message.params.if_contains("requestId");
      if (id != nullptr) under_way_.erase(core::write_json(*id));
    }
  }

  void refuse(const std::string& why) {
    send(response_text(nullptr, RpcError{kInvalidRequest, why, nullptr}));
  }

 private:
  void answer(const Message& message) {
    if (message.method != "tools/call") return send(response_text(message.id, server_.handle(message)));
    const std::string id = core::write_json(message.id);
    {
      const std::scoped_lock lock{mutex_};
      if (running_ == kMaxCalls) {
        return send(response_text(message.id, RpcError{kTooMany, "Too many calls are under way.", nullptr}));
      }
      ++running_;
      under_way_.insert(id);
    }
    boost::asio::post(pool_, [this, message, id] {
      const Reply reply = server_.handle(message);
      bool is_wanted = false;
      {
        const std::scoped_lock lock{mutex_};
        --running_;
        is_wanted = under_way_.erase(id) > 0;
      }
      if (is_wanted) send(response_text(message.id, reply));
    });
  }

  void send(std::string line) {
    line.push_back('\n');
    const std::scoped_lock lock{writing_};
    std::size_t done = 0;
    while (done < line.size()) {
      const auto wrote = write(output_, line.data() + done, line.size() - done);
      if (wrote < 0 && errno != EINTR) return;  // nobody is there any more; the input ends too
      if (wrote > 0) done += static_cast<std::size_t>(wrote);
    }
  }

  Server& server_;
  const int output_;
  std::mutex writing_;  // one line at a time
  std::mutex mutex_;    // guards what follows
  std::size_t running_ = 0;
  std::set<std::string> under_way_;  // ids of calls whose answers are wanted
  boost::asio::thread_pool pool_{kThreads};
};

}  // namespace

void serve_lines(Server& server, int input, int output) {
  LineReader reader{kMaxMessageBytes};
  Lines lines{server, output};
  std::array<char, kReadBytes> buffer;
  while (true) {
    const auto got = read(input, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    reader.feed({buffer.data(), static_cast<std::size_t>(got)});
    while (const auto line = reader.next()) lines.take(*line);
    if (reader.is_stopped()) {
      return lines.refuse("A line of more than " + std::to_string(kMaxMessageBytes) +
                          " bytes is no message.");
    }
  }
}

}  // namespace ebagent::mcp
