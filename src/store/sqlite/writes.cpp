#include "store/sqlite/writes.hpp"

#include <fmt/core.h>

#include <variant>

namespace ebagent::store::sqlite {
namespace {

// One lambda a kind of write.
template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

constexpr std::size_t kWriteBytes = sizeof(Write);

std::size_t weight_of(const AcceptEvent& event) {
  std::size_t bytes = event.json->size() + event.archives.size() * sizeof(event.archives[0]);
  for (const AcceptEvent::To& to : event.to) bytes += sizeof(to) + (to.input ? to.input->size() : 0);
  return bytes;
}

std::size_t weight_of(const Step& step) {
  return step.input.size() + step.output.size() + step.error.size();
}

Result<void> check(const AcceptEvent& event) {
  if (event.json == nullptr || event.id.empty()) {
    return fail(ErrorCode::InvalidArgument, "An event without id or text cannot be accepted.");
  }
  for (const AcceptEvent::To& to : event.to) {
    if (to.route == nullptr || to.route->id == 0) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("Event {} has a delivery whose route was not put into the store before.", event.id));
    }
  }
  return success();
}

}  // namespace

Result<Committed> Writes::apply(const Transaction& writes) {
  Committed committed;
  const auto apply_one = Match{
      [&](const AcceptEvent& event) { return accept(event, committed); },
      [&](const PutCatalog& put_record) { return put(put_record.record); },
      [&](const DeleteCatalog& name) { return remove(name); },
      [&](const MarkDelivered& mark) { return deliveries_.mark_delivered(mark); },
      [&](const Reschedule& mark) { return deliveries_.reschedule(mark); },
      [&](const SetInput& given) { return deliveries_.set_input(given); },
      [&](const MarkDead& mark) { return deliveries_.mark_dead(mark); },
      [&](const DeadLetterSent& sent) { return dead_letters_.sent(sent); },
      [&](const PostponeDeadLetter& postponed) { return dead_letters_.postpone(postponed); },
      [&](const PutRun& put_run) { return runs_.put(put_run); },
      [&](const PutStep& put_step) { return runs_.put(put_step.step); },
      [&](const KeepArchive& archive) { return archives_.keep(archive); },
      [&](const DropArchive& archive) { return archives_.drop(archive); },
      [&](const PutSchedule& put_schedule) { return schedules_.put(put_schedule); },
      [&](const DeleteSchedule& name) { return schedules_.remove(name); },
      [&](const FireSchedule& firing) { return schedules_.fire(firing, committed.deliveries); },
  };
  for (const Write& write : writes) {
    BOOST_OUTCOME_TRY(std::visit(apply_one, write));
  }
  return committed;
}

Result<void> Writes::accept(const AcceptEvent& event, Committed& committed) {
  BOOST_OUTCOME_TRY(const bool is_new, deliveries_.accept(event, committed.deliveries));
  return is_new && !event.archives.empty() ? archives_.add(event) : success();
}

Result<void> Writes::clear() {
  BOOST_OUTCOME_TRY(deliveries_.clear());
  BOOST_OUTCOME_TRY(archives_.clear());
  BOOST_OUTCOME_TRY(schedules_.clear());
  return connection_.run("DELETE FROM steps; DELETE FROM runs; DELETE FROM catalog");
}

Result<void> Writes::put(const CatalogRecord& record) {
  return put_catalog_.run(record.kind, record.key, record.json);
}

Result<void> Writes::remove(const DeleteCatalog& name) {
  return delete_catalog_.run(name.kind, name.key);
}

Result<void> check(const Transaction& writes) {
  for (const Write& write : writes) {
    if (const auto* put = std::get_if<PutSchedule>(&write)) {
      if (put->schedule.route == nullptr || put->schedule.route->id == 0 || put->schedule.id <= 0) {
        return fail(ErrorCode::InvalidArgument, "A schedule without id or interned route cannot be kept.");
      }
    }
    const auto* event = std::get_if<AcceptEvent>(&write);
    if (const auto* firing = std::get_if<FireSchedule>(&write); firing != nullptr && firing->event) {
      event = &*firing->event;
    }
    if (event == nullptr) continue;
    BOOST_OUTCOME_TRY(check(*event));
  }
  return success();
}

std::size_t weight_of(const Transaction& writes) {
  const auto weight_of_one = Match{
      [](const AcceptEvent& event) { return weight_of(event); },
      [](const PutCatalog& put) { return put.record.json.size(); },
      [](const PutRun& put) {
        std::size_t of_run = put.run.event.size() + put.run.result.size() + put.run.error.size();
        for (const Step& step : put.steps) of_run += weight_of(step);
        return of_run;
      },
      [](const SetInput& given) { return given.input.size(); },
      [](const PutStep& put) { return weight_of(put.step); },
      [](const PutSchedule& put) { return put.schedule.json.size(); },
      [](const FireSchedule& firing) { return firing.event ? weight_of(*firing.event) : 0; },
      [](const auto&) { return std::size_t{0}; },
  };
  std::size_t bytes = 0;
  for (const Write& write : writes) bytes += kWriteBytes + std::visit(weight_of_one, write);
  return bytes;
}

}  // namespace ebagent::store::sqlite
