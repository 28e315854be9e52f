# Compiler settings shared by every room: C++20, warnings as errors, sanitizers, fast linkers and ccache where present.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Debian's g++ makes position-independent executables by itself; one setting everywhere lets all share the precompiled header.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

option(EBAGENT_TESTS "Build the unit tests" ON)
option(EBAGENT_BENCH "Build the benchmarks" OFF)
option(EBAGENT_FUZZ "Build the fuzz targets; needs clang and EBAGENT_SANITIZE with fuzzer-no-link" OFF)
set(EBAGENT_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them (address,undefined or thread)")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# g++ 12 reports these wrongly inside the standard library and Boost at -O2.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
                      -Wno-array-bounds -Wno-dangling-pointer -Wno-free-nonheap-object -Wno-nonnull)
endif()
if(EBAGENT_SANITIZE)
  add_compile_options(-fsanitize=${EBAGENT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EBAGENT_SANITIZE})
endif()
if(EBAGENT_SANITIZE MATCHES "thread")
  # Boost uses fences that this sanitizer cannot model; g++ warns at each.
  add_compile_options(-Wno-tsan)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # A precompiled header is cached only with these two liberties; both are safe here because no file uses __TIME__.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  add_compile_options(-fpch-preprocess)
endif()

find_program(MOLD_PROGRAM mold)
find_program(LLD_PROGRAM ld.lld)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
elseif(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

# Debian keeps 1.74 as its default Boost; 1.81 stands beside it.
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json context)
add_compile_definitions(BOOST_ALL_NO_LIB BOOST_ASIO_NO_DEPRECATED)
find_package(Threads REQUIRED)
