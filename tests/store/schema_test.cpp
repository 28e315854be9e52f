#include "store/sqlite/schema.hpp"

#include <fstream>
#include <iterator>

#include "builders.hpp"
#include "store/sqlite/connection.hpp"

namespace ebagent::store {
namespace {

// Makes a store in `folder` of what an earlier version of this program left behind.
void restore(const std::filesystem::path& folder, const std::string& dump) {
  std::ifstream file{std::filesystem::path{EBAGENT_TEST_DATA} / dump};
  const std::string sql{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(sql.empty());
  const auto connection = value_of(sqlite::Connection::open(folder / "events.db", sqlite::Access::ReadWrite));
  value_of(connection->run("PRAGMA page_size=8192"));
  value_of(connection->run(sql.c_str()));
}

TEST(Schema, BringsAStoreOfVersion1ToTheNewest) {
  const testing::TemporaryFolder folder;
  restore(folder.path(), "schema_1.sql");

  const auto store = open_at(folder.path());

  const auto runs = value_of(store->runs({}));
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].agent, "order-counter");
  EXPECT_EQ(runs[0].result, "Order order_1 counted.");
  EXPECT_EQ(runs[0].event, value_of(store->event_by_id(runs[0].event_id)));
  const auto steps = value_of(store->steps(runs[0].id));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].name, "turn 1");
  EXPECT_EQ(value_of(store->counts()).delivered, 1);
  EXPECT_EQ(value_of(store->catalog("rule")).size(), 1U);
}

TEST(Schema, OfAnOlderVersionIsNotReadButSaysWhatToDo) {
  const testing::TemporaryFolder folder;
  restore(folder.path(), "schema_1.sql");

  const auto reader = sqlite::open_read_only(folder.path());

  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::Unsupported);
  EXPECT_NE(reader.error().message.find("Start `eventbridge-agent serve`"), std::string::npos);
}

TEST(Schema, IsTheSameForAStoreBroughtUpAndANewOne) {
  const auto tables_of = [](const std::filesystem::path& folder) {
    const auto connection =
        value_of(sqlite::Connection::open(folder / "events.db", sqlite::Access::ReadOnly));
    sqlite::Statement tables{
        *connection,
        "SELECT type || ' ' || name || ' ' || replace(coalesce(sql, ''), '\"', '') FROM sqlite_schema "
        "WHERE name NOT LIKE 'sqlite_%' ORDER BY name"};
    auto rows = value_of(tables.query());
    std::vector<std::string> found;
    while (value_of(rows.next())) found.push_back(rows.text(0));
    return found;
  };
  const testing::TemporaryFolder old_one, new_one;
  restore(old_one.path(), "schema_1.sql");

  open_at(old_one.path());
  open_at(new_one.path());

  EXPECT_EQ(tables_of(old_one.path()), tables_of(new_one.path()));
  EXPECT_FALSE(tables_of(new_one.path()).empty());
}

}  // namespace
}  // namespace ebagent::store
