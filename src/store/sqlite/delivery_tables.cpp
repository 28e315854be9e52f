#include "store/sqlite/delivery_tables.hpp"

#include <fmt/core.h>

#include <utility>

namespace ebagent::store::sqlite {
namespace {

Delivery delivery_from(const Query& row) {
  Delivery delivery;
  delivery.seq = row.integer(0);
  delivery.attempts = row.small(2);
  delivery.due = row.time(3);
  delivery.input = row.optional_text(5);
  delivery.event_id = row.text(6);
  delivery.event = std::make_shared<const std::string>(row.text(7));
  delivery.hops = row.small(8);
  delivery.accepted = row.optional_time(4).value_or(row.time(9));
  delivery.trace = row.optional_text(10).value_or(std::string{});
  delivery.run_id = row.optional_text(11).value_or(std::string{});
  return delivery;
}

}  // namespace

Result<void> DeliveryTables::begin_epoch() {
  BOOST_OUTCOME_TRY(
      connection_.run("BEGIN IMMEDIATE;"
                      "UPDATE state SET epoch = epoch + 1;"
                      "UPDATE deliveries SET lease = 0 WHERE lease <> 0;"
                      "COMMIT"));
  BOOST_OUTCOME_TRY(epoch_, connection_.integer("SELECT epoch FROM state"));
  BOOST_OUTCOME_TRY(next_delivery_, connection_.integer("SELECT next_delivery FROM state"));
  rolled_back();
  return success();
}

Result<bool> DeliveryTables::accept(const AcceptEvent& event, std::vector<Delivery>& ready) {
  BOOST_OUTCOME_TRY(insert_event_.run(event.id, event.bus, event.accepted, event.hops, *event.json,
                                      changes_.next_delivery, event.to.size(),
                                      event.trace.empty() ? std::optional<std::string_view>{} : event.trace));
  if (insert_event_.changed_rows() == 0) return false;
  const std::int64_t event_seq = sqlite3_last_insert_rowid(connection_.handle());
  ++changes_.accepted;
  for (const AcceptEvent::To& to : event.to) {
    const std::int64_t seq = changes_.next_delivery++;
    const bool is_ready = to.verdict == nullptr && in_hand_.size() + changes_.taken.size() < max_ready_;
    BOOST_OUTCOME_TRY(
        insert_delivery_.run(seq, event_seq, to.route->id, is_ready ? epoch_ : 0, event.accepted, to.input));
    ++changes_.pending;
    if (to.verdict != nullptr) {
      MarkDead verdict = *to.verdict;
      verdict.seq = seq;
      BOOST_OUTCOME_TRY(mark_dead(verdict));
    }
    if (!is_ready) continue;
    changes_.taken.push_back(seq);
    ready.push_back({.seq = seq,
                     .event_id = event.id,
                     .event = event.json,
                     .input = to.input,
                     .route = to.route,
                     .attempts = 0,
                     .hops = event.hops,
                     .trace = event.trace,
                     .accepted = event.accepted,
                     .due = event.accepted});
  }
  return true;
}

Result<void> DeliveryTables::mark_delivered(const MarkDelivered& mark) {
  BOOST_OUTCOME_TRY(record_delivered_.run(mark.seq, mark.attempts, mark.at));
  if (record_delivered_.changed_rows() == 0) return success();
  BOOST_OUTCOME_TRY(delete_delivery_.run(mark.seq));
  ++changes_.delivered;
  --changes_.pending;
  changes_.released.push_back(mark.seq);
  return success();
}

Result<void> DeliveryTables::reschedule(const Reschedule& mark) {
  BOOST_OUTCOME_TRY(reschedule_.run(mark.seq, mark.attempts, mark.due, mark.last_error, mark.age_from));
  changes_.released.push_back(mark.seq);
  return success();
}

Result<void> DeliveryTables::set_input(const SetInput& given) {
  return set_input_.run(given.seq, given.input);
}

Result<void> DeliveryTables::mark_dead(const MarkDead& mark) {
  BOOST_OUTCOME_TRY(record_dead_.run(mark.seq, mark.attempts, mark.at, mark.error_code, mark.error_message,
                                     mark.exhausted_condition));
  if (record_dead_.changed_rows() == 0) return success();
  BOOST_OUTCOME_TRY(delete_delivery_.run(mark.seq));
  ++changes_.dead;
  --changes_.pending;
  changes_.released.push_back(mark.seq);
  return success();
}

Result<std::vector<Delivery>> DeliveryTables::lease_due(TimePoint now, std::size_t limit) {
  std::vector<Delivery> due;
  std::vector<std::int64_t> route_ids;
  {
    BOOST_OUTCOME_TRY(auto rows, find_due_.query(now, limit));
    while (true) {
      BOOST_OUTCOME_TRY(const bool has_row, rows.next());
      if (!has_row) break;
      due.push_back(delivery_from(rows));
      route_ids.push_back(rows.integer(1));
    }
  }
  for (std::size_t i = 0; i < due.size(); ++i) {
    BOOST_OUTCOME_TRY(due[i].route, routes_.by_id(route_ids[i]));
    BOOST_OUTCOME_TRY(lease_.run(due[i].seq, epoch_));
    changes_.taken.push_back(due[i].seq);
  }
  return due;
}

Result<void> DeliveryTables::redrive(std::int64_t seq, TimePoint now) {
  BOOST_OUTCOME_TRY(revive_.run(seq, now));
  if (revive_.changed_rows() == 0) {
    return fail(ErrorCode::NotFound, fmt::format("There is no dead letter {}.", seq));
  }
  BOOST_OUTCOME_TRY(delete_dead_.run(seq));
  --changes_.dead;
  ++changes_.pending;
  return success();
}

Result<void> DeliveryTables::deliver_again(std::int64_t seq, std::string_view run_id, TimePoint now) {
  {
    BOOST_OUTCOME_TRY(auto open, is_open_.query(seq));
    BOOST_OUTCOME_TRY(const bool is_open, open.next());
    if (is_open) {
      return fail(ErrorCode::Conflict,
                  fmt::format("The delivery {} that the run belongs to is still under way. Wait for "
                              "its end, or cancel what it does.",
                              seq));
    }
  }
  auto revived = redrive(seq, now);
  if (!revived && revived.error().code == ErrorCode::NotFound) revived = reopen(seq, now);
  if (!revived) return revived;
  return name_run_.run(seq, run_id);
}

Result<void> DeliveryTables::reopen(std::int64_t seq, TimePoint now) {
  {
    BOOST_OUTCOME_TRY(auto rows, ended_well_.query(seq));
    BOOST_OUTCOME_TRY(const bool is_there, rows.next());
    if (!is_there) return fail(ErrorCode::NotFound, fmt::format("The delivery {} is no longer kept.", seq));
    if (rows.small(0) != 0) {
      return fail(
          ErrorCode::Unsupported,
          fmt::format("What the target of delivery {} got was not kept by the version of this program "
                      "that delivered it. Put the event once more under a new id.",
                      seq));
    }
  }
  BOOST_OUTCOME_TRY(reopen_.run(seq, now));
  BOOST_OUTCOME_TRY(delete_delivered_.run(seq));
  --changes_.delivered;
  ++changes_.pending;
  return success();
}

Result<void> DeliveryTables::clear() {
  BOOST_OUTCOME_TRY(connection_.run(
      "DELETE FROM dead_letters; DELETE FROM delivered; DELETE FROM deliveries; DELETE FROM events;"
      "UPDATE state SET accepted = 0, delivered = 0, dead = 0, pending = 0"));
  // What the batch did before counts no more.
  const std::int64_t next = changes_.next_delivery;
  changes_ = Changes{};
  changes_.next_delivery = next;
  changes_.is_cleared = true;
  return success();
}

Result<void> DeliveryTables::write_counters() {
  const bool is_unchanged = changes_.accepted == 0 && changes_.delivered == 0 && changes_.dead == 0 &&
                            changes_.pending == 0 && changes_.next_delivery == next_delivery_;
  if (is_unchanged) return success();
  return add_counters_.run(changes_.accepted, changes_.delivered, changes_.dead, changes_.pending,
                           changes_.next_delivery);
}

void DeliveryTables::committed() {
  next_delivery_ = changes_.next_delivery;
  if (changes_.is_cleared) in_hand_.clear();
  // In this order: a batch may reschedule a delivery and lease it again.
  for (const std::int64_t seq : changes_.released) in_hand_.erase(seq);
  in_hand_.insert(changes_.taken.begin(), changes_.taken.end());
  rolled_back();
}

void DeliveryTables::rolled_back() {
  changes_ = Changes{};
  changes_.next_delivery = next_delivery_;
}

}  // namespace ebagent::store::sqlite
