#include "operations/shop.hpp"

#include "tools/stored_time.hpp"

namespace ebagent::operations {
namespace {

using tools::integer_of;
using tools::Session;
using tools::stored_form;
using tools::text_of;

Result<std::int64_t> stock_of(Session& session, const std::string& sku) {
  BOOST_OUTCOME_TRY(const auto found, session.query("SELECT quantity FROM inventory WHERE sku = ?1", {sku}));
  return found.rows.empty() ? 0 : integer_of(found.rows.front()[0]);
}

Result<Customer> customer_of(Session& session, const std::string& customer_id) {
  BOOST_OUTCOME_TRY(const auto found,
                    session.query("SELECT email, orders, spent_cents FROM customers WHERE customer_id = ?1",
                                  {customer_id}));
  if (found.rows.empty()) return Customer{customer_id, "", 0, 0};
  const auto& row = found.rows.front();
  return Customer{customer_id, text_of(row[0]), integer_of(row[1]), integer_of(row[2])};
}

// The reservation of an order that has one already.
Result<std::optional<Reservation>> earlier_reservation(Session& session, const std::string& order_id) {
  BOOST_OUTCOME_TRY(
      const auto found,
      session.query("SELECT sku, quantity, stock_left FROM order_lines WHERE order_id = ?1 ORDER BY position",
                    {order_id}));
  if (found.rows.empty()) return std::optional<Reservation>{};
  Reservation reservation;
  for (const auto& row : found.rows)
    reservation.lines.push_back({text_of(row[0]), integer_of(row[1]), integer_of(row[2])});
  return std::optional{std::move(reservation)};
}

Result<void> take(Session& session, const Order& order, TimePoint now, Reservation& reservation) {
  BOOST_OUTCOME_TRY(
      session.run("INSERT INTO orders (order_id, customer_id, amount_cents, currency, reserved_at) VALUES "
                  "(?1, ?2, ?3, ?4, ?5)",
                  {order.order_id, order.customer_id, order.amount_cents, order.currency, stored_form(now)}));
  std::int64_t position = 0;
  for (const OrderLine& line : order.lines) {
    BOOST_OUTCOME_TRY(session.run("UPDATE inventory SET quantity = quantity - ?2 WHERE sku = ?1",
                                  {line.sku, line.quantity}));
    BOOST_OUTCOME_TRY(const auto left, stock_of(session, line.sku));
    BOOST_OUTCOME_TRY(session.run("INSERT INTO order_lines VALUES (?1, ?2, ?3, ?4, ?5)",
                                  {order.order_id, position++, line.sku, line.quantity, left}));
    reservation.lines.push_back({line.sku, line.quantity, left});
  }
  return success();
}

}  // namespace

Result<std::shared_ptr<Shop>> Shop::open(std::shared_ptr<tools::Database> database) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) -> Result<void> {
    for (const char* sql :
         {"CREATE TABLE IF NOT EXISTS inventory (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL CHECK "
          "(quantity >= 0))",
          "CREATE TABLE IF NOT EXISTS customers (customer_id TEXT PRIMARY KEY, email TEXT NOT NULL, orders "
          "INTEGER NOT NULL,"
          " spent_cents INTEGER NOT NULL, last_order_at TEXT)",
          "CREATE TABLE IF NOT EXISTS orders (order_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL,"
          " amount_cents INTEGER NOT NULL, currency TEXT NOT NULL, reserved_at TEXT NOT NULL, in_crm INTEGER "
          "NOT NULL DEFAULT 0)",
          "CREATE TABLE IF NOT EXISTS order_lines (order_id TEXT NOT NULL REFERENCES orders, position "
          "INTEGER NOT NULL,"
          " sku TEXT NOT NULL, quantity INTEGER NOT NULL, stock_left INTEGER NOT NULL, PRIMARY KEY "
          "(order_id, position))"}) {
      BOOST_OUTCOME_TRY(session.run(sql));
    }
    return success();
  }));
  return std::shared_ptr<Shop>{new Shop(std::move(database))};
}

Result<void> Shop::stock(const std::string& sku, std::int64_t quantity) {
  return database_->transaction([&](Session& session) {
    return session.run("INSERT INTO inventory VALUES (?1, ?2) ON CONFLICT (sku) DO NOTHING", {sku, quantity});
  });
}

Result<void> Shop::add_customer(const Customer& customer) {
  return database_->transaction([&](Session& session) {
    return session.run(
        "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (customer_id) DO NOTHING",
        {customer.customer_id, customer.email, customer.orders, customer.spent_cents});
  });
}

Result<std::int64_t> Shop::in_stock(const std::string& sku) {
  return database_->transaction([&](Session& session) { return stock_of(session, sku); });
}

Result<Customer> Shop::customer(const std::string& customer_id) {
  return database_->transaction([&](Session& session) { return customer_of(session, customer_id); });
}

Result<Reservation> Shop::reserve(const Order& order, TimePoint now) {
  return database_->transaction([&](Session& session) -> Result<Reservation> {
    BOOST_OUTCOME_TRY(auto earlier, earlier_reservation(session, order.order_id));
    if (earlier) return std::move(*earlier);
    Reservation reservation;
    for (const OrderLine& line : order.lines) {
      BOOST_OUTCOME_TRY(const auto available, stock_of(session, line.sku));
      if (available < line.quantity) reservation.shortages.push_back({line.sku, line.quantity, available});
    }
    if (!reservation.shortages.empty()) return reservation;
    BOOST_OUTCOME_TRY(take(session, order, now, reservation));
    return reservation;
  });
}

Result<Customer> Shop::record_order(const Order& order, TimePoint now) {
  return database_->transaction([&](Session& session) -> Result<Customer> {
    BOOST_OUTCOME_TRY(
        session.run("UPDATE orders SET in_crm = 1 WHERE order_id = ?1 AND in_crm = 0", {order.order_id}));
    if (session.changed_rows() == 1) {
      BOOST_OUTCOME_TRY(session.run(
          "INSERT INTO customers VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (customer_id) DO UPDATE SET orders = "
          "orders + 1,"
          " spent_cents = spent_cents + excluded.spent_cents, last_order_at = excluded.last_order_at,"
          " email = CASE WHEN excluded.email = '' THEN email ELSE excluded.email END",
          {order.customer_id, order.email, order.amount_cents, stored_form(now)}));
    }
    return customer_of(session, order.customer_id);
  });
}

}  // namespace ebagent::operations
