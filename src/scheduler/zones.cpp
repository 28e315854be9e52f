#include "scheduler/zones.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace ebagent::scheduler {
namespace {

// Above any zone file; what is larger is none.
constexpr std::uintmax_t kMaxFileBytes = 1024 * 1024;

// Parts of letters, digits, '_', '-' and '+' with one '/' between: nothing that leads out of the folder.
bool is_zone_name(std::string_view name) {
  constexpr std::size_t kMaxLength = 50;
  if (name.empty() || name.size() > kMaxLength || name.front() == '/' || name.back() == '/') return false;
  if (name.find("//") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  });
}

Result<std::shared_ptr<const schedule::TimeZone>> read(const std::filesystem::path& file,
                                                       std::string_view name) {
  const auto unknown = [&] {
    return fail(ErrorCode::NotFound, "There is no time zone " + std::string{name} + " on this machine (in " +
                                         file.parent_path().string() + ").");
  };
  std::error_code problem;
  if (!std::filesystem::is_regular_file(file, problem)) return unknown();
  const auto size = std::filesystem::file_size(file, problem);
  if (problem || size > kMaxFileBytes) return unknown();
  std::ifstream stream{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
  // Tables of names stand beside the zones.
  if (!bytes.starts_with("TZif")) return unknown();
  BOOST_OUTCOME_TRY(auto zone, schedule::TimeZone::parse(bytes));
  return std::make_shared<const schedule::TimeZone>(std::move(zone));
}

}  // namespace

Result<std::shared_ptr<const schedule::TimeZone>> Zones::find(std::string_view name) {
  static const auto kUtc = std::make_shared<const schedule::TimeZone>();
  if (name == "UTC") return kUtc;
  if (!is_zone_name(name)) {
    return fail(ErrorCode::NotFound, "There is no time zone of that name.");
  }
  const std::scoped_lock lock{mutex_};
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  BOOST_OUTCOME_TRY(auto zone, read(folder_ / name, name));
  known_.emplace(name, zone);
  return zone;
}

}  // namespace ebagent::scheduler
