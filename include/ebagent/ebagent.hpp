#pragma once

// All of the library that a user's agents include.
#include "ebagent/agent.hpp"
#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/flow_control.hpp"
#include "ebagent/hooks.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "ebagent/run.hpp"
#include "ebagent/tool.hpp"
