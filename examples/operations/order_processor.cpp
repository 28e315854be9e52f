#include "operations/order_processor.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <string>

namespace ebagent::operations {
namespace {

namespace json = boost::json;

std::string received(const Order& order) {
  std::string text =
      fmt::format("New order received: {}\n", order.order_id.empty() ? "(no orderId)" : order.order_id);
  if (!order.customer_id.empty()) text += fmt::format("Customer: {}\n", order.customer_id);
  if (order.problems.empty())
    text += fmt::format("Amount: {}\n", money_text(order.amount_cents, order.currency));
  return text;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

std::string shortage_text(const Reservation& reservation) {
  std::vector<std::string> parts;
  for (const Shortage& shortage : reservation.shortages) {
    parts.push_back(fmt::format("too little stock of {}: {} wanted, {} in stock, {} short", shortage.sku,
                                shortage.wanted, shortage.in_stock, shortage.wanted - shortage.in_stock));
  }
  return joined(parts);
}

std::string reserved_text(const Reservation& reservation) {
  std::vector<std::string> parts;
  for (const Reserved& line : reservation.lines) {
    parts.push_back(fmt::format("{} x {} ({} left in stock)", line.quantity, line.sku, line.left));
  }
  return joined(parts);
}

// Mails the customer when there is an address; says what was done.
Result<std::string> mail(Run& run, const std::string& to, const std::string& subject,
                         const std::string& body) {
  if (to.empty()) return std::string{"not sent, no address is on record"};
  BOOST_OUTCOME_TRY(const auto sent,
                    run.call("send_email", json::object{{"to", to}, {"subject", subject}, {"body", body}}));
  return std::string{sent.at("text").as_string()};
}

Result<void> log_outcome(Run& run, const Order& order, std::string_view outcome) {
  BOOST_OUTCOME_TRY(run.call("log_event", json::object{{"event_id", run.event().id},
                                                       {"details", json::object{{"order_id", order.order_id},
                                                                                {"outcome", outcome}}}}));
  return success();
}

Result<std::string> process(const Event& event, Run& run, Shop& shop) {
  const Order order =
      run.step("validate", [&] { return read_order(event.detail_object()); }, {.effect = Effect::Read});
  if (!order.problems.empty()) {
    BOOST_OUTCOME_TRY(log_outcome(run, order, "invalid"));
    return received(order) + "Action: Order rejected as invalid\nRejected: " + joined(order.problems);
  }

  const auto reservation = run.step(
      "reserve_inventory", [&](const ToolContext& context) { return shop.reserve(order, context.now()); },
      {.effect = Effect::Idempotent});
  if (!reservation) return fail(reservation.error());
  const auto known =
      run.step("find_customer", [&] { return shop.customer(order.customer_id); }, {.effect = Effect::Read});
  if (!known) return fail(known.error());
  const std::string address = order.email.empty() ? known.value().email : order.email;

  if (!reservation.value().shortages.empty()) {
    const std::string reason = shortage_text(reservation.value());
    BOOST_OUTCOME_TRY(const auto mailed, mail(run, address, "Your order " + order.order_id,
                                              "We cannot serve your order: " + reason + "."));
    BOOST_OUTCOME_TRY(log_outcome(run, order, "rejected"));
    return received(order) + "Action: Order rejected, customer informed\nRejected: " + reason +
           "\nEmail: " + mailed;
  }

  const std::string lines = reserved_text(reservation.value());
  BOOST_OUTCOME_TRY(const auto mailed, mail(run, address, "Your order " + order.order_id,
                                            fmt::format("Thank you for your order of {}.",
                                                        money_text(order.amount_cents, order.currency))));
  const auto customer = run.step(
      "update_crm", [&](const ToolContext& context) { return shop.record_order(order, context.now()); },
      {.effect = Effect::Idempotent});
  if (!customer) return fail(customer.error());
  BOOST_OUTCOME_TRY(log_outcome(run, order, "accepted"));
  return received(order) + "Action: Send confirmation email, update inventory\n" +
         fmt::format("Reserved: {}\nConfirmation: {}\nCRM: {} has {} {}, {} in all", lines, mailed,
                     order.customer_id, customer.value().orders,
                     customer.value().orders == 1 ? "order" : "orders",
                     money_text(customer.value().spent_cents, order.currency));
}

}  // namespace

void add_order_processor(App& app, std::shared_ptr<Shop> shop) {
  app.handler("order-processor", [shop](const Event& event, Run& run) { return process(event, run, *shop); },
              {"send_email", "log_event"});
}

}  // namespace ebagent::operations
