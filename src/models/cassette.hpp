#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "models/cassette_file.hpp"
#include "models/cassette_request.hpp"

namespace ebagent::models {

// Recorded turns and which of them were played. Several models may share one.
// Thread safety: all of it may be called from any thread.
class Cassette {
 public:
  // Turns to be played, that stand nowhere or were read from `name`.
  Cassette(std::string name, CassetteContent content, Redact redact = {});

  // To be played: NotFound, Malformed ... for the file.
  [[nodiscard]] static Result<std::shared_ptr<Cassette>> open(const std::filesystem::path& file,
                                                              Redact redact = {});
  // To be recorded on: what the file has stays, but for turns of requests that are recorded anew. It is written at each turn.
  // `agent` and `model` are told in the file.
  [[nodiscard]] static Result<std::shared_ptr<Cassette>> open_to_record(const std::filesystem::path& file,
                                                                        std::string agent, std::string model,
                                                                        Redact redact = {});

  // The turn that was recorded for this request: the first that was not played, or the last when all were. Without one, the
  // next turn that has no request. NotFound shows the nearest request and where this one differs.
  [[nodiscard]] Result<Turn> play(const Conversation& conversation);
  // Io when the file cannot be written; the turn is on no cassette then.
  Result<void> record(const Conversation& conversation, const Turn& turn);

  // Conflict when turns were left that nobody asked for; says which. For the end of a test.
  [[nodiscard]] Result<void> check() const;

  [[nodiscard]] const std::string& model() const { return content_.model; }
  [[nodiscard]] CassetteContent content() const;

 private:
  struct Played {
    std::string key = {};  // empty: has no request
    bool was_played = false;
    bool is_new = false;  // recorded by this process
  };

  [[nodiscard]] std::optional<std::size_t> find(const std::string& key) const;
  [[nodiscard]] Error miss(const boost::json::object& request) const;
  // Of earlier recordings.
  void forget(const std::string& key);

  const std::string name_;
  const Redact redact_;
  std::filesystem::path file_;  // to be written at each turn; empty: none
  mutable std::mutex mutex_;  // guards what follows; held while the file is written, so that no turn is lost
  CassetteContent content_;
  std::vector<Played> played_;  // beside content_.turns
};

// A model whose turns come from a cassette, or go onto it.
class CassetteModel final : public Model {
 public:
  // `behind` is asked in the modes Live and Record, and may be null in Replay.
  CassetteModel(CassetteMode mode, std::shared_ptr<Cassette> cassette, std::shared_ptr<const Model> behind);

  Result<Turn> next(const Conversation& conversation, const TurnRequest& request) const override;
  [[nodiscard]] std::string_view name() const override;

 private:
  const CassetteMode mode_;
  const std::shared_ptr<Cassette> cassette_;
  const std::shared_ptr<const Model> behind_;
};

// "live", "record", "replay". InvalidArgument for other words.
[[nodiscard]] Result<CassetteMode> cassette_mode_of(std::string_view word);

// `model` with the cassette that the settings name, in the mode that they say, or that `override_mode` (the environment's
// EBAGENT_CASSETTE_MODE) says when it is not empty. The model itself when they name none.
[[nodiscard]] Result<std::shared_ptr<const Model>> with_cassette(std::shared_ptr<const Model> model,
                                                                 const CassetteSettings& settings,
                                                                 std::string_view override_mode,
                                                                 Redact redact = {});

}  // namespace ebagent::models
