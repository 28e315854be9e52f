// What nearly every file includes; only stable headers belong here.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/try.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
