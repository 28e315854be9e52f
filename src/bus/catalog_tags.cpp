#include <boost/json.hpp>
#include <utility>

#include "bus/catalog.hpp"
#include "bus/catalog_state.hpp"
#include "bus/validation.hpp"
#include "core/json.hpp"

namespace ebagent::bus {

namespace json = boost::json;

std::string write_tags(const Tags& tags) {
  json::object object;
  for (const auto& [key, value] : tags) object[key] = value;
  return core::write_json(object);
}

Result<void> Catalog::State::load_tags() {
  BOOST_OUTCOME_TRY(const auto records, store.catalog(kTagsRecord));
  for (const auto& record : records) {
    const auto parsed = core::parse_json(record.json);
    if (!parsed || !parsed.value().is_object()) {
      return fail(ErrorCode::Malformed, "The store's tags of " + record.key + " cannot be read.");
    }
    Tags& own = tags[record.key];
    for (const auto& [key, value] : parsed.value().get_object()) {
      if (value.is_string()) own[std::string{key}] = value.get_string();
    }
  }
  return success();
}

// Rules and buses are what has tags; the ARN says which, and of which scope.
Result<void> Catalog::State::check_taggable(const Scope& scope, std::string_view arn) const {
  const std::string of_rules = rule_arn(scope, kDefaultBus, "");
  const std::string of_buses = bus_arn(scope, "");
  if (arn.starts_with(of_buses) && has_bus(scope, arn.substr(of_buses.size()))) return success();
  if (arn.starts_with(of_rules)) {
    const std::string_view rest = arn.substr(of_rules.size());
    const std::size_t slash = rest.rfind('/');
    const bool is_default = slash == std::string_view::npos;
    BusKey key{scope, std::string{is_default ? kDefaultBus : rest.substr(0, slash)}};
    BOOST_OUTCOME_TRYV(find(key, is_default ? rest : rest.substr(slash + 1)));
    return success();
  }
  return fail(ErrorCode::NotFound, "There is no rule or event bus of the ARN " + std::string{arn} + ".");
}

Result<void> Catalog::State::save_tags(const std::string& arn, Tags changed) {
  store::Transaction writes;
  if (changed.empty()) {
    writes.emplace_back(store::DeleteCatalog{std::string{kTagsRecord}, arn});
  } else {
    writes.emplace_back(store::PutCatalog{{std::string{kTagsRecord}, arn, write_tags(changed)}});
  }
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));
  const std::unique_lock lock{mutex};
  if (changed.empty()) {
    tags.erase(arn);
  } else {
    tags.insert_or_assign(arn, std::move(changed));
  }
  return success();
}

Result<void> Catalog::tag_resource(const Scope& scope, const std::string& arn, const Tags& tags) {
  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(Tags all, tags_of(scope, arn));
  for (const auto& [key, value] : tags) all.insert_or_assign(key, value);
  BOOST_OUTCOME_TRYV(check_tags(all));
  return state_->save_tags(arn, std::move(all));
}

Result<void> Catalog::untag_resource(const Scope& scope, const std::string& arn,
                                     const std::vector<std::string>& keys) {
  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(Tags all, tags_of(scope, arn));
  for (const std::string& key : keys) all.erase(key);
  return state_->save_tags(arn, std::move(all));
}

Result<Tags> Catalog::tags_of(const Scope& scope, const std::string& arn) const {
  BOOST_OUTCOME_TRYV(state_->check_taggable(scope, arn));
  const std::shared_lock lock{state_->mutex};
  const auto found = state_->tags.find(arn);
  return found == state_->tags.end() ? Tags{} : found->second;
}

}  // namespace ebagent::bus
