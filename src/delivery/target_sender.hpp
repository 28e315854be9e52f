#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// The ERROR_CODEs of EventBridge's dead letters that this program gives.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
inline constexpr std::string_view kNoResource = "NO_RESOURCE";
inline constexpr std::string_view kNoPermissions = "NO_PERMISSIONS";
inline constexpr std::string_view kThrottling = "THROTTLING";
inline constexpr std::string_view kTimeout = "TIMEOUT";
inline constexpr std::string_view kConnectionFailure = "CONNECTION_FAILURE";
inline constexpr std::string_view kErrorFromTarget = "ERROR_FROM_TARGET";
inline constexpr std::string_view kInvalidParameter = "INVALID_PARAMETER";
inline constexpr std::string_view kInternalError = "INTERNAL_ERROR";
inline constexpr std::string_view kInvalidJson = "INVALID_JSON";

struct Delivered {};

// It did not work now and may later.
struct Retry {
  std::string code;
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after = {};  // the target's own wish; never sooner than this
  bool is_down =
      false;  // it says that the target is down, whatever is sent to it: no connection, no answer, 5xx
};

// It will not work: straight to the dead-letter queue.
struct Fail {
  std::string code;
  std::string message;
};

// Nobody was asked: it is not its turn yet. No attempt was made and none is counted; it may come again from `until` on. An
// event that grows too old meanwhile dies of `code`.
struct Postpone {
  TimePoint until;
  std::string code;
  std::string message;
  // The event does not grow older until then, because nothing fails: it waits for its turn, or for a person.
  bool stops_age = false;
};

// Nobody was asked: at most `limit` deliveries that name `key` may be under way, and this one holds no slot of it yet (see
// store::Delivery::slot). It is kept in memory until it has one and then sent again at once, those accepted first before the
// others; its event does not grow older meanwhile. Nothing is put on record.
struct AwaitSlot {
  std::string key;
  std::size_t limit = 1;
};

using SendOutcome = std::variant<Delivered, Retry, Fail, Postpone, AwaitSlot>;

// What a sender wants on record together with the outcome of its attempt: written in the transaction that says that the
// delivery was made, or that it is to be tried again.
struct Record {
  std::string event_id = {};  // of the accepted event that the delivery is of; the envelope may have another
  std::int64_t delivery = 0;  // its number
  store::Transaction writes = {};
  std::vector<std::shared_ptr<const void>> held = {};  // let go when the writes are on disk
  std::size_t bytes = 0;                               // about what the writes take in memory
};

// The number of the attempt that a target is told: it is counted; it is always 1, because a repetition goes on with what
// the first attempt began and must be the same to the letter; or the sender fills it in by itself.
enum class AttemptNumber { Counted, AlwaysOne, BySender };

// Carries one delivery to one kind of target. May block; the caller is a worker thread. An exception that
// comes out counts as Retry. The delivery may come again although it was delivered: a target tells
// repetitions by event_id and target. Thread safety: send() is called from several threads at once.
class TargetSender {
 public:
  virtual ~TargetSender() = default;
  [[nodiscard]] virtual SendOutcome send(const store::Delivery& delivery) = 0;
  // The same for a sender that has something to put on record; what it adds to `record` is written even if it throws.
  [[nodiscard]] virtual SendOutcome send_on_record(const store::Delivery& delivery, Record& /*record*/) {
    return send(delivery);
  }
  // What stands for <aws.scheduler.attempt-number> in deliveries of schedules; see AttemptNumber.
  [[nodiscard]] virtual AttemptNumber attempt_number() const { return AttemptNumber::Counted; }
};

// The SERVICE of arn:partition:SERVICE:...; empty when there is none. The scheme of what is no ARN.
[[nodiscard]] std::string_view service_of(std::string_view target_arn);

// What the target gets: its input, or the whole event.
[[nodiscard]] const std::string& payload(const store::Delivery& delivery);

// Which sender serves which targets: an exact ARN first, then its kind of resource, then its service. Of a target that is a URL
// the scheme stands for the service.
// Thread safety: every member may be called from any thread.
class SenderTable {
 public:
  // `sender` serves every target ARN whose third part is `service` ("lambda", "sqs" ...), or every URL of that
  // scheme ("https", "file" ...). A service that is registered again changes its sender.
  void serve_service(std::string service, std::shared_ptr<TargetSender> sender);
  // `sender` serves the ARNs of a service whose resource is of this kind ("events", "api-destination"), before who
  // serves the service.
  void serve_resources(std::string service, std::string kind, std::shared_ptr<TargetSender> sender);
  // `sender` serves exactly this ARN.
  void serve_arn(std::string arn, std::shared_ptr<TargetSender> sender);

  // Null when nobody serves the target.
  [[nodiscard]] std::shared_ptr<TargetSender> find(std::string_view target_arn) const;

  // Sends by the sender of the delivery's target; Fail NO_RESOURCE when there is none.
  [[nodiscard]] SendOutcome send(const store::Delivery& delivery, Record& record) const;

 private:
  using Senders = std::map<std::string, std::shared_ptr<TargetSender>, std::less<>>;

  mutable std::mutex mutex_;
  Senders services_;  // guarded by mutex_
  struct Resources {
    std::string service, kind;
    std::shared_ptr<TargetSender> sender;
  };
  std::vector<Resources> resources_;  // guarded by mutex_
  Senders arns_;                      // guarded by mutex_
};

}  // namespace ebagent::delivery
