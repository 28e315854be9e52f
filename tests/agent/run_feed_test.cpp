#include "agent/run_feed.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ebagent::agent {
namespace {

RunEvent text_of(std::string text) {
  return {.kind = RunEvent::Kind::Text,
          .run_id = "run-1",
          .agent = "a",
          .step = "turn 1",
          .text = std::move(text)};
}

std::unique_ptr<RunFeed::Subscription> listen(
    RunFeed& feed, std::function<void()> on_ready = [] {}) {
  auto subscribed = feed.subscribe(std::move(on_ready));
  EXPECT_TRUE(subscribed);
  return std::move(subscribed).value();
}

TEST(RunFeed, TellsThoseWhoListenInOrder) {
  RunFeed feed;
  const auto one = listen(feed), other = listen(feed);

  feed.publish(text_of("a"));
  feed.publish(text_of("b"));

  for (const auto* listener : {&one, &other}) {
    const auto events = (*listener)->take();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0]->text, "a");
    EXPECT_EQ(events[1]->text, "b");
    EXPECT_TRUE((*listener)->take().empty());
  }
}

TEST(RunFeed, IsNotHeardWhenNobodyListensAnyMore) {
  RunFeed feed;
  EXPECT_FALSE(feed.is_heard());
  auto listener = listen(feed);
  EXPECT_TRUE(feed.is_heard());

  listener.reset();

  EXPECT_FALSE(feed.is_heard());
  feed.publish(text_of("to nobody"));
}

TEST(RunFeed, CallsAListenerOnceForWhatWaits) {
  RunFeed feed;
  int calls = 0;
  const auto listener = listen(feed, [&] { ++calls; });

  feed.publish(text_of("a"));
  feed.publish(text_of("b"));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(listener->take().size(), 2U);
  feed.publish(text_of("c"));

  EXPECT_EQ(calls, 2);
}

TEST(RunFeed, CutsOffWhoDoesNotTakeItsEvents) {
  RunFeed feed;
  const auto slow = listen(feed), quick = listen(feed);

  for (std::size_t i = 0; i <= RunFeed::kMaxWaiting; ++i) {
    feed.publish(text_of("x"));
    EXPECT_EQ(quick->take().size(), 1U);
  }

  EXPECT_TRUE(slow->is_cut_off());
  EXPECT_TRUE(slow->take().empty());
  EXPECT_FALSE(quick->is_cut_off());
}

TEST(RunFeed, BoundsTheBytesThatWait) {
  RunFeed feed;
  const auto slow = listen(feed);

  for (std::size_t i = 0; i <= RunFeed::kMaxWaitingBytes / RunFeed::kMaxTextBytes; ++i) {
    feed.publish(text_of(std::string(RunFeed::kMaxTextBytes, 'x')));
  }

  EXPECT_TRUE(slow->is_cut_off());
}

TEST(RunFeed, CutsLongTextsBetweenCharactersAndLeavesLongJsonOut) {
  RunFeed feed;
  const auto listener = listen(feed);
  RunEvent event = text_of(std::string(RunFeed::kMaxTextBytes - 1, 'x') + "ä");
  event.json = "\"" + std::string(RunFeed::kMaxTextBytes, 'y') + "\"";

  feed.publish(event);

  const auto events = listener->take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]->text, std::string(RunFeed::kMaxTextBytes - 1, 'x'));
  EXPECT_NE(events[0]->json.find("too long"), std::string::npos);
}

TEST(RunFeed, TakesABoundedNumberOfListeners) {
  RunFeed feed;
  std::vector<std::unique_ptr<RunFeed::Subscription>> listeners;
  for (std::size_t i = 0; i < RunFeed::kMaxListeners; ++i) listeners.push_back(listen(feed));

  EXPECT_EQ(feed.subscribe([] {}).error().code, ErrorCode::Overloaded);
  listeners.pop_back();
  EXPECT_TRUE(feed.subscribe([] {}));
}

TEST(RunFeed, IsPublishedToFromManyThreadsWhileListenersComeAndGo) {
  RunFeed feed;
  const auto steady = listen(feed);
  std::atomic<bool> is_done = false;
  std::size_t heard = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < 4; ++i) {
    publishers.emplace_back([&] {
      for (int n = 0; n < 200; ++n) feed.publish(text_of("x"));
    });
  }
  std::thread restless{[&] {
    while (!is_done) static_cast<void>(listen(feed)->take());
  }};
  for (auto& publisher : publishers) publisher.join();
  is_done = true;
  restless.join();
  heard = steady->take().size();

  EXPECT_EQ(heard, 800U);
}

}  // namespace
}  // namespace ebagent::agent
