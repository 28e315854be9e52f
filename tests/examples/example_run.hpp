#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "operations/operations.hpp"
#include "operations/shop.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"
#include "tools/local_services.hpp"

namespace ebagent::testing {

// The text of a file below examples/.
inline std::string example_file(const std::string& name) {
  std::stringstream text;
  std::ifstream file{std::string{EBAGENT_TEST_DATA} + "/../../examples/" + name};
  EXPECT_TRUE(file) << name;
  text << file.rdbuf();
  return text.str();
}

inline Event event_in(const std::string& json) {
  EnvelopeDefaults defaults;
  defaults.id = "e-default";
  auto event = parse_event(json, defaults);
  EXPECT_TRUE(event) << event.error().message;
  return event.value();
}

// An app of the operations' tools in a folder of its own, with a store in memory.
class ExampleRun : public ::testing::Test {
 protected:
  // The project itself, or its tools below another configuration.
  void use_operations() { ASSERT_TRUE(operations::set_up(app, options())); }
  void use_config(const std::string& name) {
    ASSERT_TRUE(operations::add_tools(app, options()));
    const auto loaded = app.load_text(example_file(name), name);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  operations::Options options() const {
    operations::Options chosen;
    chosen.data_dir = folder.path();
    return chosen;
  }

  std::string answer(const Event& event) {
    const auto response = app.process_event(event);
    if (!response) return "FAILED: " + response.error().message;
    return response.value().text;
  }
  std::string answer(const std::string& example) { return answer(event_in(example_file(example))); }

  // The same example as another event: with an id of its own, its detail changed.
  static Event changed(const std::string& example, const std::string& id,
                       const std::function<void(boost::json::object&)>& change = {}) {
    Event event = event_in(example_file(example));
    event.id = id;
    boost::json::object detail = event.detail_object();
    if (change) change(detail);
    event.detail = boost::json::serialize(detail);
    return event;
  }

  // One number out of the services' database.
  std::int64_t number(std::string_view sql) {
    const auto rows =
        services().database->transaction([&](tools::Session& session) { return session.query(sql); });
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? tools::integer_of(rows.value().rows.at(0).at(0)) : -1;
  }

  tools::LocalServices& services() {
    if (!services_)
      services_ = tools::LocalServices::open(
                      {.data_dir = folder.path(), .buckets = {}, .databases = {}, .statements = {}})
                      .value();
    return *services_;
  }

  TemporaryFolder folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  App app{"eventbridge-agent", AppPorts{.store = nullptr,
                                        .clock = clock,
                                        .random = std::make_shared<FixedRandom>(),
                                        .events = nullptr,
                                        .on_run = nullptr}};

 private:
  std::shared_ptr<tools::LocalServices> services_;
};

}  // namespace ebagent::testing
