// How many events a second the embedded store accepts and delivers: transactions of ten events of 1 KB with
// one delivery each, as PutEvents makes them, from four threads with 25 transactions on their way each. Run:
// build/bench/bench/store_bench (the database is made in $TMPDIR and removed).

#include <benchmark/benchmark.h>

#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::store {
namespace {

constexpr int kThreads = 4;
constexpr int kOnTheirWay = 25;  // transactions of one thread
constexpr int kEvents = 10;      // of one transaction, the most that PutEvents takes
constexpr std::size_t kEventBytes = 1'000;

class StoreBench : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    folder_ = std::make_unique<testing::TemporaryFolder>();
    store_ = std::move(sqlite::open(folder_->path(), {.max_ready = kMaxReady}).value());
    route_ = store_->put_route({.bus = "default", .rule_arn = "arn:rule", .target_id = "1"}).value();
  }
  void TearDown(benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    store_.reset();
    folder_.reset();
  }

 protected:
  // The accept-only benchmark marks nothing, so past this its deliveries are left unleased, as in a server
  // whose targets do not keep up.
  static constexpr std::size_t kMaxReady = 10'000;

  Transaction ten_events() {
    Transaction events;
    events.reserve(kEvents);
    for (int i = 0; i < kEvents; ++i) {
      const TimePoint now = clock_.now();
      AcceptEvent event{.id = core::uuid_v7(now, random_), .bus = "default", .accepted = now};
      event.json = std::make_shared<const std::string>(kEventBytes, 'e');
      event.to.push_back({.route = route_});
      events.emplace_back(std::move(event));
    }
    return events;
  }

  std::barrier<> all_done_{kThreads};  // before one of them closes the store
  SystemClock clock_;
  core::SystemRandom random_;
  std::unique_ptr<testing::TemporaryFolder> folder_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<const Route> route_;
};

void or_abort(const Result<Committed>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::abort();
}

Transaction delivered(const std::vector<Delivery>& deliveries) {
  Transaction marks;
  for (const Delivery& delivery : deliveries)
    marks.emplace_back(MarkDelivered{delivery.seq, delivery.due, 1});
  return marks;
}

BENCHMARK_DEFINE_F(StoreBench, Accept)(benchmark::State& state) {
  std::counting_semaphore<> room{kOnTheirWay};
  for ([[maybe_unused]] auto _ : state) {
    room.acquire();
    store_->commit(ten_events(), [&](Result<Committed> result) {
      or_abort(result);
      room.release();
    });
  }
  for (int i = 0; i < kOnTheirWay; ++i) room.acquire();
  all_done_.arrive_and_wait();
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK_REGISTER_F(StoreBench, Accept)->Threads(kThreads)->Iterations(10'000)->UseRealTime();

// The whole life: what was accepted is marked delivered by a second transaction.
BENCHMARK_DEFINE_F(StoreBench, AcceptAndDeliver)(benchmark::State& state) {
  std::counting_semaphore<> room{kOnTheirWay};
  for ([[maybe_unused]] auto _ : state) {
    room.acquire();
    store_->commit(ten_events(), [&](Result<Committed> accepted) {
      or_abort(accepted);
      store_->commit(delivered(accepted.value().deliveries), [&](Result<Committed> result) {
        or_abort(result);
        room.release();
      });
    });
  }
  for (int i = 0; i < kOnTheirWay; ++i) room.acquire();
  all_done_.arrive_and_wait();
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK_REGISTER_F(StoreBench, AcceptAndDeliver)->Threads(kThreads)->Iterations(10'000)->UseRealTime();

// What is left unleased, leased 100 at a time and marked delivered.
BENCHMARK_DEFINE_F(StoreBench, LeaseAndDeliver)(benchmark::State& state) {
  constexpr int kLeased = 100;
  for (std::int64_t i = 0; i < state.max_iterations * kLeased / kEvents; ++i)
    or_abort(store_->commit_and_wait(ten_events()));
  for ([[maybe_unused]] auto _ : state) {
    const auto leased = store_->lease_due(clock_.now(), kLeased).value();
    or_abort(store_->commit_and_wait(delivered(leased)));
  }
  state.SetItemsProcessed(state.iterations() * kLeased);
}
BENCHMARK_REGISTER_F(StoreBench, LeaseAndDeliver)->Iterations(500)->UseRealTime();

// One caller alone: what an answer to a single event costs, the flush included.
BENCHMARK_DEFINE_F(StoreBench, AcceptOneByOne)(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    const TimePoint now = clock_.now();
    AcceptEvent event{.id = core::uuid_v7(now, random_), .bus = "default", .accepted = now};
    event.json = std::make_shared<const std::string>(kEventBytes, 'e');
    event.to.push_back({.route = route_});
    or_abort(store_->commit_and_wait({std::move(event)}));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_REGISTER_F(StoreBench, AcceptOneByOne)->Iterations(5'000)->UseRealTime();

}  // namespace
}  // namespace ebagent::store

BENCHMARK_MAIN();
