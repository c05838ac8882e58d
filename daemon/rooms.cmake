# SPDX-License-Identifier: Apache-2.0
# How a room becomes a library and a plugin a module. A room links exactly what the table of rooms lets it use.

add_library(upkeep_flags INTERFACE)
target_include_directories(upkeep_flags INTERFACE ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR}/plugins)
# ASIO_HAS_STD_ALIGNED_ALLOC: left to itself, Asio 1.22 decides by whether a standard header came before it, so files disagree and
# one frees with operator delete what another got from aligned_alloc.
set(UPKEEP_SDK_DEFINITIONS ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE
  ASIO_HAS_STD_ALIGNED_ALLOC UPKEEP_SDK_VERSION="${PROJECT_VERSION}")
target_compile_definitions(upkeep_flags INTERFACE ${UPKEEP_SDK_DEFINITIONS})
target_compile_options(upkeep_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 inlines the frames' operator new, but not their delete, and then sees a mismatch; in std::variant, optimised or
  # sanitized, it believes in uninitialised values that there are not.
  target_compile_options(upkeep_flags INTERFACE -fcoroutines -Wno-mismatched-new-delete -Wno-maybe-uninitialized)
endif()
if(UPKEEP_WERROR)
  target_compile_options(upkeep_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # clang 14 has coroutines, and libstdc++ does not know it. It is for the fuzz targets only; g++'s warnings are the ones that count.
  target_compile_definitions(upkeep_flags INTERFACE __cpp_impl_coroutine=201902L)
  target_compile_options(upkeep_flags INTERFACE -w)
endif()
if(UPKEEP_SANITIZE)
  # Frames that Asio keeps for reuse would hide what is used after it ended.
  target_compile_definitions(upkeep_flags INTERFACE ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
  target_compile_options(upkeep_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    target_compile_options(upkeep_flags INTERFACE -fno-sanitize=function)  # cannot be had together with coroutines
  endif()
  target_link_options(upkeep_flags INTERFACE -fsanitize=address,undefined)
endif()
target_link_libraries(upkeep_flags INTERFACE Threads::Threads tl::expected)

# upkeep_room(NAME [libraries...]): static library upkeep_NAME of all sources in this folder
function(upkeep_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(upkeep_${name} STATIC ${sources})
    target_link_libraries(upkeep_${name} PUBLIC upkeep_flags ${ARGN})
  else()
    add_library(upkeep_${name} INTERFACE)
    target_link_libraries(upkeep_${name} INTERFACE upkeep_flags ${ARGN})
  endif()
endfunction()

# upkeep_plugin(KIND NAME [libraries...]): static library upkeep_plugin_KIND_NAME (for tests and the container image) and the
# module KIND-NAME.so. The folder's plugin.h declares upkeep::plugins::NAME::kDescriptor.
function(upkeep_plugin kind name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(library upkeep_plugin_${kind}_${name})
  if(NOT sources)
    add_library(${library} INTERFACE)
    return()
  endif()
  add_library(${library} STATIC ${sources})
  target_link_libraries(${library} PUBLIC upkeep_sdk ${ARGN})
  set(export ${CMAKE_CURRENT_BINARY_DIR}/export.cpp)
  file(CONFIGURE OUTPUT ${export} CONTENT "#include \"${kind}/${name}/plugin.h\"\n\
extern \"C\" const upkeep::sdk::Descriptor upkeep_plugin = upkeep::plugins::${name}::kDescriptor;\n")
  add_library(${library}_module MODULE ${export})
  target_link_libraries(${library}_module PRIVATE ${library})
  set_target_properties(${library}_module PROPERTIES PREFIX "" OUTPUT_NAME ${kind}-${name}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins-built)
  add_dependencies(programs ${library}_module)
  set_property(GLOBAL APPEND PROPERTY UPKEEP_PLUGIN_MODULES ${library}_module)
  install(TARGETS ${library}_module LIBRARY DESTINATION lib/upkeep/plugins)
endfunction()
