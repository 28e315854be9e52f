#include "operations/order.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <string_view>

namespace ebagent::operations {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxIdBytes = 128;
constexpr std::size_t kMaxLines = 1'000;
constexpr std::int64_t kMaxQuantity = 1'000'000;
constexpr double kMaxAmount = 1e9;  // keeps sums of cents far from the end of 64 bits

// Reads the members of one order and gathers what is wrong with them.
class OrderReader {
 public:
  explicit OrderReader(const json::object& detail) : detail_(detail) {}

  Order read() {
    order_.order_id = id("orderId");
    order_.customer_id = id("customerId");
    read_amount();
    read_items();
    read_optional();
    return std::move(order_);
  }

 private:
  void problem(std::string text) { order_.problems.push_back(std::move(text)); }

  std::string id(std::string_view name) {
    const json::value* value = detail_.if_contains(name);
    if (value == nullptr || value->is_null()) {
      problem(fmt::format("{} is missing", name));
    } else if (!value->is_string() || value->as_string().empty() || value->as_string().size() > kMaxIdBytes) {
      problem(fmt::format("{} must be a text of 1 to {} bytes", name, kMaxIdBytes));
    } else {
      return std::string{value->as_string()};
    }
    return {};
  }

  void read_amount() {
    const json::value* value = detail_.if_contains("amount");
    if (value == nullptr || value->is_null()) return problem("amount is missing");
    if (!value->is_number()) return problem("amount must be a number");
    const double amount = value->to_number<double>();
    if (!(amount >= 0) || amount > kMaxAmount)
      return problem(fmt::format("amount must be 0 to {:.0f}", kMaxAmount));
    order_.amount_cents = std::llround(amount * 100);
  }

  void read_items() {
    const json::value* items = detail_.if_contains("items");
    if (items == nullptr || items->is_null()) return problem("items is missing");
    if (items->is_number()) return add_line("items", kAssortedSku, *items);
    if (!items->is_array()) return problem("items must be a number or a list of {sku, quantity}");
    if (items->as_array().empty()) return problem("items is empty");
    if (items->as_array().size() > kMaxLines)
      return problem(fmt::format("items has more than {} entries", kMaxLines));
    std::size_t position = 0;
    for (const json::value& item : items->as_array()) {
      const std::string where = fmt::format("items[{}]", position++);
      const json::object* object = item.if_object();
      const json::value* sku = object == nullptr ? nullptr : object->if_contains("sku");
      const json::value* quantity = object == nullptr ? nullptr : object->if_contains("quantity");
      if (sku == nullptr || !sku->is_string() || sku->as_string().empty() ||
          sku->as_string().size() > kMaxIdBytes) {
        problem(where + " has no sku");
      } else if (quantity == nullptr) {
        problem(where + " has no quantity");
      } else {
        add_line(where, std::string{sku->as_string()}, *quantity);
      }
    }
  }

  void add_line(const std::string& where, const std::string& sku, const json::value& quantity) {
    const double number = quantity.is_number() ? quantity.to_number<double>() : 0;
    if (!(number >= 1) || number > static_cast<double>(kMaxQuantity) || std::floor(number) != number) {
      return problem(fmt::format("{} must be a whole number of 1 to {}",
                                 where == "items" ? where : "the quantity of " + where, kMaxQuantity));
    }
    // A SKU named twice is one line, so that its stock is checked against the sum.
    const auto known = std::ranges::find(order_.lines, sku, &OrderLine::sku);
    if (known == order_.lines.end()) {
      order_.lines.push_back({sku, static_cast<std::int64_t>(number)});
    } else {
      known->quantity += static_cast<std::int64_t>(number);
    }
  }

  void read_optional() {
    if (const json::value* email = detail_.if_contains("email")) {
      const bool is_address = email->is_string() && email->as_string().find('@') != json::string::npos &&
                              email->as_string().find_first_of(" \r\n,;") == json::string::npos;
      if (is_address) {
        order_.email = std::string{email->as_string()};
      } else {
        problem("email is no address");
      }
    }
    if (const json::value* currency = detail_.if_contains("currency")) {
      const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
      if (currency->is_string() && currency->as_string().size() == 3 &&
          std::ranges::all_of(currency->as_string(), is_letter)) {
        order_.currency = std::string{currency->as_string()};
      } else {
        problem("currency must be a code of three capital letters");
      }
    }
  }

  const json::object& detail_;
  Order order_;
};

}  // namespace

Order read_order(const json::object& detail) {
  return OrderReader{detail}.read();
}

std::string money_text(std::int64_t cents, const std::string& currency) {
  const std::string symbol = currency == "USD" ? "$" : currency + " ";
  return fmt::format("{}{}.{:02}", symbol, cents / 100, cents % 100);
}

}  // namespace ebagent::operations
