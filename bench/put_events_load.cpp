// A load generator for PutEvents: a fixed number of connections, each with one request under way, against a
// server on loopback. Prints accepted events per second and the latency of the answers.
#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

struct Load {
  std::uint16_t port = 4010;
  int connections = 16;
  int entries = 10;
  int requests = 20'000;
  double rate = 0;  // requests per second over all connections; 0: as fast as answers come
};

struct Tally {
  int started = 0, answered = 0, refused = 0;
  std::vector<double> millis;
};

std::string request_text(const Load& load) {
  std::string body = R"({"Entries":[)";
  for (int i = 0; i < load.entries; ++i) {
    if (i > 0) body += ',';
    body +=
        R"({"Source":"myapp.orders","DetailType":"Order Placed","Detail":"{\"orderId\":\"order_)" +
        std::to_string(i) +
        R"(\",\"customerId\":\"cust_456\",\"amount\":99.99,\"items\":[{\"sku\":\"SKU-1\",\"quantity\":2},{\"sku\":\"SKU-2\",)"
        R"(\"quantity\":1}],\"address\":{\"street\":\"1 Main Street\",\"city\":\"Springfield\",\"zip\":\"12345\"},)"
        R"(\"note\":\"Please leave the parcel with the neighbour when nobody is at home.\"}"})";
  }
  body += "]}";
  return "POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(load.port) +
         "\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: "
         "AWSEvents.PutEvents\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& context, const Load& load, const std::string& request, Tally& tally,
             SteadyClock::time_point begin)
      : socket_(context), timer_(context), load_(load), request_(request), tally_(tally), begin_(begin) {}

  void open() {
    socket_.connect({asio::ip::address_v4::loopback(), load_.port});
    socket_.set_option(tcp::no_delay{true});
    next();
  }

 private:
  void next() {
    if (tally_.started == load_.requests) return;
    const int number = tally_.started++;
    planned_ = SteadyClock::now();
    if (load_.rate <= 0) return send();
    // Latency counts from the planned instant, so that a slow answer is not hidden by sending less.
    planned_ = begin_ + std::chrono::duration_cast<SteadyClock::duration>(
                            std::chrono::duration<double>(number / load_.rate));
    timer_.expires_at(planned_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code) { self->send(); });
  }

  void send() {
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        if (error) return self->lost(error);
                        self->read();
                      });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                              if (error) return self->lost(error);
                              self->answer_.append(self->buffer_.data(), size);
                              if (self->is_whole()) return self->answered();
                              self->read();
                            });
  }

  bool is_whole() const {
    const auto head = answer_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    auto length = answer_.find("Content-Length: ");
    if (length == std::string::npos) length = answer_.find("content-length: ");
    return length != std::string::npos &&
           answer_.size() >= head + 4 + std::strtoul(answer_.c_str() + length + 16, nullptr, 10);
  }

  void answered() {
    const bool accepted =
        answer_.starts_with("HTTP/1.1 200") && answer_.find("\"FailedEntryCount\":0") != std::string::npos;
    ++(accepted ? tally_.answered : tally_.refused);
    tally_.millis.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - planned_).count());
    answer_.clear();
    next();
  }

  void lost(boost::system::error_code error) {
    std::fprintf(stderr, "connection lost: %s\n", error.message().c_str());
    ++tally_.refused;
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  const Load& load_;
  const std::string& request_;
  Tally& tally_;
  SteadyClock::time_point begin_;
  SteadyClock::time_point planned_;
  std::string answer_;
  std::array<char, 8192> buffer_{};
};

double percentile(std::vector<double>& sorted, double part) {
  return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, std::size_t(double(sorted.size()) * part))];
}

bool parse(int argc, char** argv, Load& load) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const double value = std::atof(argv[i + 1]);
    if (name == "--port")
      load.port = std::uint16_t(value);
    else if (name == "--connections")
      load.connections = int(value);
    else if (name == "--entries")
      load.entries = int(value);
    else if (name == "--requests")
      load.requests = int(value);
    else if (name == "--rate")
      load.rate = value;
    else
      return false;
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  if (!parse(argc, argv, load)) {
    std::fprintf(stderr,
                 "usage: put_events_load [--port N] [--connections N] [--entries N] [--requests N] [--rate "
                 "REQUESTS_PER_SECOND]\n");
    return 2;
  }
  asio::io_context context{1};
  Tally tally;
  const std::string request = request_text(load);
  const auto begin = SteadyClock::now();
  for (int i = 0; i < load.connections; ++i) {
    std::make_shared<Connection>(context, load, request, tally, begin)->open();
  }
  context.run();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();

  std::sort(tally.millis.begin(), tally.millis.end());
  std::printf(
      "{\"events_per_second\":%.0f,\"requests\":%d,\"entries\":%d,\"connections\":%d,\"seconds\":%.3f,\"p50_"
      "ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"failed\":%d}\n",
      tally.answered * load.entries / seconds, load.requests, load.entries, load.connections, seconds,
      percentile(tally.millis, 0.50), percentile(tally.millis, 0.99), percentile(tally.millis, 1.0),
      tally.refused);
  return tally.refused == 0 ? 0 : 1;
}
