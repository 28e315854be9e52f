#include "server/admission.hpp"

namespace ebagent::server {

bool Admission::Place::enter() {
  if (entered_) return true;
  if (admission_.requests_.fetch_add(1, std::memory_order_relaxed) >= admission_.bounds_.max_requests) {
    admission_.requests_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  entered_ = true;
  return true;
}

void Admission::Place::leave() {
  if (entered_) admission_.requests_.fetch_sub(1, std::memory_order_relaxed);
  entered_ = false;
}

bool Admission::Share::try_set(std::size_t bytes) {
  if (bytes > bytes_) {
    const std::size_t more = bytes - bytes_;
    if (admission_.bytes_.fetch_add(more, std::memory_order_relaxed) + more > admission_.bounds_.max_bytes) {
      admission_.bytes_.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    bytes_ = bytes;
    return true;
  }
  set(bytes);
  return true;
}

void Admission::Share::set(std::size_t bytes) {
  if (bytes == bytes_) return;
  // Unsigned arithmetic wraps: adding the difference also takes away.
  admission_.bytes_.fetch_add(bytes - bytes_, std::memory_order_relaxed);
  bytes_ = bytes;
}

}  // namespace ebagent::server
