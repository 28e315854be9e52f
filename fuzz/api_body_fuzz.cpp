#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "ebagent/clock.hpp"
#include "fuzz/disagreement.hpp"
#include "server/aws_api/aws_api.hpp"
#include "store/sqlite/sqlite_store.hpp"

// Lines of an operation of the AWS API, a blank and a body, done one after the other on an empty bus: every answer is JSON
// and no operation fails for a reason that lies in the server; what targets get is JSON too.
namespace ebagent::server {
namespace {

using ebagent::pattern::disagree;

constexpr int kMaxOperations = 6;

class World {
 public:
  // True when it was done, so that something may have changed.
  bool call(std::string_view operation, std::string_view body) {
    Request request;
    request.method = "POST";
    request.target = "/";
    request.headers.add("Content-Type", "application/x-amz-json-1.1");
    request.headers.add("X-Amz-Target", "AWSEvents." + std::string{operation});
    request.body = body;
    std::promise<Reply> answered;
    api_->handle(std::move(request), [&](Reply reply) { answered.set_value(std::move(reply)); });
    const Reply reply = answered.get_future().get();
    if (reply.status >= 500 || !core::parse_json(reply.body)) {
      disagree("an answer that is no JSON or the server's fault",
               {{"operation", std::string{operation}}, {"body", std::string{body}}, {"answer", reply.body}});
    }
    return reply.status == 200;
  }

  void clear() {
    if (!store_->clear()) disagree("the store cannot be cleared", {});
    catalog_->clear();
  }

 private:
  static void check(const std::vector<store::Delivery>& deliveries) {
    for (const store::Delivery& delivery : deliveries) {
      if (core::parse_json(*delivery.event) && (!delivery.input || core::parse_json(*delivery.input)))
        continue;
      disagree("a delivery that is no JSON",
               {{"event", *delivery.event}, {"input", delivery.input.value_or("the whole event")}});
    }
  }

  const SystemClock clock_{};
  core::SystemRandom random_;
  const std::unique_ptr<store::Store> store_ = store::sqlite::open_memory().value();
  const std::unique_ptr<bus::Catalog> catalog_ = bus::Catalog::open(*store_, clock_).value();
  const std::unique_ptr<bus::Bus> bus_ = std::make_unique<bus::Bus>(
      *catalog_, *store_, clock_, bus::Handover{check, [](const std::vector<store::MarkDead>&) {}});
  const std::unique_ptr<aws_api::AwsApi> api_ =
      std::make_unique<aws_api::AwsApi>(*catalog_, *bus_, clock_, random_);
};

}  // namespace
}  // namespace ebagent::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Never destroyed: OpenSSL tidies up before static objects end, and would miss what their threads still hold.
  static ebagent::server::World& world = *new ebagent::server::World;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  bool has_changed = false;
  for (int i = 0; i < ebagent::server::kMaxOperations && !text.empty(); ++i) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t blank = std::min(line.find(' '), line.size());
    has_changed |= world.call(line.substr(0, blank), line.substr(std::min(blank + 1, line.size())));
  }
  if (has_changed) world.clear();
  return 0;
}
