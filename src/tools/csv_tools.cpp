#include "tools/csv_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "core/json.hpp"

namespace ebagent::tools {
namespace {

constexpr std::size_t kErrorsInText =
    5;  // of the many in the summary: what a reader of an answer wants to see

// "none", or "2 rows (line 4: ...; line 9: ...)".
std::string rejected_text(const boost::json::object& summary) {
  const boost::json::array& errors = summary.at("errors").as_array();
  if (errors.empty()) return "none";
  const auto count = summary.at("rejected").to_number<std::uint64_t>();
  std::string text = fmt::format("{} {} (", count, count == 1 ? "row" : "rows");
  for (std::size_t i = 0; i < errors.size() && i < kErrorsInText; ++i) {
    text += fmt::format("{}line {}: {}", i == 0 ? "" : "; ", errors[i].at("line").to_number<std::uint64_t>(),
                        std::string_view{errors[i].at("reason").as_string()});
  }
  return text + (count > kErrorsInText ? "; ...)" : ")");
}

}  // namespace

std::vector<Tool> csv_tools(std::shared_ptr<CsvLoader> loader, std::shared_ptr<ObjectStore> objects) {
  namespace json = boost::json;
  const auto load = [loader, objects](
                        Arg<"bucket", std::string, "Bucket of the CSV file"> bucket,
                        Arg<"key", std::string, "Key of the CSV file"> key,
                        Arg<"table", std::string, "Table that its rows go into"> table,
                        Arg<"schema", json::object,
                            "Its columns: {\"columns\": [{name, type, required, min, max, allowed}]}">
                            schema,
                        const ToolContext& context) -> Result<json::object> {
    if (key->starts_with(kProcessedPrefix)) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("s3://{}/{} is a result of this tool; objects under {} are not loaded.",
                              *bucket, *key, kProcessedPrefix));
    }
    BOOST_OUTCOME_TRY(auto parsed, CsvSchema::parse(*schema));
    BOOST_OUTCOME_TRY(auto summary, loader->load({*bucket, *key, *table, std::move(parsed)}, context.now()));
    const std::string summary_key = fmt::format("{}{}.json", kProcessedPrefix, *key);
    BOOST_OUTCOME_TRY(objects->put(*bucket, summary_key, core::write_json_pretty(summary) + "\n"));
    summary["summary_key"] = summary_key;
    summary["rejected_text"] = rejected_text(summary);
    return summary;
  };
  return {Tool::from(
      "load_csv",
      "Checks a CSV file in S3 against its schema, loads the good rows into a table and stores a summary "
      "(counts, bad rows by line, statistics) under processed/",
      load, {.effect = Effect::Idempotent, .traits = {.brings_untrusted = true}})};
}

}  // namespace ebagent::tools
