// Measures matching: events a second for each rule set of the benchmark data, one thread, events checked beforehand (as
// the server has when it matches). See --help.
#include <malloc.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>

#include "pattern_data.hpp"

namespace ebagent::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string source = EBAGENT_SOURCE_DIR "/../shared/bench";
  std::string made = EBAGENT_BUILD_DIR "/bench-data";
  std::string json_file;
  std::vector<std::string> sets;
  int passes = 5;
  int warm_ups = 3;
  bool from_text = false;
};

double seconds_of(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The median rate of some passes after some that do not count.
double median_rate(std::size_t events, const Options& options, const std::function<void()>& pass) {
  for (int i = 0; i < options.warm_ups; ++i) pass();
  std::vector<double> seconds;
  for (int i = 0; i < options.passes; ++i) seconds.push_back(seconds_of(pass));
  std::sort(seconds.begin(), seconds.end());
  return static_cast<double>(events) / seconds[seconds.size() / 2];
}

std::size_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct Measured {
  std::string set;
  std::size_t rules = 0;
  double rate = 0;
  std::size_t matches = 0;
  double build_seconds = 0;  // compile all, then add all at once
  double bytes_a_rule = 0;
  double add_microseconds = 0;  // one rule more
};

std::vector<pattern::CheckedEvent> checked(const Events& events) {
  pattern::Scratch scratch;
  std::vector<pattern::CheckedEvent> out;
  out.reserve(events.texts.size());
  for (const std::string_view text : events.texts)
    out.push_back(pattern::CheckedEvent::check(text, scratch).value());
  return out;
}

Measured measure(const std::string& name, const std::vector<NamedPattern>& patterns, const Events& events,
                 const std::vector<pattern::CheckedEvent>& checked_events, const Options& options) {
  Measured out;
  out.set = name;
  out.rules = patterns.size();
  pattern::RuleSet rules;
  const std::size_t before = heap_in_use();
  out.build_seconds = seconds_of([&] {
    std::vector<std::pair<pattern::RuleId, pattern::Pattern>> compiled;
    compiled.reserve(patterns.size());
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      auto one = pattern::compile(patterns[i].json, pattern::Limits::generous());
      if (!one) throw std::runtime_error(patterns[i].name + " is refused: " + one.error().message);
      compiled.emplace_back(i, std::move(one).value());
    }
    rules.add_all(compiled);
  });
  out.bytes_a_rule = static_cast<double>(heap_in_use() - before) / static_cast<double>(patterns.size());
  pattern::Scratch scratch;
  out.rate = median_rate(events.texts.size(), options, [&] {
    std::size_t matches = 0;
    if (options.from_text) {
      for (const std::string_view text : events.texts) matches += rules.match(text, scratch).value().size();
    } else {
      for (const auto& event : checked_events) matches += rules.match(event, scratch).value().size();
    }
    out.matches = matches;
  });
  constexpr std::size_t kAdded = 2'000;
  const auto more = pattern::compile(patterns.front().json, pattern::Limits::generous()).value();
  out.add_microseconds = 1e6 / kAdded * seconds_of([&] {
                           for (std::size_t i = 0; i < kAdded; ++i) rules.add(patterns.size() + i, more);
                         });
  return out;
}

// 1,000 wildcards on one field, and values made to keep each of them busy.
struct HardSet {
  std::string name;
  std::vector<NamedPattern> patterns;
  Events events;
};

std::vector<HardSet> hard_sets() {
  constexpr int kWildcards = 1000;
  struct Kind {
    const char* name;
    std::function<std::string(int)> wildcard;
  };
  const std::vector<Kind> kinds = {
      {"distinct", [](int i) { return "*/d" + std::to_string(i) + "/*.log"; }},
      {"repeats",
       [](int i) {
         return "*" + std::string(4 + static_cast<std::size_t>(i) % 60, 'a') + "*b" + std::to_string(i) + "*";
       }},
      {"short-pieces",
       [](int i) { return "*a*a*a*b" + std::to_string(i % 10) + "*a" + std::to_string(i) + "*"; }},
  };
  std::vector<HardSet> out;
  for (const Kind& kind : kinds) {
    for (const std::size_t size : {100u, 1'000u, 10'000u}) {
      HardSet set;
      set.name = std::string("hard-") + kind.name + "-" + std::to_string(size);
      for (int i = 0; i < kWildcards; ++i) {
        set.patterns.push_back({std::to_string(i), R"({"x":[{"wildcard":")" + kind.wildcard(i) + R"("}]})"});
      }
      set.events.buffer = R"({"x":")" + std::string(size, 'a') + R"("})";
      set.events.texts.assign(20, set.events.buffer);
      out.push_back(std::move(set));
    }
  }
  return out;
}

// simdjson's own rate on the same events: what no matcher that reads the text can beat by much.
struct Limit {
  double one_field = 0;
  double full_walk = 0;
};

void walk(simdjson::ondemand::value value, std::size_t& tokens) {
  ++tokens;
  switch (value.type()) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        tokens += field.key().value_unsafe().raw() != nullptr ? 1 : 0;
        walk(field.value(), tokens);
      }
      break;
    case simdjson::ondemand::json_type::array:
      for (auto element : value.get_array()) walk(element.value(), tokens);
      break;
    default:
      tokens += value.raw_json_token().size();
  }
}

Limit limit_of(const Events& events, const Options& options) {
  simdjson::ondemand::parser parser;
  Limit out;
  std::size_t found = 0;
  const auto padded = [](std::string_view text) {
    return simdjson::padded_string_view(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  };
  out.one_field = median_rate(events.texts.size(), options, [&] {
    for (const std::string_view text : events.texts) {
      auto document = parser.iterate(padded(text));
      found += document["properties"]["MAPBLKLOT"].get_string().value().size();
    }
  });
  out.full_walk = median_rate(events.texts.size(), options, [&] {
    for (const std::string_view text : events.texts) {
      auto document = parser.iterate(padded(text));
      for (auto field : document.get_object()) walk(field.value(), found);
    }
  });
  if (found == 0) throw std::runtime_error("the limit was not measured");
  return out;
}

void print(const Measured& measured) {
  std::cout << std::left << std::setw(26) << measured.set << std::right << std::setw(8) << measured.rules
            << std::setw(13) << static_cast<long>(measured.rate) << std::setw(10) << std::fixed
            << std::setprecision(0) << 1e9 / measured.rate << std::setw(11) << measured.matches
            << std::setw(9) << std::setprecision(3) << measured.build_seconds << std::setw(9)
            << std::setprecision(0) << measured.bytes_a_rule << std::setw(9) << std::setprecision(1)
            << measured.add_microseconds << std::endl;
}

bool is_wanted(const std::string& name, const Options& options) {
  return options.sets.empty() ||
         std::any_of(options.sets.begin(), options.sets.end(), [&](const std::string& set) {
           return set == name || (set.ends_with('*') && name.starts_with(set.substr(0, set.size() - 1)));
         });
}

json::object to_json(const std::vector<Measured>& all, const Limit& limit) {
  json::array sets;
  for (const Measured& one : all) {
    sets.push_back(json::object{{"rule_set", one.set},
                                {"rules", one.rules},
                                {"events_per_second", one.rate},
                                {"matches", one.matches},
                                {"build_seconds", one.build_seconds},
                                {"bytes_per_rule", one.bytes_a_rule},
                                {"add_microseconds", one.add_microseconds}});
  }
  return {{"limit", {{"one_field", limit.one_field}, {"full_walk", limit.full_walk}}},
          {"sets", std::move(sets)}};
}

int run(const Options& options) {
  BenchData data(options.source, options.made);
  std::vector<Measured> all;
  Limit limit;
  std::cout
      << "rule set                     rules     events/s  ns/event    matches  build s   B/rule   add us\n";
  const auto measure_all = [&](const std::vector<RuleFile>& files, const std::function<Events()>& load,
                               bool has_limit) {
    if (std::none_of(files.begin(), files.end(),
                     [&](const RuleFile& f) { return is_wanted(f.name, options); }))
      return;
    const Events events = load();
    if (has_limit) {
      limit = limit_of(events, options);
      std::cout << "simdjson: one early field " << static_cast<long>(limit.one_field)
                << " events/s, whole event walked " << static_cast<long>(limit.full_walk) << " events/s"
                << std::endl;
    }
    const auto checked_events = checked(events);
    for (const RuleFile& file : files) {
      if (!is_wanted(file.name, options)) continue;
      all.push_back(measure(file.name, read_rules(file.path), events, checked_events, options));
      print(all.back());
    }
  };
  measure_all(
      data.citylots_rules(), [&] { return data.citylots(); }, true);
  measure_all(
      data.scale_rules(), [&] { return data.scale_events(); }, false);
  for (const HardSet& set : hard_sets()) {
    if (!is_wanted(set.name, options)) continue;
    all.push_back(measure(set.name, set.patterns, set.events, checked(set.events), options));
    print(all.back());
  }
  if (!options.json_file.empty())
    std::ofstream{options.json_file} << json::serialize(to_json(all, limit)) << '\n';
  return 0;
}

}  // namespace
}  // namespace ebagent::bench

int main(int argc, char** argv) {
  ebagent::bench::Options options;
  CLI::App app{"Events a second that match each rule set of the pattern benchmark."};
  app.add_option("--source", options.source, "folder with the generators and rules/")->capture_default_str();
  app.add_option("--made", options.made, "folder for what the generators make")->capture_default_str();
  app.add_option("--json", options.json_file, "file to write the results to, too");
  app.add_option("--sets", options.sets,
                 "names of rule sets, or beginnings followed by *; all when not given");
  app.add_option("--passes", options.passes, "passes of which the median counts")->check(CLI::Range(1, 100));
  app.add_option("--warm-ups", options.warm_ups, "passes before that do not count")
      ->check(CLI::Range(0, 100));
  app.add_flag("--from-text", options.from_text, "check each event anew in every pass");
  CLI11_PARSE(app, argc, argv);
  try {
    return ebagent::bench::run(options);
  } catch (const std::exception& problem) {
    std::cerr << "pattern_bench: " << problem.what() << '\n';
    return 1;
  }
}
