#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace ebagent::agent::flow {

// The runs of a singleton agent: by key the one that counts, from when it was admitted until its delivery is done with, whether
// it works, waits or is to be tried again; and those at work in this process. Belongs to its owner's lock.
class Singles {
 public:
  struct Holder {
    std::string run_key;
    std::string run_id;
    std::int64_t delivery = 0;
  };

  [[nodiscard]] const Holder* find(const std::string& key) const {
    const auto found = holders_.find(key);
    return found == holders_.end() ? nullptr : &found->second;
  }
  // Takes the place of whoever holds it.
  void hold(const std::string& key, Holder holder) { holders_.insert_or_assign(key, std::move(holder)); }
  void release(const std::string& key, const std::string& run_key) {
    if (const Holder* holder = find(key); holder != nullptr && holder->run_key == run_key)
      holders_.erase(key);
  }

  void begin_work(const std::string& key, const std::string& run_key) { working_.emplace(key, run_key); }
  void end_work(const std::string& key, const std::string& run_key) { working_.erase({key, run_key}); }
  [[nodiscard]] bool is_working(const std::string& key, const std::string& run_key) const {
    return working_.contains({key, run_key});
  }
  // True when another run of the key is still at work, cancelled as it may be.
  [[nodiscard]] bool is_another_working(const std::string& key, const std::string& run_key) const {
    for (auto run = working_.lower_bound({key, ""}); run != working_.end() && run->first == key; ++run) {
      if (run->second != run_key) return true;
    }
    return false;
  }

 private:
  std::map<std::string, Holder> holders_;
  std::set<std::pair<std::string, std::string>> working_;  // key and run key
};

}  // namespace ebagent::agent::flow
