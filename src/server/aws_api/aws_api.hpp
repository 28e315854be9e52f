#pragma once

#include <functional>
#include <string_view>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "connections/connections.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "event/put_events.hpp"
#include "server/aws_api/events.hpp"
#include "server/aws_api/operation.hpp"
#include "server/http_message.hpp"
#include "server/work_queue.hpp"

namespace ebagent::server::aws_api {

struct Settings {
  bus::Scope default_scope = {};  // of callers that do not say who they are
  event::PutEventsSettings put_events = {};
  // Catalog operations that may wait for the one before; more are answered ThrottlingException, which SDKs
  // retry.
  std::size_t max_waiting = 1024;
  // Of the operations on connections and API destinations; null: they are not offered. Must outlive the API.
  connections::Connections* connections = nullptr;
  // Waited for before PutEvents answers, when set: for tests that look at once at what their events have done.
  std::function<void()> settle = {};
};

// Amazon EventBridge's API in AWS JSON 1.1: `POST /` with `X-Amz-Target: AWSEvents.<Operation>`. PutEvents
// runs on the caller's thread and is answered when its events are durable; all else runs on one thread of its
// own, in order. Thread safety: handle() may be called from any thread. Source:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html
class AwsApi {
 public:
  // The references must outlive the API and every answer it owes.
  AwsApi(bus::Catalog& catalog, bus::Bus& bus, const Clock& clock, core::Random& random,
         Settings settings = {});

  // Answers one request whose method and path are the API's. One that is over capacity is answered ThrottlingException,
  // which SDKs retry.
  void handle(Request request, Respond respond);

 private:
  void run(const Operation& operation, Request request, Respond respond);
  void put_events(const Request& request, Respond respond);
  Respond once_settled(Respond respond);

  bus::Catalog& catalog_;
  bus::Bus& bus_;
  const Clock& clock_;
  core::Random& random_;
  const Settings settings_;
  WorkQueue work_;      // last: their threads end before what they use
  WorkQueue settling_;  // idle unless settings_.settle is set
};

}  // namespace ebagent::server::aws_api
