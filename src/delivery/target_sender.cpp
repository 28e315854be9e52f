#include "delivery/target_sender.hpp"

#include <algorithm>
#include <utility>

#include "delivery/schedule_delivery.hpp"

namespace ebagent::delivery {
namespace {

// The KIND of arn:partition:service:region:account:KIND/...; empty when there is none.
std::string_view kind_of(std::string_view arn) {
  for (int skipped = 0; skipped < 5; ++skipped) {
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find_first_of(":/"));
}

}  // namespace

std::string_view service_of(std::string_view arn) {
  if (!arn.starts_with("arn:")) return arn.substr(0, arn.find(':'));
  for (int skipped = 0; skipped < 2; ++skipped) {
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

const std::string& payload(const store::Delivery& delivery) {
  return delivery.input ? *delivery.input : *delivery.event;
}

void SenderTable::serve_service(std::string service, std::shared_ptr<TargetSender> sender) {
  const std::scoped_lock lock{mutex_};
  services_.insert_or_assign(std::move(service), std::move(sender));
}

void SenderTable::serve_resources(std::string service, std::string kind,
                                  std::shared_ptr<TargetSender> sender) {
  const std::scoped_lock lock{mutex_};
  resources_.push_back({std::move(service), std::move(kind), std::move(sender)});
}

void SenderTable::serve_arn(std::string arn, std::shared_ptr<TargetSender> sender) {
  const std::scoped_lock lock{mutex_};
  arns_.insert_or_assign(std::move(arn), std::move(sender));
}

std::shared_ptr<TargetSender> SenderTable::find(std::string_view target_arn) const {
  const std::scoped_lock lock{mutex_};
  if (const auto exact = arns_.find(target_arn); exact != arns_.end()) return exact->second;
  const std::string_view name = service_of(target_arn);
  for (const Resources& resources : resources_) {
    if (resources.service == name && resources.kind == kind_of(target_arn)) return resources.sender;
  }
  const auto service = services_.find(name);
  return service == services_.end() ? nullptr : service->second;
}

SendOutcome SenderTable::send(const store::Delivery& delivery, Record& record) const {
  const std::string& arn = delivery.route->target_arn;
  const auto sender = find(arn);
  if (sender == nullptr) return Fail{std::string{kNoResource}, "No agent or sender for target " + arn + "."};
  const auto number = sender->attempt_number();
  if (number == AttemptNumber::BySender) return sender->send_on_record(delivery, record);
  const auto numbered =
      with_attempt_number(delivery, number == AttemptNumber::AlwaysOne ? 1 : delivery.attempts + 1);
  return sender->send_on_record(numbered ? *numbered : delivery, record);
}

}  // namespace ebagent::delivery
