#pragma once

#include <span>
#include <string_view>

namespace ebagent::cli {

// One event of the demo, with the rule that brings it to the app.
struct DemoEvent {
  std::string_view title;
  std::string_view rule;
  std::string_view pattern;
  std::string_view source;
  std::string_view detail_type;
  std::string_view detail;
};

// The four kinds of event that the example agents work on.
[[nodiscard]] std::span<const DemoEvent> demo_events();

}  // namespace ebagent::cli
