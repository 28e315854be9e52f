#pragma once

// All of the library that a user's agents include.
#include "ebagent/agent.hpp"
#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "ebagent/run.hpp"
#include "ebagent/tool.hpp"
