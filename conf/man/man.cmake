# SPDX-License-Identifier: Apache-2.0
# The manual pages: upkeep itself fills in its commands and the keys of the plugins that were built, so they are made last.

get_property(modules GLOBAL PROPERTY UPKEEP_PLUGIN_MODULES)
foreach(page upkeep.1 upkeepd.8 upkeep.toml.5 upkeep-agent.toml.5)
  string(REGEX MATCH "[0-9]$" section ${page})
  set(made ${PROJECT_BINARY_DIR}/man/${page})
  add_custom_command(OUTPUT ${made}.gz DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${page}.in upkeep ${modules} VERBATIM
    COMMAND ${CMAKE_COMMAND} -E env UPKEEP_PLUGINS=${PROJECT_BINARY_DIR}/plugins-built $<TARGET_FILE:upkeep> fill-manual
      < ${CMAKE_CURRENT_LIST_DIR}/${page}.in > ${made}
    COMMAND gzip -9 -n -k -f ${made}
    COMMENT "Making the manual page ${page}")
  list(APPEND pages ${made}.gz)
  install(FILES ${made}.gz DESTINATION share/man/man${section})
endforeach()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/man)
add_custom_target(manual DEPENDS ${pages})
add_dependencies(programs manual)
