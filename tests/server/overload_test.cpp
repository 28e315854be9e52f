#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "raw_client.hpp"
#include "server/http_server.hpp"

namespace ebagent::server {
namespace {

using testing::RawClient;

std::string post(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string{body};
}

std::string body_of(const std::string& reply) {
  const auto at = reply.find("\r\n\r\n");
  return at == std::string::npos ? "no reply" : reply.substr(at + 4);
}

// A server that says of each request how large its body was and whether it was taken; a body "hold" waits for release().
class OverloadTest : public ::testing::Test {
 protected:
  RawClient& client() {
    if (!server_) {
      server_ = std::make_unique<HttpServer>(
          options_, [this](const Request& request, const Respond& respond) { handle(request, respond); });
      EXPECT_TRUE(server_->start());
    }
    return *clients_.emplace_back(std::make_unique<RawClient>(server_->port()));
  }
  void release() {
    Reply reply;
    reply.body = "released";
    held_.get_future().get()(std::move(reply));
  }

  std::size_t held() const { return server_->bytes_held(); }

  HttpOptions options_;

 private:
  void handle(const Request& request, const Respond& respond) {
    if (request.body == "hold") return held_.set_value(respond);
    Reply reply;
    reply.body =
        (request.is_over_capacity ? "over capacity, " : "taken, ") + std::to_string(request.body.size());
    respond(std::move(reply));
  }

  std::promise<Respond> held_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(OverloadTest, RefusesAtOnceWhenAsManyRequestsAsMayAreUnderWay) {
  options_.max_requests = 1;
  RawClient& first = client();
  RawClient& second = client();
  first.send(post("hold"));
  first.send(post("pipelined"));

  std::string answer;
  // The first request arrives on another connection: it may be some moments behind.
  do {
    second.send(post("x"));
    answer = body_of(second.read_reply());
  } while (answer == "taken, 1");

  EXPECT_EQ(answer, "over capacity, 0");
  release();
  EXPECT_EQ(body_of(first.read_reply()), "released");
  EXPECT_EQ(body_of(first.read_reply()), "taken, 9");
  second.send(post("again"));
  EXPECT_EQ(body_of(second.read_reply()), "taken, 5");
}

TEST_F(OverloadTest, LetsABodyPassByThatWouldTakeMoreBytesThanMayBeInHandAndKeepsTheConnection) {
  options_.max_bytes = 100'000;
  RawClient& socket = client();

  socket.send(post(std::string(500'000, 'x')));
  EXPECT_EQ(body_of(socket.read_reply()), "over capacity, 0");
  socket.send(post("small"));

  EXPECT_EQ(body_of(socket.read_reply()), "taken, 5");
}

TEST_F(OverloadTest, CountsTheBodiesOfAllConnectionsTogetherWhileTheyArrive) {
  options_.max_bytes = 300'000;
  RawClient& slow = client();
  RawClient& other = client();
  const std::string whole = post(std::string(200'000, 'x'));
  slow.send(whole.substr(0, whole.size() - 1));
  while (held() < 200'000) std::this_thread::yield();

  other.send(post(std::string(200'000, 'y')));

  EXPECT_EQ(body_of(other.read_reply()), "over capacity, 0");
  slow.send(whole.substr(whole.size() - 1));
  EXPECT_EQ(body_of(slow.read_reply()), "taken, 200000");
  other.send(post(std::string(200'000, 'y')));
  EXPECT_EQ(body_of(other.read_reply()), "taken, 200000");
}

TEST_F(OverloadTest, GivesBackWhatACutConnectionHeld) {
  options_.max_bytes = 300'000;
  RawClient& cut = client();
  const std::string whole = post(std::string(250'000, 'x'));
  cut.send(whole.substr(0, whole.size() - 1));
  while (held() < 250'000) std::this_thread::yield();

  cut.cut();

  while (held() > 0) std::this_thread::yield();
}

TEST_F(OverloadTest, GivesBackWhatARequestHeldWhoseClientWentAway) {
  options_.max_requests = 1;
  RawClient& gone = client();
  gone.send(post("hold"));
  RawClient& other = client();
  std::string answer;
  do {
    other.send(post("x"));
    answer = body_of(other.read_reply());
  } while (answer == "taken, 1");
  gone.cut();

  release();

  do {
    other.send(post("x"));
    answer = body_of(other.read_reply());
  } while (answer == "over capacity, 0");
  EXPECT_EQ(answer, "taken, 1");
}

TEST_F(OverloadTest, ServesAPipeliningClientThatTakesItsAnswersLate) {
  RawClient& socket = client();
  std::string all;
  for (int i = 0; i < 5'000; ++i) all += post("x");

  socket.send(all);

  for (int i = 0; i < 5'000; ++i) ASSERT_EQ(body_of(socket.read_reply()), "taken, 1");
}

}  // namespace
}  // namespace ebagent::server
