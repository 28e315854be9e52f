#include "builders.hpp"

namespace ebagent::store {
namespace {

class CatalogTable : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, CatalogTable, each_store, kind_of);

std::vector<std::string> keys_of(const std::vector<CatalogRecord>& records) {
  std::vector<std::string> keys;
  for (const CatalogRecord& record : records) keys.push_back(record.key);
  return keys;
}

TEST_P(CatalogTable, GivesTheRecordsOfAKindInTheOrderOfTheirKeys) {
  const auto store = open();

  value_of(store->commit_and_wait({PutCatalog{{"rule", "b", "2"}}, PutCatalog{{"rule", "a", "1"}},
                                   PutCatalog{{"bus", "default", "{}"}}}));

  const auto rules = value_of(store->catalog("rule"));
  EXPECT_EQ(keys_of(rules), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rules[0].json, "1");
  EXPECT_TRUE(value_of(store->catalog("archive")).empty());
}

TEST_P(CatalogTable, ReplacesARecordOfTheSameKey) {
  const auto store = open();
  value_of(store->commit_and_wait({PutCatalog{{"rule", "a", "old"}}}));

  value_of(store->commit_and_wait({PutCatalog{{"rule", "a", "new"}}}));

  const auto rules = value_of(store->catalog("rule"));
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].json, "new");
}

TEST_P(CatalogTable, ForgetsADeletedRecord) {
  const auto store = open();
  value_of(store->commit_and_wait({PutCatalog{{"rule", "a", "1"}}, PutCatalog{{"rule", "b", "2"}}}));

  value_of(store->commit_and_wait({DeleteCatalog{"rule", "a"}, DeleteCatalog{"rule", "never there"}}));

  EXPECT_EQ(keys_of(value_of(store->catalog("rule"))), (std::vector<std::string>{"b"}));
}

}  // namespace
}  // namespace ebagent::store
