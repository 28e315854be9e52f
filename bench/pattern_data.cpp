#include "pattern_data.hpp"

#include <simdjson.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace ebagent::bench {
namespace {

namespace fs = std::filesystem;

void run(const std::string& command) {
  std::cerr << command << std::endl;
  if (std::system(command.c_str()) != 0) throw std::runtime_error("this failed: " + command);
}

Events read_events(const fs::path& file) {
  Events out;
  out.buffer.resize(fs::file_size(file));
  out.buffer.reserve(out.buffer.size() + simdjson::SIMDJSON_PADDING);
  std::ifstream{file, std::ios::binary}.read(out.buffer.data(),
                                             static_cast<std::streamsize>(out.buffer.size()));
  const std::string_view all = out.buffer;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    if (end > at) out.texts.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

BenchData::BenchData(fs::path source, fs::path made) : source_(std::move(source)), made_(std::move(made)) {
  if (!fs::exists(source_ / "gen_citylots2.py")) {
    throw std::runtime_error(
        "no benchmark data in " + source_.string() +
        "; name the folder that has gen_citylots2.py, scale_rules.py and rules/ with --source");
  }
  fs::create_directories(made_);
}

Events BenchData::citylots() {
  const fs::path file = made_ / "citylots.jlines";
  if (!fs::exists(file)) {
    run("python3 " + (source_ / "gen_citylots2.py").string() + " " + file.string() + ".gz >&2 && gunzip -f " +
        file.string() + ".gz");
  }
  return read_events(file);
}

Events BenchData::scale_events() {
  const fs::path folder = made_ / "scale";
  const fs::path file = folder / "scale-events.jsonl";
  if (!fs::exists(file)) {
    run("python3 " + (source_ / "scale_rules.py").string() + " " + folder.string() + " >&2 && gunzip -f " +
        file.string() + ".gz");
  }
  return read_events(file);
}

std::vector<RuleFile> BenchData::citylots_rules() const {
  std::vector<RuleFile> out;
  for (const char* name :
       {"EXACT", "PREFIX", "PREFIX_EIC", "SUFFIX", "SUFFIX_EIC", "EQUALS_IGNORE_CASE", "WILDCARD", "NUMERIC",
        "ANYTHING_BUT", "ANYTHING_BUT_IGNORE_CASE", "ANYTHING_BUT_PREFIX", "ANYTHING_BUT_SUFFIX",
        "ANYTHING_BUT_WILDCARD", "COMPLEX_ARRAYS", "PARTIAL_COMBO", "COMBO", "ALL70"}) {
    out.push_back({name, source_ / "rules" / (std::string(name) + ".jsonl")});
  }
  return out;
}

std::vector<RuleFile> BenchData::scale_rules() const {
  std::vector<RuleFile> out;
  for (const char* mix : {"exact", "stdeq", "std", "prefixeq", "prefix", "wild", "num1"}) {
    for (const char* size : {"1", "100", "10000", "100000"}) {
      const std::string name = std::string(mix) + "-" + size;
      out.push_back({"scale-" + name, made_ / "scale" / ("rules-" + name + ".jsonl")});
    }
  }
  return out;
}

std::vector<NamedPattern> read_rules(const fs::path& file) {
  std::ifstream in{file};
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::vector<NamedPattern> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto rule = boost::json::parse(line);
    out.push_back({std::string(rule.at("name").as_string()), std::string(rule.at("pattern").as_string())});
  }
  return out;
}

}  // namespace ebagent::bench
