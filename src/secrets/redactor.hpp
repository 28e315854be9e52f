#pragma once

#include <atomic>
#include <boost/json/value.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "secrets/secret_reference.hpp"

namespace ebagent::secrets {

// Knows the secrets that were used and replaces them by "[secret NAME]" in whatever leaves the call: results, errors,
// journals, prompts, logs. A secret is also found as JSON text, percent-encoded and in base64 writes it. While no secret
// is known a redaction costs one atomic load.
// Thread safety: all of it may be called from any thread.
class Redactor {
 public:
  static constexpr std::size_t kMaxNames = 1'000;
  static constexpr std::size_t kValuesPerName = 8;  // of a secret that rotates, the last ones

  // From here on the value is replaced. LimitExceeded for more than kMaxNames names.
  Result<void> add(std::string_view name, std::string_view value);
  // The secret that is referred to, known from here on. Errors as secrets::resolve() and add().
  [[nodiscard]] Result<std::string> resolve(const SecretReference& reference);

  [[nodiscard]] std::string redact(std::string text) const;
  // In every text of the value, keys included.
  [[nodiscard]] boost::json::value redact(boost::json::value value) const;
  [[nodiscard]] Error redact(Error error) const;
  template <class T>
  [[nodiscard]] Result<T> redact(Result<T> result) const {
    if (!result) return fail(redact(std::move(result).assume_error()));
    return redact(std::move(result).assume_value());
  }

  [[nodiscard]] bool is_empty() const { return count_.load(std::memory_order_acquire) == 0; }

 private:
  struct Known {
    std::string name;
    std::string value;
    std::vector<std::string> forms;  // of the value, the longest first
  };
  using All = std::vector<Known>;

  [[nodiscard]] std::shared_ptr<const All> known() const;
  static bool replace(std::string& text, const All& all);
  static void replace(boost::json::value& value, const All& all);

  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const All> known_ = std::make_shared<All>();  // guarded by mutex_
};

}  // namespace ebagent::secrets
