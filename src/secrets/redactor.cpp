#include "secrets/redactor.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "core/percent.hpp"

namespace ebagent::secrets {
namespace {

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i + 3 <= bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) {
      return static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k]));
    };
    const unsigned bits = at(0) << 16U | at(1) << 8U | at(2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text.push_back(kDigits[bits >> shift & 63U]);
  }
  return text;
}

// How a value looks where it was written into something else.
std::vector<std::string> forms_of(const std::string& value) {
  std::set<std::string> forms{value, core::percent_encode(value)};
  std::string quoted;
  core::append_json_string(quoted, value);
  forms.insert(quoted.substr(1, quoted.size() - 2));
  // Base64 of a text that the value is a part of: where it begins decides the digits, so all three, without the ends
  // that neighbours have a share in.
  for (const std::size_t skip : {0U, 1U, 2U}) {
    if (value.size() < skip + 6) continue;
    forms.insert(base64_of(std::string_view(value).substr(skip)));
  }
  std::vector<std::string> sorted(forms.begin(), forms.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return sorted;
}

bool replace_all(std::string& text, const std::string& what, const std::string& by) {
  std::size_t at = text.find(what);
  if (at == std::string::npos) return false;
  std::string result;
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.find(what, from)) {
    result.append(text, from, at - from).append(by);
    from = at + what.size();
  }
  text = result.append(text, from);
  return true;
}

}  // namespace

Result<void> Redactor::add(std::string_view name, std::string_view value) {
  if (value.size() < kMinSecretBytes) return success();
  const std::scoped_lock lock{mutex_};
  const bool is_known = std::any_of(known_->begin(), known_->end(), [&](const Known& known) {
    return known.name == name && known.value == value;
  });
  if (is_known) return success();
  All all = *known_;
  std::set<std::string_view> names;
  for (const Known& known : all) names.insert(known.name);
  if (!names.contains(name) && names.size() == kMaxNames) {
    return fail(ErrorCode::LimitExceeded, "More than " + std::to_string(kMaxNames) + " secrets are in use.");
  }
  const auto same_name = [&](const Known& known) { return known.name == name; };
  if (std::size_t(std::count_if(all.begin(), all.end(), same_name)) == kValuesPerName) {
    all.erase(std::find_if(all.begin(), all.end(), same_name));
  }
  all.push_back({std::string(name), std::string(value), forms_of(std::string(value))});
  count_.store(all.size(), std::memory_order_release);
  known_ = std::make_shared<const All>(std::move(all));
  return success();
}

Result<std::string> Redactor::resolve(const SecretReference& reference) {
  BOOST_OUTCOME_TRY(auto value, secrets::resolve(reference));
  BOOST_OUTCOME_TRYV(add(reference.name(), value));
  return value;
}

std::shared_ptr<const Redactor::All> Redactor::known() const {
  if (is_empty()) return nullptr;
  const std::scoped_lock lock{mutex_};
  return known_;
}

bool Redactor::replace(std::string& text, const All& all) {
  bool is_changed = false;
  for (const Known& known : all) {
    for (const std::string& form : known.forms) {
      if (text.size() < form.size()) continue;
      is_changed = replace_all(text, form, "[secret " + known.name + "]") || is_changed;
    }
  }
  return is_changed;
}

void Redactor::replace(boost::json::value& value, const All& all) {
  if (auto* text = value.if_string()) {
    std::string copy(*text);
    if (replace(copy, all)) *text = copy;
  } else if (auto* array = value.if_array()) {
    for (boost::json::value& element : *array) replace(element, all);
  } else if (auto* object = value.if_object()) {
    std::vector<std::pair<std::string, std::string>> renamed;
    for (auto& [key, member] : *object) {
      replace(member, all);
      std::string name(key);
      if (replace(name, all)) renamed.emplace_back(std::string(key), std::move(name));
    }
    for (const auto& [key, name] : renamed) {
      boost::json::value member = std::move((*object)[key]);
      object->erase(key);
      (*object)[name] = std::move(member);
    }
  }
}

std::string Redactor::redact(std::string text) const {
  if (const auto all = known()) replace(text, *all);
  return text;
}

boost::json::value Redactor::redact(boost::json::value value) const {
  if (const auto all = known()) replace(value, *all);
  return value;
}

Error Redactor::redact(Error error) const {
  error.message = redact(std::move(error.message));
  return error;
}

}  // namespace ebagent::secrets
