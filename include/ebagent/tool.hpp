#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/detail/decode.hpp"
#include "ebagent/detail/encode.hpp"
#include "ebagent/detail/fixed_string.hpp"
#include "ebagent/detail/schema.hpp"
#include "ebagent/detail/signature.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent {

// What a tool or step does to the world, which decides what happens when the process died in the middle of
// it.
enum class Effect {
  Read,        // changes nothing: called again
  Idempotent,  // the same idempotency key changes things once: called again with the same key
  Once,  // may be called at most once: its outcome is reported as unknown, it is never silently repeated
};

// "read", "idempotent" or "once".
[[nodiscard]] std::string_view to_string(Effect effect);

// The chain of events that an event belongs to: agents put events, which wake agents.
struct Chain {
  int hops = 0;            // how many agents' events led to this one
  std::string trace = {};  // the same for all of them: 32 hexadecimal digits; empty: it is still to begin

  bool operator==(const Chain&) const = default;
};

// Where events that agents put go: the bus of a server, or a queue of the process.
// Thread safety: put_event() may be called from any thread.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Takes an event that belongs to `chain`. An id that was taken before is taken again without
  // effect. The event is as durable as the sink can make it when this returns.
  virtual Result<void> put_event(const Event& event, const Chain& chain) = 0;
};

// What an event chain may grow to: agents that trigger each other end after this many events in a row.
inline constexpr int kDefaultHopLimit = 10;

// What a tool or step knows about the call it serves. Lives as long as the call; belongs to its thread.
class ToolContext {
 public:
  struct Call {
    std::string run_id = {};
    std::string agent = {};
    std::string step = {};                  // the step's name in its run
    std::string idempotency_key = {};       // H(run, step): the same when the call is repeated after a crash
    TimePoint deadline = TimePoint::max();  // when the run's time is up
    Chain chain = {};                       // of the event being worked on
    int hop_limit = kDefaultHopLimit;
  };

  // `event`, `clock` and `sink` must outlive the context; without a sink put_event is refused.
  ToolContext(Call call, const Event& event, const Clock& clock, EventSink* sink = nullptr)
      : call_(std::move(call)), event_(event), clock_(clock), sink_(sink) {}

  [[nodiscard]] const std::string& run_id() const { return call_.run_id; }
  [[nodiscard]] const std::string& agent() const { return call_.agent; }
  [[nodiscard]] const std::string& step() const { return call_.step; }
  // To be handed to whatever can recognise a repetition: an `Idempotency-Key` header, a deduplication id, a
  // unique column.
  [[nodiscard]] const std::string& idempotency_key() const { return call_.idempotency_key; }
  [[nodiscard]] TimePoint deadline() const { return call_.deadline; }
  [[nodiscard]] const Chain& chain() const { return call_.chain; }
  [[nodiscard]] const Event& event() const { return event_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] TimePoint now() const { return clock_.now(); }

  // Puts an event in answer to the current one and returns its id, which follows from the idempotency key, so
  // that a repeated call puts no second event. `detail_json` is the text of a JSON object. Errors:
  // LimitExceeded past the hop limit, InvalidArgument for an empty field, a source of AWS or a detail that is
  // no object, Unsupported when there is nowhere to put events; what the sink says otherwise.
  Result<std::string> put_event(std::string_view source, std::string_view detail_type,
                                std::string_view detail_json) const;
  Result<std::string> put_event(std::string_view source, std::string_view detail_type,
                                const boost::json::object& detail) const;

 private:
  Call call_;
  const Event& event_;
  const Clock& clock_;
  EventSink* sink_;
  mutable int events_put_ = 0;
};

// What a tool touches, for the check of combinations that are dangerous together: what strangers wrote, what must not get
// out, and a way out.
struct ToolTraits {
  bool reads_sensitive = false;   // its results may hold secrets or personal data
  bool acts_outside = false;      // it sends or changes something beyond the agent's own system
  bool brings_untrusted = false;  // its results hold text that strangers may have written
  // The arguments that say where it acts (an address, a bucket). Where all of them are bound to values or constrained, it is
  // no way out.
  std::vector<std::string> destinations = {};
};

struct ToolOptions {
  Effect effect = Effect::Once;
  Approval approval = Approval::Never;
  // After this the caller goes on without the result; zero: the runtime's own bound, kDefaultToolTimeout.
  std::chrono::milliseconds timeout{0};
  ToolTraits traits = {};
};

inline constexpr std::chrono::milliseconds kDefaultToolTimeout{60'000};

// One named, described, typed argument of a tool. std::optional types may be left out by the caller.
template <detail::FixedString Name, class T, detail::FixedString Description = "">
struct Arg {
  using Value = T;
  static constexpr std::string_view kName = Name.view();
  static constexpr std::string_view kDescription = Description.view();

  T value{};

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
  operator const T&() const { return value; }
};

// A typed, described function that an agent may call. A value; copying shares the function.
// Thread safety: invoke() may be called from several threads at once; the function must bear that.
class Tool {
 public:
  using Function = std::function<Result<boost::json::value>(const boost::json::value&, const ToolContext&)>;

  // A tool whose schema is known at run time; `function` checks its arguments itself.
  Tool(std::string name, std::string description, boost::json::value input_schema, Function function,
       ToolOptions options = {});

  // A tool from a callable whose parameters are either Args or one struct described with
  // BOOST_DESCRIBE_STRUCT, then optionally a const ToolContext&. It returns nothing, a string, a JSON value,
  // a described struct ... or a Result of one. The schema follows from the signature.
  template <class F>
  static Tool from(std::string name, std::string description, F function, ToolOptions options = {});

  [[nodiscard]] const std::string& name() const { return parts_->name; }
  [[nodiscard]] const std::string& description() const { return parts_->description; }
  [[nodiscard]] const boost::json::value& input_schema() const { return parts_->input_schema; }
  [[nodiscard]] Effect effect() const { return parts_->options.effect; }
  [[nodiscard]] const ToolOptions& options() const { return parts_->options; }

  // Checks the arguments against the schema and calls the function. InvalidArgument names every wrong
  // argument by its JSON pointer; what the function throws comes back as Internal.
  [[nodiscard]] Result<boost::json::value> invoke(const boost::json::value& arguments,
                                                  const ToolContext& context) const;

 private:
  struct Parts {
    std::string name;
    std::string description;
    boost::json::value input_schema;
    Function function;
    ToolOptions options;
  };
  std::shared_ptr<const Parts> parts_;
};

namespace detail {

template <class T>
struct IsArg : std::false_type {};
template <FixedString Name, class T, FixedString Description>
struct IsArg<Arg<Name, T, Description>> : std::true_type {};

template <class T>
struct IsResult : std::false_type {};
template <class T>
struct IsResult<Result<T>> : std::true_type {};

template <class T>
inline constexpr bool kIsContext = std::is_same_v<std::remove_cvref_t<T>, ToolContext>;

// Calls and brings whatever the callable returns into one form.
template <class Call>
Result<boost::json::value> call_encoded(Call&& call) {
  using Return = std::invoke_result_t<Call>;
  if constexpr (std::is_void_v<Return>) {
    call();
    return boost::json::value(nullptr);
  } else if constexpr (IsResult<Return>::value) {
    auto result = call();
    if (!result) return fail(std::move(result).assume_error());
    if constexpr (std::is_void_v<typename Return::value_type>) {
      return boost::json::value(nullptr);
    } else {
      return encode(result.assume_value());
    }
  } else {
    return encode(call());
  }
}

// Tools of named arguments: the parameters (but for a trailing context) are all Arg.
template <class... Args>
struct NamedArguments {
  using Values = std::tuple<Args...>;

  static boost::json::object schema() {
    boost::json::object properties;
    boost::json::array required;
    (add_property<typename Args::Value>(properties, required, Args::kName, Args::kDescription, 1), ...);
    return closed_object(std::move(properties), std::move(required));
  }

  static Result<Values> read(const boost::json::value& from) {
    Values values;
    Problems problems;
    if (const boost::json::object* object = from.if_object()) {
      std::apply([&](auto&... arg) { (decode_member(*object, arg.kName, arg.value, problems, 0), ...); },
                 values);
      refuse_unknown(*object, {Args::kName...}, problems);
    } else {
      problems.expected("an object of arguments", from);
    }
    if (!problems.empty()) return fail(ErrorCode::InvalidArgument, problems.text());
    return values;
  }
};

// Tools of one described struct.
template <class T>
struct StructArgument {
  using Values = std::tuple<T>;

  static boost::json::object schema() { return schema_of<T>(); }

  static Result<Values> read(const boost::json::value& from) {
    auto value = decode<T>(from);
    if (!value) return fail(std::move(value).assume_error());
    return Values{std::move(value).assume_value()};
  }
};

template <class... P>
struct ArgumentsOf {
  static_assert((IsArg<P>::value && ...),
                "A tool takes Arg<\"name\", Type, \"description\"> parameters, or one struct described with "
                "BOOST_DESCRIBE_STRUCT, and then optionally a const ToolContext&.");
  using type = NamedArguments<P...>;
};
template <DescribedStruct T>
struct ArgumentsOf<T> {
  using type = StructArgument<T>;
};

template <class Parameters, class Indices>
struct ParameterList;
template <class Parameters, std::size_t... I>
struct ParameterList<Parameters, std::index_sequence<I...>> {
  using Arguments = typename ArgumentsOf<std::remove_cvref_t<std::tuple_element_t<I, Parameters>>...>::type;
};

template <class Parameters>
constexpr bool takes_context() {
  constexpr std::size_t count = std::tuple_size_v<Parameters>;
  if constexpr (count == 0) {
    return false;
  } else {
    return kIsContext<std::tuple_element_t<count - 1, Parameters>>;
  }
}

}  // namespace detail

template <class F>
Tool Tool::from(std::string name, std::string description, F function, ToolOptions options) {
  using Parameters = typename detail::Signature<F>::Parameters;
  constexpr bool kTakesContext = detail::takes_context<Parameters>();
  using Indices = std::make_index_sequence<std::tuple_size_v<Parameters> - (kTakesContext ? 1 : 0)>;
  using Arguments = typename detail::ParameterList<Parameters, Indices>::Arguments;
  auto invoke = [function = std::move(function)](const boost::json::value& arguments,
                                                 const ToolContext& context) -> Result<boost::json::value> {
    auto values = Arguments::read(arguments);
    if (!values) return fail(std::move(values).assume_error());
    return std::apply(
        [&](auto&... value) {
          return detail::call_encoded([&] {
            if constexpr (kTakesContext) {
              return function(std::move(value)..., context);
            } else {
              (void)context;
              return function(std::move(value)...);
            }
          });
        },
        values.assume_value());
  };
  return Tool(std::move(name), std::move(description), Arguments::schema(), std::move(invoke), options);
}

}  // namespace ebagent
