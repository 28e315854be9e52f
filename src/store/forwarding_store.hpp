#pragma once

#include <memory>
#include <utility>

#include "store/store.hpp"

namespace ebagent::store {

// A store that passes every call on to another; what a test wants to go wrong overrides its member.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::shared_ptr<Store> behind) : behind_(std::move(behind)) {}

  void commit(Transaction writes, OnCommitted done) override {
    behind_->commit(std::move(writes), std::move(done));
  }
  // Goes the way of commit(), so that a test that makes one fail makes both fail.
  void offer(Transaction writes, OnCommitted done) override { commit(std::move(writes), std::move(done)); }
  Result<std::shared_ptr<const Route>> put_route(Route route) override {
    return behind_->put_route(std::move(route));
  }
  Result<std::vector<Delivery>> lease_due(TimePoint now, std::size_t limit) override {
    return behind_->lease_due(now, limit);
  }
  Result<std::optional<TimePoint>> next_due() override { return behind_->next_due(); }
  Result<bool> is_open(std::int64_t seq) override { return behind_->is_open(seq); }
  Result<std::vector<CatalogRecord>> catalog(std::string_view kind) override {
    return behind_->catalog(kind);
  }
  Result<std::optional<Run>> run_by_key(std::string_view key) override { return behind_->run_by_key(key); }
  Result<std::optional<Run>> run_by_id(std::string_view id) override { return behind_->run_by_id(id); }
  Result<std::vector<Run>> runs(const RunFilter& filter) override { return behind_->runs(filter); }
  Result<std::vector<Step>> steps(std::string_view run_id) override { return behind_->steps(run_id); }
  Result<std::optional<std::string>> event_by_id(std::string_view id) override {
    return behind_->event_by_id(id);
  }
  Result<std::vector<DeadLetter>> dead_letters(std::size_t limit) override {
    return behind_->dead_letters(limit);
  }
  Result<std::vector<DeadLetter>> dead_letters_to_send(TimePoint now, std::size_t limit) override {
    return behind_->dead_letters_to_send(now, limit);
  }
  Result<std::optional<DeadLetter>> dead_letter(std::int64_t seq) override {
    return behind_->dead_letter(seq);
  }
  Result<void> redrive(std::int64_t seq, TimePoint now) override { return behind_->redrive(seq, now); }
  Result<Step> answer_step(std::string_view run_id, std::string_view step, std::string_view output_json,
                           TimePoint now) override {
    return behind_->answer_step(run_id, step, output_json, now);
  }
  Result<Run> cancel_run(std::string_view run_id, std::string_view reason, TimePoint now) override {
    return behind_->cancel_run(run_id, reason, now);
  }
  Result<Run> rerun(const Rerun& wish, TimePoint now) override { return behind_->rerun(wish, now); }
  Result<std::optional<StoredSchedule>> schedule(std::string_view scope, std::string_view group,
                                                 std::string_view name) override {
    return behind_->schedule(scope, group, name);
  }
  Result<SchedulePage> schedules(const ScheduleFilter& filter) override { return behind_->schedules(filter); }
  Result<std::vector<StoredSchedule>> schedules_due(SchedulePlace after, TimePoint until,
                                                    std::size_t limit) override {
    return behind_->schedules_due(after, until, limit);
  }
  Result<std::int64_t> last_schedule_id() override { return behind_->last_schedule_id(); }
  Result<std::size_t> delete_schedules(std::string_view scope, std::string_view group,
                                       std::size_t limit) override {
    return behind_->delete_schedules(scope, group, limit);
  }
  Result<EventCounts> counts() override { return behind_->counts(); }
  Result<void> clear() override { return behind_->clear(); }
  Result<Sweep> sweep(TimePoint before, TimePoint now, Sweep from, std::size_t limit) override {
    return behind_->sweep(before, now, from, limit);
  }
  Result<std::vector<ArchivedEvent>> archived_events(const ArchiveSlice& slice) override {
    return behind_->archived_events(slice);
  }
  Result<ArchiveSize> archive_size(std::int64_t archive) override { return behind_->archive_size(archive); }
  Result<std::size_t> sweep_archives(TimePoint now, std::size_t limit) override {
    return behind_->sweep_archives(now, limit);
  }
  Result<std::uint64_t> used_bytes() override { return behind_->used_bytes(); }
  Result<bool> shrink() override { return behind_->shrink(); }

 protected:
  [[nodiscard]] Store& behind() { return *behind_; }

 private:
  const std::shared_ptr<Store> behind_;
};

}  // namespace ebagent::store
