#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/fixed_random.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::store {
namespace {

constexpr int kKills = 120;
constexpr std::uint64_t kMaxLines = 400;  // a child is killed after at most this many lines of its
constexpr int kOnTheirWay = 16;           // transactions of a child
constexpr int kDeliveries = 2;            // of each event
constexpr TimePoint kEnd{std::chrono::days{365'000}};

// What a child writes to its pipe, one fixed-size line each, so that a killed child leaves no half line: a
// write of less than PIPE_BUF bytes is whole or not at all.
enum class Kind : char {
  Accepted,   // the event's commit was answered; its delivery's number follows
  Marking,    // a delivery is about to be marked delivered
  Delivered,  // the mark's commit was answered
};
struct Line {
  Kind kind;
  std::array<char, 37> event_id;
  std::int64_t seq;
};

void say(int pipe, Kind kind, const Delivery& delivery) {
  Line line{kind, {}, delivery.seq};
  delivery.event_id.copy(line.event_id.data(), line.event_id.size() - 1);
  if (::write(pipe, &line, sizeof(line)) != sizeof(line)) ::_exit(3);
}

// The child: accepts events and marks their deliveries until it is killed.
[[noreturn]] void write_until_killed(const std::filesystem::path& data_dir, int pipe, std::uint64_t seed) {
  auto opened = sqlite::open(data_dir);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    ::_exit(2);
  }
  Store& store = *opened.value();
  testing::FixedRandom random{seed};
  std::counting_semaphore<> room{kOnTheirWay};
  const auto route = store.put_route({.bus = "default", .rule_arn = "arn:rule", .target_id = "1"}).value();
  for (std::int64_t i = 0;; ++i) {
    room.acquire();
    AcceptEvent event{.id = core::uuid_v7(TimePoint{Duration{i}}, random), .bus = "default"};
    event.json = std::make_shared<const std::string>(random.next() % 3'000, 'e');
    event.to.assign(kDeliveries, {.route = route});
    store.commit({std::move(event)}, [&, pipe](Result<Committed> accepted) {
      if (!accepted) ::_exit(4);
      for (const Delivery& delivery : accepted.value().deliveries) say(pipe, Kind::Accepted, delivery);
      Transaction marks;
      for (const Delivery& delivery : accepted.value().deliveries) {
        say(pipe, Kind::Marking, delivery);
        marks.emplace_back(MarkDelivered{delivery.seq, delivery.due, 1});
      }
      store.commit(std::move(marks),
                   [&room, pipe, made = accepted.value().deliveries](Result<Committed> marked) {
                     if (!marked) ::_exit(5);
                     for (const Delivery& delivery : made) say(pipe, Kind::Delivered, delivery);
                     room.release();
                   });
    });
  }
}

class CrashingWriter {
 public:
  CrashingWriter(const std::filesystem::path& data_dir, std::uint64_t seed) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends[0]);
      write_until_killed(data_dir, ends[1], seed);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  ~CrashingWriter() { ::close(pipe_); }
  CrashingWriter(const CrashingWriter&) = delete;
  CrashingWriter& operator=(const CrashingWriter&) = delete;

  // Kills the child once it has written `lines` lines, and returns all it wrote before it was dead.
  std::vector<Line> kill_after(std::uint64_t lines) {
    std::vector<Line> read;
    while (read.size() < lines) {
      const auto line = next();
      if (!line) break;
      read.push_back(*line);
    }
    ::kill(child_, SIGKILL);
    while (const auto line = next()) read.push_back(*line);
    int status = 0;
    ::waitpid(child_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    return read;
  }

 private:
  std::optional<Line> next() const {
    Line line{};
    std::size_t got = 0;
    while (got < sizeof(line)) {
      const ssize_t n = ::read(pipe_, reinterpret_cast<char*>(&line) + got, sizeof(line) - got);
      if (n <= 0) return std::nullopt;
      got += static_cast<std::size_t>(n);
    }
    return line;
  }

  pid_t child_ = -1;
  int pipe_ = -1;
};

// What must hold after a kill, or after several.
struct Expected {
  std::map<std::int64_t, std::string> accepted;  // event of each acknowledged delivery
  std::set<std::int64_t> marking;                // may be delivered
  std::set<std::int64_t> delivered;              // must be

  void learn(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      if (line.kind == Kind::Accepted) {
        EXPECT_TRUE(accepted.emplace(line.seq, line.event_id.data()).second)
            << "number " << line.seq << " given twice";
      }
      if (line.kind == Kind::Marking) marking.insert(line.seq);
      if (line.kind == Kind::Delivered) delivered.insert(line.seq);
    }
  }
};

// All deliveries that are still open, by their numbers.
std::map<std::int64_t, Delivery> open_deliveries(Store& store) {
  std::map<std::int64_t, Delivery> open;
  while (true) {
    auto leased = store.lease_due(kEnd, 10'000).value();
    if (leased.empty()) return open;
    for (Delivery& delivery : leased) open.emplace(delivery.seq, std::move(delivery));
  }
}

void check(Store& store, const Expected& expected) {
  const auto open = open_deliveries(store);
  for (const auto& [seq, event_id] : expected.accepted) {
    const auto found = open.find(seq);
    if (found == open.end()) {
      ASSERT_TRUE(expected.marking.contains(seq))
          << "delivery " << seq << " of event " << event_id << " is lost";
      ASSERT_TRUE(store.event_by_id(event_id).value()) << "event " << event_id << " is lost";
    } else {
      ASSERT_EQ(found->second.event_id, event_id);
      ASSERT_FALSE(expected.delivered.contains(seq)) << "delivery " << seq << " was marked and came back";
    }
  }
  const auto counts = store.counts().value();
  ASSERT_EQ(counts.pending, static_cast<std::int64_t>(open.size()));
  ASSERT_EQ(counts.pending + counts.delivered, counts.accepted * kDeliveries)
      << "an event without its deliveries";
}

TEST(StoreCrash, NoAcknowledgedEventOrDeliveryIsLostWhenTheProcessIsKilled) {
  const testing::TemporaryFolder folder;
  testing::FixedRandom random{20'260'126};
  Expected of_all_kills;

  for (int kill = 0; kill < kKills; ++kill) {
    CrashingWriter writer{folder.path(), random.next()};
    const auto lines = writer.kill_after(random.next() % kMaxLines);
    Expected of_this_kill;
    of_this_kill.learn(lines);
    of_all_kills.learn(lines);

    const auto store = sqlite::open(folder.path());

    ASSERT_TRUE(store) << store.error().message;
    check(*store.value(), of_this_kill);
    if (HasFatalFailure()) FAIL() << "after kill " << kill;
  }

  check(*sqlite::open(folder.path()).value(), of_all_kills);
  EXPECT_GT(of_all_kills.accepted.size(), 1'000U) << "the children were killed too early to show anything";
  std::printf("%d kills, %zu acknowledged deliveries\n", kKills, of_all_kills.accepted.size());
}

}  // namespace
}  // namespace ebagent::store
