# What users build against: cmake --install BUILD --prefix DIR, then find_package(ebagent) with CMAKE_PREFIX_PATH=DIR; or, without
# installing, find_package(ebagent) with ebagent_DIR=BUILD.
#   ebagent::ebagent  an app with the whole command line (App::main)
#   ebagent::agent    apps, agents and tools alone
#   ebagent::testing  the test kit (ebagent/testing.hpp)
include(CMakePackageConfigHelpers)

add_library(ebagent_everything INTERFACE)
target_link_libraries(ebagent_everything INTERFACE ebagent_cli)
set_target_properties(ebagent_everything PROPERTIES EXPORT_NAME ebagent)

install(TARGETS ebagent_everything EXPORT ebagent)
install(TARGETS eventbridge-agent RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ebagent DESTINATION include)
install(EXPORT ebagent FILE ebagentTargets.cmake NAMESPACE ebagent:: DESTINATION lib/cmake/ebagent)
export(EXPORT ebagent FILE ${CMAKE_BINARY_DIR}/ebagentTargets.cmake NAMESPACE ebagent::)

configure_file(${CMAKE_SOURCE_DIR}/cmake/ebagentConfig.cmake ${CMAKE_BINARY_DIR}/ebagentConfig.cmake COPYONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ebagentConfigVersion.cmake VERSION ${PROJECT_VERSION}
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ebagentConfig.cmake ${CMAKE_BINARY_DIR}/ebagentConfigVersion.cmake
        DESTINATION lib/cmake/ebagent)
