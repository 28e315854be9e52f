#pragma once

#include <atomic>
#include <cstddef>

namespace ebagent::server {

// How much the server has in hand for its clients, over all connections and threads, against what it may have. Past a
// bound new requests are refused at once, so that overload costs callers a quick refusal and never the server's memory.
// Thread safety: all members may be called from any thread.
class Admission {
 public:
  struct Bounds {
    std::size_t max_requests;  // handed to the handler and not answered yet
    std::size_t
        max_bytes;  // of bodies, from their first byte until they are answered, and of answers until sent
  };

  explicit Admission(Bounds bounds) : bounds_(bounds) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  [[nodiscard]] std::size_t bytes_held() const { return bytes_.load(std::memory_order_relaxed); }
  // True while no more bytes are taken in.
  [[nodiscard]] bool is_full() const { return bytes_held() >= bounds_.max_bytes; }

  // One request's place among those under way.
  class Place {
   public:
    explicit Place(Admission& admission) : admission_(admission) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }

    // False when all places are taken.
    [[nodiscard]] bool enter();
    void leave();

   private:
    Admission& admission_;
    bool entered_ = false;
  };

  // A number of bytes that one connection holds.
  class Share {
   public:
    explicit Share(Admission& admission) : admission_(admission) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { set(0); }

    // False, leaving the share as it is, when it would have to grow past the bound.
    [[nodiscard]] bool try_set(std::size_t bytes);
    // For what is there already.
    void set(std::size_t bytes);

   private:
    Admission& admission_;
    std::size_t bytes_ = 0;
  };

 private:
  const Bounds bounds_;
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace ebagent::server
