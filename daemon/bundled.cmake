# SPDX-License-Identifier: Apache-2.0
# Asio and tl-expected are header-only, and some distributions have none of it, or too old a one. -DUPKEEP_BUNDLED_HEADERS=FOLDER takes
# what is in that folder (asio.hpp with asio/, tl/expected.hpp or both, of their releases) instead of the distribution's. It is
# installed with the SDK then: a plugin must be compiled with the Asio of the program that loads it.

set(UPKEEP_BUNDLED_HEADERS "" CACHE PATH "Folder with asio.hpp, tl/expected.hpp or both, instead of the distribution's; empty: none")
set(UPKEEP_BUNDLED_DIR ${CMAKE_INSTALL_INCLUDEDIR}/upkeep/bundled)  # where the SDK has them
if(UPKEEP_BUNDLED_HEADERS)
  if(NOT EXISTS ${UPKEEP_BUNDLED_HEADERS}/asio.hpp AND NOT EXISTS ${UPKEEP_BUNDLED_HEADERS}/tl/expected.hpp)
    message(FATAL_ERROR "UPKEEP_BUNDLED_HEADERS: there is neither asio.hpp nor tl/expected.hpp in ${UPKEEP_BUNDLED_HEADERS}")
  endif()
  install(DIRECTORY ${UPKEEP_BUNDLED_HEADERS}/ DESTINATION ${UPKEEP_BUNDLED_DIR} COMPONENT sdk
    FILES_MATCHING PATTERN *.hpp PATTERN *.ipp)
endif()
if(UPKEEP_BUNDLED_HEADERS AND EXISTS ${UPKEEP_BUNDLED_HEADERS}/tl/expected.hpp)
  add_library(tl::expected INTERFACE IMPORTED)
else()
  find_package(tl-expected REQUIRED)
endif()
