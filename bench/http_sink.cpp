// A target for measuring deliveries: answers every POST with 200 and an empty body, GET /count with how many there were.
//   http_sink [PORT]
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>

#include "server/http_server.hpp"

int main(int argc, char** argv) {
  std::atomic<std::uint64_t> received{0};
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::stoi(argv[1]) : 0);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  ebagent::server::HttpServer server{{.port = port},
                                     [&](ebagent::server::Request request, ebagent::server::Respond respond) {
                                       ebagent::server::Reply reply;
                                       if (request.method == "GET") {
                                         reply.body = std::to_string(received.load());
                                       } else {
                                         ++received;
                                       }
                                       respond(std::move(reply));
                                     }};
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "http_sink: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("http://127.0.0.1:%u\n", server.port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server.stop();
}
