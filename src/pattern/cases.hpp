#pragma once

#include <cstddef>
#include <istream>
#include <ostream>

namespace ebagent::pattern {

// Runs a file of matching cases, one JSON object a line, in any of three forms:
//   {"id","patterns":[{"name","pattern"}],"event","matched":[..],"errors":{name:message},"event_error":..}
//   the same with "ops":[{"op":"add"|"delete","name","pattern"}] in place of "patterns"
//   {"id","pattern","event","expect":"match"|"no-match"|"exception"|"event-exception","error":{"code","message"}}
// Messages are compared up to the place in the text that a JSON parser appends (" at [Source"). The first two
// forms are compiled without the limit on wildcards, the third with AWS's limits. Prints each disagreement,
// then "N agree, N disagree". Returns the number of disagreements.
std::size_t run_cases(std::istream& in, std::ostream& out);

}  // namespace ebagent::pattern
