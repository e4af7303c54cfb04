# ingot_embed_text(HEADER NAMESPACE NAME FILE... [NAME FILE...]): writes a header in which each NAME is
# the text of the files up to the next NAME:, as a std::string_view. Written anew when
# a file has changed, at configuration.
#   ingot_embed_text(out.h ingot::io::assets css: a.css js: a.js b.js)
function(ingot_embed_text header namespace)
  set(text "// Made by ingot_embed_text.\n#pragma once\n\n#include <string_view>\n\nnamespace ${namespace} {\n")
  set(name "")
  foreach(word IN LISTS ARGN ITEMS "end:")
    if(word MATCHES "^(.*):$")
      set(next ${CMAKE_MATCH_1})
      if(name)
        # Numbers, since string literals have limits of length that differ among compilers.
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
        string(REGEX REPLACE "(................................................................................)"
          "\\1\n" bytes "${bytes}")
        string(APPEND text "\ninline constexpr unsigned char ${name}_bytes[] = {\n${bytes}0};\n"
          "inline const std::string_view ${name}{reinterpret_cast<const char*>(${name}_bytes),\n"
          "                                   sizeof ${name}_bytes - 1};\n")
      endif()
      set(name ${next})
      set(bytes "")
    else()
      cmake_path(ABSOLUTE_PATH word NORMALIZE)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${word})
      file(READ ${word} hex HEX)
      string(APPEND bytes "${hex}")
    endif()
  endforeach()
  string(APPEND text "\n}  // namespace ${namespace}\n")
  file(CONFIGURE OUTPUT ${header} CONTENT "${text}" @ONLY)
endfunction()
