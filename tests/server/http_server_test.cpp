#include "server/http_server.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "raw_client.hpp"

namespace ebagent::server {
namespace {

using testing::RawClient;
using namespace std::chrono_literals;

std::string post(std::string_view body, std::string_view more_headers = "") {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string{more_headers} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string body_of(const std::string& reply) {
  const auto at = reply.find("\r\n\r\n");
  return at == std::string::npos ? "no reply" : reply.substr(at + 4);
}

std::string status_of(const std::string& reply) {
  return reply.size() < 12 ? "no reply" : reply.substr(9, 3);
}

Reply echo(const Request& request) {
  Reply reply;
  reply.body = request.method + " " + request.target + " " + request.body;
  return reply;
}

// A server that echoes, until a test says otherwise.
class HttpServerTest : public ::testing::Test {
 protected:
  RawClient& client() {
    start();
    return *clients_.emplace_back(std::make_unique<RawClient>(server_->port()));
  }
  void start() {
    if (server_) return;
    server_ = std::make_unique<HttpServer>(options_, handler_);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
  }

  HttpOptions options_;
  Handler handler_ = [](const Request& request, const Respond& respond) { respond(echo(request)); };
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(HttpServerTest, AnswersARequestOnAPortItChose) {
  RawClient& socket = client();

  socket.send(post("hello"));

  const std::string reply = socket.read_reply();
  EXPECT_EQ(status_of(reply), "200");
  EXPECT_EQ(body_of(reply), "POST / hello");
  EXPECT_NE(reply.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(reply.find("\r\nDate: "), std::string::npos);
}

TEST_F(HttpServerTest, KeepsTheConnectionForFurtherRequests) {
  RawClient& socket = client();

  for (const std::string body : {"one", "two", "three"}) {
    socket.send(post(body));
    EXPECT_EQ(body_of(socket.read_reply()), "POST / " + body);
  }
}

TEST_F(HttpServerTest, ClosesWhenTheClientSaysSo) {
  RawClient& socket = client();

  socket.send(post("x", "Connection: close\r\n"));

  EXPECT_NE(socket.read_to_end().find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, ClosesAfterAnHttp10RequestUnlessAskedToStay) {
  RawClient& closing = client();
  closing.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(closing.read_to_end()), "GET /a ");

  RawClient& staying = client();
  staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(staying.read_reply().find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  staying.send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(staying.read_to_end()), "GET /b ");
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient& socket = client();
  std::string all;
  for (int i = 0; i < 500; ++i) all += post(std::to_string(i));

  socket.send(all);

  for (int i = 0; i < 500; ++i) ASSERT_EQ(body_of(socket.read_reply()), "POST / " + std::to_string(i));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrderWhenTheHandlerAnswersLaterFromAnotherThread) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  handler_ = [&](Request request, Respond respond) {
    const std::lock_guard lock(mutex);
    threads.emplace_back(
        [request = std::move(request), respond = std::move(respond)] { respond(echo(request)); });
  };
  RawClient& socket = client();
  std::string all;
  for (int i = 0; i < 50; ++i) all += post(std::to_string(i));

  socket.send(all);

  for (int i = 0; i < 50; ++i) EXPECT_EQ(body_of(socket.read_reply()), "POST / " + std::to_string(i));
  server_->stop();
  for (auto& thread : threads) thread.join();
}

TEST_F(HttpServerTest, ReadsARequestThatComesByteByByte) {
  RawClient& socket = client();

  for (const char byte : post("slowly")) socket.send({&byte, 1});

  EXPECT_EQ(body_of(socket.read_reply()), "POST / slowly");
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.send("5;name=value\r\nhello\r\n7\r\n, world\r\n");
  socket.send("0\r\nTrailer: ignored\r\n\r\n" + post("next"));

  EXPECT_EQ(body_of(socket.read_reply()), "POST / hello, world");
  EXPECT_EQ(body_of(socket.read_reply()), "POST / next");
}

TEST_F(HttpServerTest, TellsAClientThatAsksToContinue) {
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(socket.read_reply(), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("body");

  EXPECT_EQ(body_of(socket.read_reply()), "POST / body");
}

TEST_F(HttpServerTest, DoesNotSayContinueWhenTheBodyIsAlreadyThere) {
  RawClient& socket = client();

  socket.send(post("body", "Expect: 100-continue\r\n"));

  EXPECT_EQ(body_of(socket.read_reply()), "POST / body");
}

TEST_F(HttpServerTest, RefusesOtherExpectations) {
  RawClient& socket = client();

  socket.send(post("body", "Expect: miracles\r\n"));

  EXPECT_EQ(status_of(socket.read_to_end()), "417");
}

TEST_F(HttpServerTest, RefusesABodyThatIsTooLargeBeforeItIsSent) {
  options_.max_body_bytes = 100;
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");

  const std::string reply = socket.read_to_end();
  EXPECT_EQ(status_of(reply), "413");
  EXPECT_EQ(body_of(reply), R"({"message":"The request's body is longer than 100 bytes."})");
}

TEST_F(HttpServerTest, LetsAClientThatIsStillSendingReadWhyItIsRefused) {
  options_.max_body_bytes = 100;
  RawClient& socket = client();

  socket.send(post(std::string(1024 * 1024, 'x')));
  socket.end_sending();

  EXPECT_EQ(status_of(socket.read_to_end()), "413");
}

TEST_F(HttpServerTest, RefusesAChunkedBodyThatGrowsTooLarge) {
  options_.max_body_bytes = 100;
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) socket.send("a\r\n0123456789\r\n");

  EXPECT_EQ(status_of(socket.read_to_end()), "413");
}

TEST_F(HttpServerTest, RefusesAHeaderThatIsTooLong) {
  RawClient& one_field = client();
  one_field.send("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(status_of(one_field.read_to_end()), "431");

  RawClient& endless_line = client();
  endless_line.send(std::string(100'000, 'G'));
  const auto status = status_of(endless_line.read_to_end());
  EXPECT_TRUE(status == "431" || status == "400") << status;
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  for (const std::string bytes :
       {"\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTP/1.1\r\n\r\n",
        "{\"Entries\":[]}\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nname : value\r\n\r\n", "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n"}) {
    RawClient& socket = client();
    socket.send(bytes);
    socket.end_sending();
    const std::string reply = socket.read_to_end();
    EXPECT_TRUE(reply.empty() || status_of(reply) == "400" || status_of(reply) == "505" ||
                status_of(reply) == "413")
        << bytes << "\n->\n"
        << reply;
  }

  RawClient& good = client();
  good.send(post("still here"));
  EXPECT_EQ(body_of(good.read_reply()), "POST / still here");
}

TEST_F(HttpServerTest, GivesUpOnAHeaderThatComesTooSlowly) {
  options_.request_timeout = 40ms;
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost:");

  EXPECT_EQ(status_of(socket.read_to_end()), "408");
}

TEST_F(HttpServerTest, GivesUpOnABodyThatComesTooSlowlyHoweverOftenAByteCame) {
  options_.request_timeout = 60ms;
  RawClient& socket = client();

  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
  std::string reply = socket.read_to_end();
  EXPECT_EQ(status_of(reply), "413");

  RawClient& dripping = client();
  dripping.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
  dripping.send("x");
  EXPECT_EQ(status_of(dripping.read_to_end()), "408");
}

TEST_F(HttpServerTest, ClosesConnectionsThatStayIdle) {
  options_.idle_timeout = 40ms;
  RawClient& never_used = client();
  EXPECT_TRUE(never_used.is_ended());

  RawClient& used = client();
  used.send(post("x"));
  EXPECT_EQ(body_of(used.read_reply()), "POST / x");
  EXPECT_TRUE(used.is_ended());
}

TEST_F(HttpServerTest, ClosesOnAClientThatDoesNotTakeItsAnswer) {
  options_.write_timeout = 40ms;
  handler_ = [](const Request&, const Respond& respond) {
    Reply reply;
    reply.body.assign(64 * 1024 * 1024, 'x');
    respond(std::move(reply));
  };
  RawClient& socket = client();

  socket.send(post("x"));
  while (server_->connections() == 0) std::this_thread::yield();
  while (server_->connections() != 0) std::this_thread::yield();

  EXPECT_LT(socket.read_to_end().size(), 64u * 1024 * 1024);
}

TEST_F(HttpServerTest, SurvivesConnectionsThatAreCut) {
  RawClient& mid_header = client();
  mid_header.send("POST / HTTP/1.1\r\nHo");
  mid_header.cut();
  RawClient& mid_body = client();
  mid_body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  mid_body.cut();
  RawClient& before_answer = client();
  before_answer.send(post("x"));
  before_answer.cut();

  RawClient& good = client();
  good.send(post("still here"));
  EXPECT_EQ(body_of(good.read_reply()), "POST / still here");
}

TEST_F(HttpServerTest, AnswersAClientThatHasEndedItsSendingSide) {
  RawClient& socket = client();

  socket.send(post("last words"));
  socket.end_sending();

  EXPECT_EQ(body_of(socket.read_to_end()), "POST / last words");
}

TEST_F(HttpServerTest, TurnsAwayMoreConnectionsThanItMayHave) {
  options_.max_connections = 1;
  RawClient& first = client();
  first.send(post("x"));
  ASSERT_EQ(status_of(first.read_reply()), "200");

  RawClient& second = client();

  EXPECT_EQ(status_of(second.read_to_end()), "503");
  first.send(post("y"));
  EXPECT_EQ(status_of(first.read_reply()), "200");
}

TEST_F(HttpServerTest, SendsNoBodyToHead) {
  RawClient& socket = client();

  socket.send("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(body_of(socket.read_to_end()), "");
}

TEST_F(HttpServerTest, TakesOnlyTheFirstOfSeveralAnswers) {
  handler_ = [](const Request& request, const Respond& respond) {
    respond(echo(request));
    Reply second;
    second.body = "second";
    respond(second);
  };
  RawClient& socket = client();

  socket.send(post("a") + post("b", "Connection: close\r\n"));

  EXPECT_EQ(body_of(socket.read_reply()), "POST / a");
  EXPECT_EQ(body_of(socket.read_to_end()), "POST / b");
}

TEST_F(HttpServerTest, Answers500ForAHandlerThatForgetsOrThrows) {
  handler_ = [](const Request& request, const Respond&) {
    if (request.body == "throw") throw std::runtime_error("broken");
  };
  RawClient& socket = client();

  socket.send(post("forget"));
  EXPECT_EQ(status_of(socket.read_reply()), "500");
  socket.send(post("throw"));
  EXPECT_EQ(body_of(socket.read_reply()), R"({"message":"The server failed: broken"})");
}

TEST_F(HttpServerTest, LetsRequestsUnderWayEndWhenItStops) {
  std::promise<Respond> handed;
  handler_ = [&](const Request&, Respond respond) { handed.set_value(std::move(respond)); };
  RawClient& idle = client();
  RawClient& busy = client();
  busy.send(post("x"));
  Respond respond = handed.get_future().get();

  auto stopped = std::async(std::launch::async, [&] { server_->stop(); });
  EXPECT_TRUE(idle.is_ended());
  Reply reply;
  reply.body = "late but there";
  respond(reply);

  EXPECT_EQ(body_of(busy.read_to_end()), "late but there");
  stopped.get();
  EXPECT_FALSE(RawClient{server_->port()}.connected());
}

TEST_F(HttpServerTest, StopsInTimeThoughAnAnswerNeverComes) {
  options_.drain_timeout = 20ms;
  std::promise<Respond> handed;
  handler_ = [&](const Request&, Respond respond) { handed.set_value(std::move(respond)); };
  RawClient& socket = client();
  socket.send(post("x"));
  const Respond respond = handed.get_future().get();

  server_->stop();

  EXPECT_TRUE(socket.is_ended());
  server_.reset();
  respond(Reply{});
}

TEST_F(HttpServerTest, SharesItsConnectionsAmongItsThreads) {
  options_.threads = 2;
  std::vector<std::thread> callers;
  start();
  std::atomic<int> good{0};

  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int connection = 0; connection < 10; ++connection) {
        RawClient socket{server_->port()};
        for (int request = 0; request < 20; ++request) {
          socket.send(post("x"));
          if (body_of(socket.read_reply()) == "POST / x") ++good;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();

  EXPECT_EQ(good, 4 * 10 * 20);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  start();

  HttpServer taken{{.port = server_->port()}, handler_};
  EXPECT_EQ(taken.start().error(),
            (Error{ErrorCode::Unavailable,
                   "Port " + std::to_string(server_->port()) + " of 127.0.0.1 is taken; choose another."}));
  HttpServer nowhere{{.address = "nowhere"}, handler_};
  EXPECT_EQ(nowhere.start().error().message, "\"nowhere\" is not an IP address to listen on.");
}

}  // namespace
}  // namespace ebagent::server
