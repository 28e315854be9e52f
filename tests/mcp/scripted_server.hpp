#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "mcp/protocol.hpp"
#include "mcp/session.hpp"
#include "mcp/transport.hpp"

namespace ebagent::mcp {

inline boost::json::object object_of(std::string_view json) {
  return core::parse_json(json).value().get_object();
}

// A server whose every answer a test decides, and what it was asked. One for all connections to it.
class ScriptedServer {
 public:
  std::function<Answer(const Outgoing&)> answer = [](const Outgoing&) -> Answer {
    return boost::json::object{};
  };

  Session::Connect connect() {
    return [this](FromServer from) -> Result<std::unique_ptr<Transport>> {
      const std::scoped_lock lock{mutex_};
      ++connections_;
      from_ = std::move(from);
      is_open_ = true;
      if (is_absent) return fail(ErrorCode::NotFound, "There is no such program.");
      return std::unique_ptr<Transport>(std::make_unique<Connection>(*this));
    };
  }

  std::vector<std::string> methods() {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> all;
    for (const Outgoing& one : asked_) all.push_back(one.method);
    return all;
  }
  Outgoing last() {
    const std::scoped_lock lock{mutex_};
    return asked_.back();
  }
  int connections() {
    const std::scoped_lock lock{mutex_};
    return connections_;
  }
  void die() { is_open_ = false; }
  void say(const Message& message) { from_.on_notification(message); }
  Reply ask(const Message& message) { return from_.on_request(message); }

  bool is_absent = false;

 private:
  class Connection final : public Transport {
   public:
    explicit Connection(ScriptedServer& server) : server_(server) {}
    Answer exchange(const Outgoing& request, std::chrono::milliseconds) override {
      {
        const std::scoped_lock lock{server_.mutex_};
        server_.asked_.push_back(request);
      }
      return server_.answer(request);
    }
    void notify(const Outgoing& notification) override {
      const std::scoped_lock lock{server_.mutex_};
      server_.asked_.push_back(notification);
    }
    bool is_open() const override { return server_.is_open_; }

   private:
    ScriptedServer& server_;
  };

  std::mutex mutex_;  // guards what follows
  std::vector<Outgoing> asked_;
  int connections_ = 0;
  FromServer from_;
  std::atomic<bool> is_open_{true};
};

inline Answer unknown_method() {
  return RpcError{kMethodNotFound, "Method not found", nullptr};
}

// Answers of servers of each era that have the one tool `add`; tools/call gives `called`.
struct Answers {
  boost::json::object tools = object_of(R"({"tools":[{"name":"add","inputSchema":{"type":"object"}}]})");
  Answer called = object_of(R"({"content":[{"type":"text","text":"5"}]})");

  Answer legacy(const Outgoing& request) const {
    if (request.method == "initialize") {
      return object_of(R"({"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"old"}})");
    }
    if (request.method == "tools/list") return tools;
    if (request.method == "tools/call") return called;
    if (request.method == "ping") return boost::json::object{};
    return unknown_method();
  }
  Answer modern(const Outgoing& request) const {
    if (request.method == "server/discover") {
      return object_of(
          R"({"resultType":"complete","supportedVersions":["2026-07-28"],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new"}}})");
    }
    if (request.method == "tools/list") return tools;
    if (request.method == "tools/call") return called;
    return unknown_method();
  }
};

}  // namespace ebagent::mcp
