#pragma once

#include <string>
#include <string_view>

#include "ebagent/result.hpp"
#include "operations/shop.hpp"
#include "tools/local_services.hpp"

namespace ebagent::operations {

// The sample CSV file as it stands in data/: a few dozen rows, some of them bad on purpose.
[[nodiscard]] std::string_view sample_csv();

// The sample with generated rows behind it, exactly `bytes` long (more than the sample), so that the sample
// event, which says 1,024,000 bytes, tells the truth. The same text every time.
[[nodiscard]] std::string sample_csv_of_size(std::size_t bytes);

// Puts what the sample events speak of in place: stock, customer cust_456, the Auto Scaling group web, the
// objects s3://my-data-bucket/uploads/data.csv and s3://test-bucket/test.csv. What is there stays; buckets
// elsewhere are left alone.
[[nodiscard]] Result<void> install_samples(tools::LocalServices& services, Shop& shop);

}  // namespace ebagent::operations
