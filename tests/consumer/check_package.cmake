# Run by the tests package.static and package.shared; see CMakeLists.txt beside it.
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(output "${output}" PARENT_SCOPE)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "failed (${result}): ${command}\n${output}")
  endif()
endfunction()

# A tree with one kind only, as a distribution would ship it.
foreach(component headers ${kind})
  run(${CMAKE_COMMAND} --install ${build} --prefix ${prefix} --component ${component})
endforeach()

# find_package
run(${CMAKE_COMMAND} -S ${project} -B ${work}/build -G ${generator}
  -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/consumer)
message(STATUS "find_package: ${output}")

# pkg-config
find_program(pkg_config NAMES pkg-config pkgconf)
if(pkg_config)
  file(GLOB_RECURSE pc ${prefix}/ingot.pc)
  cmake_path(GET pc PARENT_PATH pc_folder)
  set(ENV{PKG_CONFIG_PATH} ${pc_folder})
  set(static_flag)
  if(kind STREQUAL static)
    set(static_flag --static)
  endif()
  run(${pkg_config} --cflags --libs ${static_flag} --define-variable=prefix=${prefix} ingot)
  string(STRIP "${output}" flags)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  cmake_path(GET pc_folder PARENT_PATH library_folder)
  run(${compiler} -std=c++20 ${project}/main.cpp -I${work}/build/consumer_shaders
    -o ${work}/by_pkg_config ${flags}
    -Wl,-rpath,${library_folder})
  run(${work}/by_pkg_config)
  message(STATUS "pkg-config: ${output}")
endif()

# A shared library shows namespace ingot and the C interface, and nothing else.
if(kind STREQUAL shared AND nm AND CMAKE_HOST_SYSTEM_NAME STREQUAL Linux)
  file(GLOB_RECURSE library ${prefix}/libingot.so)
  run(${nm} -D --defined-only --format=posix ${library})
  string(REGEX REPLACE "\n" ";" symbols "${output}")
  set(foreign ${symbols})
  list(FILTER foreign EXCLUDE REGEX "^(ingot_|_ZNK?5ingot|_ZT[ISVTC]N?5ingot|_ZT[hv].*N5ingot)")
  list(FILTER foreign EXCLUDE REGEX "^$")
  if(foreign)
    list(JOIN foreign "\n  " foreign)
    message(FATAL_ERROR "symbols from outside of ingot are exported:\n  ${foreign}")
  endif()
  list(LENGTH symbols count)
  if(count LESS 10)
    message(FATAL_ERROR "hardly anything is exported:\n${output}")
  endif()
  message(STATUS "exported: ${count} symbols, all of ingot")
endif()
