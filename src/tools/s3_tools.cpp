#include "tools/s3_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTextBytes =
    1024 * 1024;                           // of an object given to an agent: it goes into the run's journal
constexpr std::size_t kListLimit = 1'000;  // as one page of S3's ListObjectsV2

using Bucket = Arg<"bucket", std::string, "Name of the bucket">;
using Key = Arg<"key", std::string, "Key of the object">;

json::object described(std::string_view bucket, const ObjectSummary& object) {
  json::object result{{"bucket", bucket},
                      {"key", object.key},
                      {"size", object.size},
                      {"last_modified", core::format_utc_seconds(object.modified)}};
  if (!object.etag.empty()) result["etag"] = object.etag;
  return result;
}

}  // namespace

std::vector<Tool> s3_tools(std::shared_ptr<ObjectStore> objects) {
  std::vector<Tool> tools;
  tools.push_back(Tool::from("s3_head", "Size, etag and time of an S3 object",
                             [objects](Bucket bucket, Key key) -> Result<json::object> {
                               BOOST_OUTCOME_TRY(const auto object, objects->head(*bucket, *key));
                               return described(*bucket, object);
                             },
                             {.effect = Effect::Read}));
  tools.push_back(
      Tool::from("s3_get", "The text of an S3 object of at most 1 MiB",
                 [objects](Bucket bucket, Key key) -> Result<json::object> {
                   BOOST_OUTCOME_TRY(auto text, get_object(*objects, *bucket, *key, kMaxTextBytes));
                   if (!core::is_utf8(text)) {
                     return fail(ErrorCode::InvalidArgument,
                                 fmt::format("s3://{}/{} is not text in UTF-8.", *bucket, *key));
                   }
                   return json::object{
                       {"bucket", *bucket}, {"key", *key}, {"size", text.size()}, {"text", std::move(text)}};
                 },
                 {.effect = Effect::Read, .traits = {.reads_sensitive = true, .brings_untrusted = true}}));
  tools.push_back(Tool::from(
      "s3_list", "The first 1,000 objects of a bucket whose keys begin with a prefix",
      [objects](Bucket bucket,
                Arg<"prefix", std::optional<std::string>, "Beginning of the keys; none: all"> prefix)
          -> Result<json::object> {
        BOOST_OUTCOME_TRY(const auto found, objects->list(*bucket, prefix->value_or(""), kListLimit + 1));
        json::array entries;
        for (const ObjectSummary& object : found) {
          if (entries.size() < kListLimit) entries.emplace_back(described(*bucket, object));
        }
        return json::object{{"bucket", *bucket},
                            {"objects", std::move(entries)},
                            {"is_truncated", found.size() > kListLimit}};
      },
      {.effect = Effect::Read, .traits = {.brings_untrusted = true}}));
  tools.push_back(Tool::from(
      "s3_put", "Stores text as an S3 object, replacing what is there",
      [objects](Bucket bucket, Key key,
                Arg<"text", std::string, "The new content"> text) -> Result<json::object> {
        BOOST_OUTCOME_TRY(const auto object, objects->put(*bucket, *key, *text));
        return described(*bucket, object);
      },
      {.effect = Effect::Idempotent, .traits = {.acts_outside = true, .destinations = {"bucket"}}}));
  return tools;
}

}  // namespace ebagent::tools
