#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "core/json.hpp"
#include "server/aws_api/aws_api.hpp"
#include "server/cloud_events_api.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::server::testing {

// The AWS API on a store in memory, called without a socket.
class AwsApiTest : public ::testing::Test {
 protected:
  AwsApiTest() {
    store_ = std::move(store::sqlite::open_memory().value());
    catalog_ = std::move(bus::Catalog::open(*store_, clock_).value());
    bus_ = std::make_unique<bus::Bus>(*catalog_, *store_, clock_,
                                      bus::Handover{[](const std::vector<store::Delivery>&) {},
                                                    [](const std::vector<store::MarkDead>&) {}});
    api_ = std::make_unique<aws_api::AwsApi>(*catalog_, *bus_, clock_, random_);
    cloud_events_ = std::make_unique<CloudEventsApi>(*catalog_, *bus_, clock_, bus::Scope{});
  }

  static Request request(std::string_view operation, std::string_view body) {
    Request made;
    made.method = "POST";
    made.target = "/";
    made.headers.add("Content-Type", "application/x-amz-json-1.1");
    made.headers.add("X-Amz-Target", "AWSEvents." + std::string{operation});
    made.body = body;
    return made;
  }
  Reply send(Request what) {
    std::promise<Reply> answered;
    api_->handle(std::move(what), [&answered](Reply reply) { answered.set_value(std::move(reply)); });
    return answered.get_future().get();
  }
  Reply call(std::string_view operation, std::string_view body) { return send(request(operation, body)); }

  // The body of an answer that must be a success.
  boost::json::object ok(std::string_view operation, std::string_view body) {
    const Reply reply = call(operation, body);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    return core::parse_json(reply.body).value().as_object();
  }
  // A refusal as "Type: message".
  std::string refusal(std::string_view operation, std::string_view body) {
    const Reply reply = call(operation, body);
    const auto json = core::parse_json(reply.body).value().as_object();
    if (reply.status == 200) return "accepted: " + reply.body;
    return std::string{json.at("__type").as_string()} + ": " + std::string{json.at("message").as_string()};
  }

  ebagent::testing::ManualClock clock_;
  ebagent::testing::FixedRandom random_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<bus::Catalog> catalog_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<aws_api::AwsApi> api_;
  std::unique_ptr<CloudEventsApi> cloud_events_;
};

}  // namespace ebagent::server::testing
