#include "operations/samples.hpp"

#include <fmt/core.h>

#include <array>

namespace ebagent::operations {
namespace {

constexpr std::size_t kUploadBytes = 1'024'000;  // what the sample event says

std::string generated_row(std::size_t number) {
  constexpr std::array<std::string_view, 4> kCountries{"DE", "FR", "GB", "US"};
  constexpr std::array<std::string_view, 6> kCustomers{"Ada",     "Grace",  "Linus",
                                                       "Barbara", "Edsger", "Frances"};
  const std::string_view customer = kCustomers[number * 7 % kCustomers.size()];
  return fmt::format("S-{:06},{},{}@example.com,{}.{:02},{},{},2026-01-{:02},{},\n", number, customer,
                     static_cast<char>('a' + number % 26), 5 + number * 31 % 400, number * 17 % 100,
                     1 + number % 9, kCountries[number * 3 % kCountries.size()], 1 + number % 28,
                     number % 5 == 0 ? "true" : "false");
}

// Puts an object unless it is there or its bucket is somebody's own folder.
Result<void> install_object(tools::LocalServices& services, const std::string& bucket, const std::string& key,
                            const std::string& content) {
  if (services.options.buckets.contains(bucket)) return success();
  BOOST_OUTCOME_TRY(services.objects->create_bucket(bucket));
  const auto present = services.objects->head(bucket, key);
  if (present || present.error().code != ErrorCode::NotFound) return success();
  BOOST_OUTCOME_TRY(services.objects->put(bucket, key, content));
  return success();
}

}  // namespace

std::string sample_csv_of_size(std::size_t bytes) {
  std::string text{sample_csv()};
  text.reserve(bytes);
  std::size_t number = 0;
  std::string row = generated_row(++number);
  // The last row fills what is left with its note, so one row's room stays free.
  while (text.size() + 2 * row.size() <= bytes) {
    text += row;
    row = generated_row(++number);
  }
  row.pop_back();
  const std::size_t room = bytes - text.size();
  if (row.size() + 1 <= room) text += row + std::string(room - row.size() - 1, '.') + "\n";
  return text;
}

Result<void> install_samples(tools::LocalServices& services, Shop& shop) {
  BOOST_OUTCOME_TRY(shop.stock(kAssortedSku, 100));
  BOOST_OUTCOME_TRY(shop.stock("keyboard", 25));
  BOOST_OUTCOME_TRY(shop.stock("monitor", 10));
  BOOST_OUTCOME_TRY(shop.stock("server-rack", 1));
  BOOST_OUTCOME_TRY(shop.add_customer({"cust_456", "jane.doe@example.com", 0, 0}));
  BOOST_OUTCOME_TRY(services.scaling->create_group({"web", 1, 6, 2, true}));
  BOOST_OUTCOME_TRY(
      install_object(services, "my-data-bucket", "uploads/data.csv", sample_csv_of_size(kUploadBytes)));
  return install_object(services, "test-bucket", "test.csv", std::string{sample_csv()});
}

}  // namespace ebagent::operations
