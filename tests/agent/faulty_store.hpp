#pragma once

#include <memory>
#include <utility>

#include "store/store.hpp"

namespace ebagent::agent {

enum class Crash {
  BeforeWrite,  // the transaction is lost
  AfterWrite    // it is on disk, but the process did not live to know
};

// A store whose process "dies" at the n-th commit: that one fails, and so does everything after it.
class FaultyStore final : public store::Store {
 public:
  FaultyStore(std::shared_ptr<store::Store> inner, int commits_before, Crash crash)
      : inner_(std::move(inner)), left_(commits_before), crash_(crash) {}

  [[nodiscard]] bool has_crashed() const { return left_ < 0; }

  void commit(store::Transaction writes, store::OnCommitted done) override {
    if (left_ > 0) {
      --left_;
      return inner_->commit(std::move(writes), std::move(done));
    }
    if (left_ == 0 && crash_ == Crash::AfterWrite) (void)inner_->commit_and_wait(std::move(writes));
    left_ = -1;
    done(fail(ErrorCode::Unavailable, "the process died"));
  }
  Result<std::optional<store::Run>> run_by_key(std::string_view key) override {
    return inner_->run_by_key(key);
  }
  Result<std::vector<store::Step>> steps(std::string_view id) override { return inner_->steps(id); }

  Result<std::shared_ptr<const store::Route>> put_route(store::Route route) override {
    return inner_->put_route(std::move(route));
  }
  Result<std::vector<store::Delivery>> lease_due(TimePoint now, std::size_t limit) override {
    return inner_->lease_due(now, limit);
  }
  Result<std::optional<TimePoint>> next_due() override { return inner_->next_due(); }
  Result<std::vector<store::CatalogRecord>> catalog(std::string_view kind) override {
    return inner_->catalog(kind);
  }
  Result<std::optional<store::Run>> run_by_id(std::string_view id) override { return inner_->run_by_id(id); }
  Result<std::vector<store::Run>> runs(const store::RunFilter& filter) override {
    return inner_->runs(filter);
  }
  Result<std::optional<std::string>> event_by_id(std::string_view id) override {
    return inner_->event_by_id(id);
  }
  Result<std::vector<store::DeadLetter>> dead_letters(std::size_t limit) override {
    return inner_->dead_letters(limit);
  }
  Result<std::optional<store::DeadLetter>> dead_letter(std::int64_t seq) override {
    return inner_->dead_letter(seq);
  }
  Result<void> redrive(std::int64_t seq, TimePoint now) override { return inner_->redrive(seq, now); }
  Result<store::EventCounts> counts() override { return inner_->counts(); }

 private:
  std::shared_ptr<store::Store> inner_;
  int left_;
  Crash crash_;
};

}  // namespace ebagent::agent
