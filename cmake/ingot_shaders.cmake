# Compute shaders for operators of your own (ingot/custom.h):
#
#   ingot_add_shaders(<target> SHADER.comp... [NAMESPACE name] [INCLUDE folder...])
#
# compiles each shader when it, or what it includes, has changed, and lets <target> include
# "SHADER.comp.h", which defines the words as `shaders::SHADER` (or name::SHADER). Shaders find
# "ingot/index.glsl", "ingot/status.glsl" and "ingot/group_reduce.glsl", and what lies in `folder`. A
# shader with lines `// variant: NAME DEFINE=VALUE...` defines one array a line, under these names.
#
# Part of the package: the library's own shaders are compiled by the same rule.

# Adds the rule that makes SPIR-V of a shader, as a file of words or (AS_TEXT) of their numbers in C.
function(ingot_compile_shader output shader)
  cmake_parse_arguments(PARSE_ARGV 2 arg "AS_TEXT" "" "DEFINES;INCLUDE")
  list(TRANSFORM arg_DEFINES PREPEND "-D")
  list(TRANSFORM arg_INCLUDE PREPEND "-I")
  cmake_path(GET INGOT_GLSLANG STEM compiler)
  if(compiler STREQUAL glslc)
    set(flags --target-env=vulkan1.2 -MD -MF ${output}.d $<$<BOOL:${arg_AS_TEXT}>:-mfmt=num>)
  else()
    set(flags --quiet --target-env vulkan1.2 --depfile ${output}.d $<$<BOOL:${arg_AS_TEXT}>:-x>)
  endif()
  cmake_path(GET output FILENAME name)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${INGOT_GLSLANG} ${flags} ${arg_INCLUDE} ${arg_DEFINES} -o ${output} ${shader}
    DEPENDS ${shader}
    DEPFILE ${output}.d
    COMMENT "Compiling shader ${name}"
    COMMAND_EXPAND_LISTS
    VERBATIM)
endfunction()

# Sets <result> to a list of `NAME DEFINE=VALUE...`, one entry a variant; without a line that names
# one, the file's stem is the name of the only variant.
function(ingot_shader_variants shader result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${shader})
  file(STRINGS ${shader} variants REGEX "^// variant:")
  list(TRANSFORM variants REPLACE "^// variant:[ ]*" "")
  if(NOT variants)
    get_filename_component(variants ${shader} NAME_WE)
  endif()
  foreach(variant IN LISTS variants)
    if(NOT variant MATCHES "^[a-z][a-z0-9_]*( |$)")
      message(FATAL_ERROR "${shader}: \"${variant}\" does not begin with a name (a-z, 0-9, _)")
    endif()
  endforeach()
  set(${result} "${variants}" PARENT_SCOPE)
endfunction()

function(ingot_add_shaders target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAMESPACE" "INCLUDE")
  if(NOT TARGET ${target} OR NOT arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ingot_add_shaders(target SHADER.comp...): no target ${target}, or no shader")
  endif()
  find_program(INGOT_GLSLANG NAMES glslangValidator glslang glslc DOC "The GLSL compiler")
  if(NOT INGOT_GLSLANG)
    message(FATAL_ERROR "ingot_add_shaders: no GLSL compiler: none of glslangValidator, glslang and "
                        "glslc was found. Debian's package is glslang-tools")
  endif()
  if(NOT arg_NAMESPACE)
    set(arg_NAMESPACE shaders)
  endif()
  get_property(include GLOBAL PROPERTY INGOT_GLSL_INCLUDE_DIR)
  foreach(folder IN LISTS arg_INCLUDE)
    cmake_path(ABSOLUTE_PATH folder NORMALIZE)
    list(APPEND include ${folder})
  endforeach()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_shaders)
  file(MAKE_DIRECTORY ${folder})
  target_include_directories(${target} PRIVATE ${folder})
  foreach(shader IN LISTS arg_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH shader NORMALIZE)
    cmake_path(GET shader FILENAME file)
    cmake_path(GET shader STEM stem)
    # A target of its own: a rule is only known to the targets of the folder that declares it.
    set(rule ${target}_shader_${stem})
    if(TARGET ${rule})
      message(FATAL_ERROR "ingot_add_shaders: ${target} has two shaders named ${file}")
    endif()
    set(outputs)
    set(arrays)
    ingot_shader_variants(${shader} variants)
    foreach(variant IN LISTS variants)
      separate_arguments(words UNIX_COMMAND "${variant}")
      list(POP_FRONT words name)
      set(output ${folder}/${name}.spv.inc)
      ingot_compile_shader(${output} ${shader} AS_TEXT DEFINES ${words} INCLUDE ${include})
      list(APPEND outputs ${output})
      string(APPEND arrays
        "constexpr std::uint32_t ${name}[] = {\n#include \"${name}.spv.inc\"\n};\n")
    endforeach()
    # Written only when it differs, so that configuring again compiles nothing.
    file(CONFIGURE OUTPUT ${folder}/${file}.h @ONLY CONTENT
      "// Made by ingot_add_shaders from ${file}.\n#pragma once\n\n#include <cstdint>\n
namespace ${arg_NAMESPACE} {\n\n${arrays}\n}  // namespace ${arg_NAMESPACE}\n")
    add_custom_target(${rule} DEPENDS ${outputs})
    add_dependencies(${target} ${rule})
  endforeach()
endfunction()
