#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "operations/order.hpp"
#include "tools/database.hpp"

namespace ebagent::operations {

// A line of an order that the stock cannot serve.
struct Shortage {
  std::string sku;
  std::int64_t wanted = 0;
  std::int64_t in_stock = 0;
};
BOOST_DESCRIBE_STRUCT(Shortage, (), (sku, wanted, in_stock))

struct Reserved {
  std::string sku;
  std::int64_t quantity = 0;
  std::int64_t left = 0;  // in stock afterwards
};
BOOST_DESCRIBE_STRUCT(Reserved, (), (sku, quantity, left))

// What became of a reservation: either every line, or no line and the reasons.
struct Reservation {
  std::vector<Reserved> lines;
  std::vector<Shortage> shortages;
};
BOOST_DESCRIBE_STRUCT(Reservation, (), (lines, shortages))

struct Customer {
  std::string customer_id;
  std::string email;  // may be empty
  std::int64_t orders = 0;
  std::int64_t spent_cents = 0;
};
BOOST_DESCRIBE_STRUCT(Customer, (), (customer_id, email, orders, spent_cents))

// The shop's own tables: stock, orders and customers (its CRM), in SQLite.
// Both changes are keyed by the order's id: done again, they change nothing and give the first result.
// Thread safety: every member may be called from any thread.
class Shop {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Shop>> open(std::shared_ptr<tools::Database> database);

  // Sets what the tables begin with; what is there stays.
  [[nodiscard]] Result<void> stock(const std::string& sku, std::int64_t quantity);
  [[nodiscard]] Result<void> add_customer(const Customer& customer);

  [[nodiscard]] Result<std::int64_t> in_stock(const std::string& sku);
  // The customer's record; one with empty fields when there is none.
  [[nodiscard]] Result<Customer> customer(const std::string& customer_id);

  // Takes every line of the order out of stock in one transaction, or none.
  [[nodiscard]] Result<Reservation> reserve(const Order& order, TimePoint now);
  // Adds a reserved order to the customer's record, making one for a new customer.
  [[nodiscard]] Result<Customer> record_order(const Order& order, TimePoint now);

 private:
  explicit Shop(std::shared_ptr<tools::Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<tools::Database> database_;
};

}  // namespace ebagent::operations
