#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace ebagent::operations {

struct OrderLine {
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (), (sku, quantity))

// An order as it was placed, and what is wrong with it.
struct Order {
  std::string order_id;
  std::string customer_id;
  std::string email;  // may be empty: the customer's record has one
  std::string currency = "USD";
  std::int64_t amount_cents = 0;
  std::vector<OrderLine> lines;       // one a SKU
  std::vector<std::string> problems;  // none: the order is valid
};
BOOST_DESCRIBE_STRUCT(Order, (), (order_id, customer_id, email, currency, amount_cents, lines, problems))

// What a plain number of items stands for: that many of this SKU.
inline constexpr const char* kAssortedSku = "assorted";

// Reads an order's detail: {"orderId", "customerId", "amount", "items": 3 or [{"sku", "quantity"}], "email",
// "currency"}. Never fails: whatever is missing or wrong is among the problems.
[[nodiscard]] Order read_order(const boost::json::object& detail);

// "$99.99", "EUR 99.99".
[[nodiscard]] std::string money_text(std::int64_t cents, const std::string& currency);

}  // namespace ebagent::operations
