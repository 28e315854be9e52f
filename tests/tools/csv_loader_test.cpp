#include "tools/csv_loader.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/temporary_folder.hpp"
#include "tools/folder_object_store.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema = R"({"columns": [
  {"name": "id", "type": "integer", "required": true, "min": 1},
  {"name": "customer", "type": "string", "required": true, "max": 20},
  {"name": "email", "type": "email"},
  {"name": "amount", "type": "number", "required": true, "min": 0, "max": 1000},
  {"name": "paid", "type": "boolean"},
  {"name": "day", "type": "date", "min": "2026-01-01", "max": "2026-12-31"},
  {"name": "country", "allowed": ["DE", "FR"]}]})";

class CsvLoaderTest : public ::testing::Test {
 protected:
  CsvLoaderTest() { std::filesystem::create_directories(folder.path() / "buckets/my-data-bucket"); }

  Result<json::object> load(std::string_view content, std::string_view schema = kSchema,
                            std::string table = "sales") {
    EXPECT_TRUE(objects->put("my-data-bucket", "uploads/data.csv", content));
    auto parsed = CsvSchema::parse(json::parse(json::string_view{schema.data(), schema.size()}));
    if (!parsed) return fail(parsed.error());
    return loader->load({"my-data-bucket", "uploads/data.csv", std::move(table), std::move(parsed).value()},
                        TimePoint{});
  }

  Rows query(std::string_view sql) {
    return database->transaction([&](Session& session) { return session.query(sql); }).value();
  }

  std::int64_t count(std::string_view sql) { return integer_of(query(sql).rows.front()[0]); }

  testing::TemporaryFolder folder;
  std::shared_ptr<Database> database = Database::open(folder.path() / "services.sqlite").value();
  std::shared_ptr<FolderObjectStore> objects = std::make_shared<FolderObjectStore>(folder.path() / "buckets");
  std::unique_ptr<CsvLoader> loader = CsvLoader::open(database, objects).value();
};

TEST_F(CsvLoaderTest, LoadsGoodRowsAndReportsBadOnesByLine) {
  const auto summary = load(
      "id,customer,email,amount,paid,day,country,note\n"
      "1,\"Smith, Jane\",jane@example.com,10.5,true,2026-01-26,DE,\"two\nlines\"\n"
      "2,Bob,not-an-address,20,no,2026-02-30,ES,x\n"
      "3,Carla,,30,,,,\n"
      "four,Dave,,5,,,,\n"
      "5,Eve\n"
      "6,\"Fay\"x,,1,,,,\n"
      "7,Gus,,-1,,,,\n");

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary.value().at("rows").as_int64(), 7);
  EXPECT_EQ(summary.value().at("loaded").as_int64(), 2);
  EXPECT_EQ(summary.value().at("rejected").as_int64(), 5);
  EXPECT_EQ(
      json::serialize(summary.value().at("errors")),
      R"([{"line":4,"reason":"column 'email': 'not-an-address' is not an email address; )"
      R"(column 'day': '2026-02-30' is not a date like 2026-01-26; column 'country': 'ES' is not one of the allowed values"},)"
      R"({"line":6,"reason":"column 'id': 'four' is not a whole number"},)"
      R"({"line":7,"reason":"the row has 2 fields, the header has 8"},)"
      R"({"line":8,"reason":"text follows the closing quote of a field"},)"
      R"({"line":9,"reason":"column 'amount': '-1' is less than 0"}])");
  EXPECT_EQ(json::serialize(summary.value().at("ignored_columns")), R"(["note"])");
  const auto& amount = summary.value().at("columns").at("amount");
  EXPECT_DOUBLE_EQ(amount.at("min").to_number<double>(), 10.5);
  EXPECT_DOUBLE_EQ(amount.at("max").to_number<double>(), 30);
  EXPECT_DOUBLE_EQ(amount.at("mean").to_number<double>(), 20.25);
  EXPECT_EQ(text_of(query("SELECT customer FROM sales ORDER BY id").rows[0][0]), "Smith, Jane");
  EXPECT_EQ(count("SELECT count(*) FROM sales WHERE email IS NULL"), 1);
}

TEST_F(CsvLoaderTest, ChangesNothingWhenTheSameObjectIsLoadedAgain) {
  const std::string content = "id,customer,amount\n1,Jane,2\n";
  const auto first = load(content);
  ASSERT_TRUE(first) << first.error().message;
  const auto changes_before = count("SELECT total_changes()");

  const auto second = load(content);

  ASSERT_TRUE(second);
  EXPECT_EQ(json::value(first.value()), json::value(second.value()));
  EXPECT_EQ(count("SELECT total_changes()"), changes_before);
  EXPECT_EQ(count("SELECT count(*) FROM sales"), 1);
}

TEST_F(CsvLoaderTest, ReplacesTheRowsWhenTheObjectHasNewContent) {
  ASSERT_TRUE(load("id,customer,amount\n1,Jane,2\n2,Bob,3\n"));
  ASSERT_TRUE(load("id,customer,amount\n9,Zoe,4\n"));

  EXPECT_EQ(count("SELECT count(*) FROM sales"), 1);
  EXPECT_EQ(count("SELECT id FROM sales"), 9);
}

TEST_F(CsvLoaderTest, LeavesTheOldRowsWhenTheNewFileIsNoCsv) {
  ASSERT_TRUE(load("id,customer,amount\n1,Jane,2\n"));

  const auto outcome = load("other,columns\n1,2\n");

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Malformed);
  EXPECT_EQ(outcome.error().message,
            "The header on line 1 lacks the required columns 'id', 'customer', 'amount'.");
  EXPECT_EQ(count("SELECT count(*) FROM sales"), 1);
}

TEST_F(CsvLoaderTest, ShowsOnlyTheFirstHundredErrors) {
  std::string content = "id,customer,amount\n";
  for (int i = 0; i < 250; ++i) content += "x,y,z\n";

  const auto summary = load(content);

  ASSERT_TRUE(summary);
  EXPECT_EQ(summary.value().at("errors").as_array().size(), 100U);
  EXPECT_EQ(summary.value().at("errors_not_shown").as_int64(), 150);
}

TEST_F(CsvLoaderTest, AddsTheColumnsOfAWiderSchema) {
  ASSERT_TRUE(load("id,extra\n1,x\n", R"({"columns":[{"name":"id","type":"integer"}]})"));
  ASSERT_TRUE(load("id,extra\n1,x\n", R"({"columns":[{"name":"id","type":"integer"},{"name":"extra"}]})"));

  EXPECT_EQ(text_of(query("SELECT extra FROM sales").rows[0][0]), "x");
}

TEST_F(CsvLoaderTest, DoesNotTouchTablesThatAreNotItsOwn) {
  ASSERT_TRUE(database->transaction(
      [](Session& session) { return session.run("CREATE TABLE customers (id TEXT)"); }));

  const auto foreign = load("id,customer,amount\n1,J,2\n", kSchema, "customers");
  const auto own = load("id,customer,amount\n1,J,2\n", kSchema, "csv_loads");
  const auto injected = load("id,customer,amount\n1,J,2\n", kSchema, "x; DROP TABLE customers");

  EXPECT_EQ(foreign.error().code, ErrorCode::Conflict);
  EXPECT_EQ(own.error().code, ErrorCode::Conflict);
  EXPECT_EQ(injected.error().code, ErrorCode::InvalidArgument);
}

TEST_F(CsvLoaderTest, KeepsNamesOfColumnsFromBecomingSql) {
  const auto summary = load("\"a\"\"b); DROP TABLE x\"\n1\n",
                            R"({"columns":[{"name":"a\"b); DROP TABLE x","type":"integer"}]})");

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(count("SELECT count(*) FROM sales"), 1);
}

TEST_F(CsvLoaderTest, ReportsAnEmptyFile) {
  const auto outcome = load("");

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "s3://my-data-bucket/uploads/data.csv has no header line.");
}

TEST(CsvSchema, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {R"([])", R"({})", R"({"columns":[]})", R"({"columns":[{}]})", R"({"columns":[{"name":""}]})",
        R"({"columns":[{"name":"_row"}]})", R"({"columns":[{"name":"a"},{"name":"A"}]})",
        R"({"columns":[{"name":"a","type":"decimal"}]})", R"({"columns":[{"name":"a","type":1}]})",
        R"({"columns":[{"name":"a","required":"yes"}]})", R"({"columns":[{"name":"a","min":"x"}]})",
        R"({"columns":[{"name":"a","type":"date","min":5}]})", R"({"columns":[{"name":"a","allowed":[]}]})",
        R"({"columns":[{"name":"a","minimum":5}]})", R"({"delimiter":",,","columns":[{"name":"a"}]})"}) {
    const auto schema = CsvSchema::parse(json::parse(text));
    ASSERT_FALSE(schema) << text;
    EXPECT_EQ(schema.error().code, ErrorCode::InvalidArgument) << text;
  }
}

}  // namespace
}  // namespace ebagent::tools
