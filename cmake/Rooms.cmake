# ebagent_room(NAME SOURCES a.cpp ... DEPS room ... LIBS library ...)
#   A static library of one room; DEPS are the rooms it may include, LIBS what it takes from the system.
function(ebagent_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_library(ebagent_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(ebagent_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src> $<INSTALL_INTERFACE:include>)
  target_compile_features(ebagent_${name} INTERFACE cxx_std_20)
  set_target_properties(ebagent_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ebagent_${name} EXPORT ebagent ARCHIVE DESTINATION lib/ebagent)
  list(TRANSFORM ROOM_DEPS PREPEND ebagent_)
  target_link_libraries(ebagent_${name} PUBLIC ${ROOM_DEPS} ${ROOM_LIBS})
  ebagent_precompile(ebagent_${name})
endfunction()

# ebagent_test(NAME SOURCES a_test.cpp ... DEPS room ... LIBS library ...)
#   One GoogleTest program a room; every TEST in it is a ctest case.
function(ebagent_test name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${name}_tests ${ROOM_SOURCES})
  list(TRANSFORM ROOM_DEPS PREPEND ebagent_)
  target_link_libraries(${name}_tests PRIVATE ${ROOM_DEPS} ${ROOM_LIBS} GTest::gtest_main GTest::gmock)
  target_include_directories(${name}_tests PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  # Half of the time of a build went into the tests; what they test is optimised all the same.
  target_compile_options(${name}_tests PRIVATE -O0)
  if(name STREQUAL "core")
    target_precompile_headers(core_tests PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_tests.hpp)
  else()
    # Not for core, whose precompiled header would have it in it.
    target_compile_definitions(${name}_tests PRIVATE EBAGENT_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}")
    target_precompile_headers(${name}_tests REUSE_FROM core_tests)
  endif()
  add_dependencies(unit_tests ${name}_tests)
  gtest_discover_tests(${name}_tests TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# The precompiled header is built once, with core, and reused by every other target.
function(ebagent_precompile target)
  if(target STREQUAL "ebagent_core")
    target_precompile_headers(ebagent_core PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp)
  else()
    target_precompile_headers(${target} REUSE_FROM ebagent_core)
  endif()
endfunction()
