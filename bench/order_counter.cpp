// The agent of bench/put_events.yaml as a handler in C++: what an event costs that an in-process agent works on.
#include <ebagent/ebagent.hpp>

int main(int argc, char** argv) {
  ebagent::App app{"order-counter"};
  app.handler("order-counter", [](const ebagent::Event& event, ebagent::Run&) {
    return "Order " + std::string{event.detail_object().at("orderId").as_string()} + " counted.";
  });
  app.on(R"({"source": ["myapp.orders"], "detail-type": ["Order Placed"]})", "order-counter");
  return app.main(argc, argv);
}
