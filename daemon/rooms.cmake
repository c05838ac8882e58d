# SPDX-License-Identifier: Apache-2.0
# How a room becomes a library and a plugin a module. A room links exactly what the table of rooms lets it use.

add_library(upkeep_flags INTERFACE)
target_include_directories(upkeep_flags INTERFACE ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR}/plugins ${UPKEEP_BUNDLED_HEADERS})
# ASIO_HAS_STD_ALIGNED_ALLOC: left to itself, Asio 1.22 decides by whether a standard header came before it, so files disagree and
# one frees with operator delete what another got from aligned_alloc.
set(UPKEEP_SDK_DEFINITIONS ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE
  ASIO_HAS_STD_ALIGNED_ALLOC UPKEEP_SDK_VERSION="${PROJECT_VERSION}")
target_compile_definitions(upkeep_flags INTERFACE ${UPKEEP_SDK_DEFINITIONS})
target_compile_options(upkeep_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(upkeep_flags INTERFACE --param=ggc-min-heapsize=524288)  # a tenth of the time went into collecting garbage
  # g++ 12 inlines the frames' operator new, but not their delete, and then sees a mismatch; in std::variant, optimised or
  # sanitized, it believes in uninitialised values that there are not.
  target_compile_options(upkeep_flags INTERFACE -fcoroutines -Wno-mismatched-new-delete -Wno-maybe-uninitialized)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(upkeep_flags INTERFACE -Wno-subobject-linkage)  # it takes a .cpp that another one includes for a header
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

# What a program and the plugins that it loads must have once: Asio's statics (who runs on this thread, the ids of its services).
# Nothing else is exported: long tables of symbols cost memory and time at every start.
set(shared_statics _ZN4asio6detail10call_stack*top_E _ZN4asio6detail15keyword_tss_ptr*value_E
  _ZN4asio6detail30execution_context_service_base*2idE _ZN4asio9execution6detail*5neverE _ZZN4asio* _ZGVN4asio* _ZGVZN4asio*)
list(JOIN shared_statics "; " shared_statics)
set(program_exports ${PROJECT_BINARY_DIR}/program-exports)
set(plugin_exports ${PROJECT_BINARY_DIR}/plugin-exports)
file(CONFIGURE OUTPUT ${program_exports} CONTENT "{ ${shared_statics}; };\n")
file(CONFIGURE OUTPUT ${plugin_exports} CONTENT "{ global: upkeep_plugin; ${shared_statics}; local: *; };\n")

# upkeep_loads_plugins(PROGRAM)
function(upkeep_loads_plugins program)
  target_link_options(${program} PRIVATE -Wl,--dynamic-list=${program_exports} -Wl,--gc-sections)
  set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS ${program_exports})
endfunction()

# What runs once a poll or less is built for size: a daemon that sleeps is as large as the code that it has touched.
function(upkeep_small target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-Os>)
endfunction()

# What nearly every file of a room includes of others' headers is parsed once. A file includes what it uses all the same: the
# preset "fuzz" is built without (sdk, core, config and the plugins that it has). Not for `sdk` and `core`, whose files are small: to read one costs more than it saves there.
set(UPKEEP_PRECOMPILED <asio/awaitable.hpp> <asio/co_spawn.hpp> <asio/experimental/awaitable_operators.hpp> <asio/io_context.hpp>
  <asio/redirect_error.hpp> <asio/steady_timer.hpp> <asio/use_awaitable.hpp> <tl/expected.hpp> <chrono> <functional> <map> <memory>
  <optional> <string> <variant> <vector>)
set(UPKEEP_PRECOMPILED_WITH_JSON ${UPKEEP_PRECOMPILED} <nlohmann/json.hpp>)
# g++ takes it only together with the flags it was made with: these are for the libraries that are built small.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "")
foreach(headers PRECOMPILED PRECOMPILED_WITH_JSON)
  string(TOLOWER upkeep_${headers} name)
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(${name} PRIVATE upkeep_flags)
  target_precompile_headers(${name} PRIVATE ${UPKEEP_${headers}})
  upkeep_small(${name})
endforeach()

# upkeep_room(NAME [libraries...]): static library upkeep_NAME of all sources in this folder
function(upkeep_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(upkeep_${name} STATIC ${sources})
    target_link_libraries(upkeep_${name} PUBLIC upkeep_flags ${ARGN})
    if(NOT name MATCHES "^(sdk|core)$")  # the rules are asked often: by `schedule show`, by a daemon with many agents
      upkeep_small(upkeep_${name})
      if(nlohmann_json::nlohmann_json IN_LIST ARGN)
        target_precompile_headers(upkeep_${name} REUSE_FROM upkeep_precompiled_with_json)
      else()
        target_precompile_headers(upkeep_${name} REUSE_FROM upkeep_precompiled)
      endif()
    endif()
  else()
    add_library(upkeep_${name} INTERFACE)
    target_link_libraries(upkeep_${name} INTERFACE upkeep_flags ${ARGN})
  endif()
endfunction()

# upkeep_plugin(KIND NAME [libraries...]): static library upkeep_plugin_KIND_NAME (for tests and UPKEEP_LINKED_IN) and, unless it is
# linked in, the module KIND-NAME.so. The folder's plugin.h declares upkeep::plugins::NAME::kDescriptor.
function(upkeep_plugin kind name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(library upkeep_plugin_${kind}_${name})
  if(NOT sources)
    add_library(${library} INTERFACE)
    return()
  endif()
  add_library(${library} STATIC ${sources})
  target_link_libraries(${library} PUBLIC upkeep_sdk ${ARGN})
  upkeep_small(${library})
  target_precompile_headers(${library} REUSE_FROM upkeep_precompiled)
  if(UPKEEP_LINKED_IN)
    return()
  endif()
  set(export ${CMAKE_CURRENT_BINARY_DIR}/export.cpp)
  file(CONFIGURE OUTPUT ${export} CONTENT "#include \"${kind}/${name}/plugin.h\"\n\
extern \"C\" const upkeep::sdk::Descriptor upkeep_plugin = upkeep::plugins::${name}::kDescriptor;\n")
  add_library(${library}_module MODULE ${export})
  target_link_libraries(${library}_module PRIVATE ${library})
  target_link_options(${library}_module PRIVATE -Wl,--version-script=${plugin_exports} -Wl,--gc-sections)
  set_target_properties(${library}_module PROPERTIES PREFIX "" OUTPUT_NAME ${kind}-${name} LINK_DEPENDS ${plugin_exports}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins-built)
  add_dependencies(programs ${library}_module)
  set_property(GLOBAL APPEND PROPERTY UPKEEP_PLUGIN_MODULES ${library}_module)
  install(TARGETS ${library}_module LIBRARY DESTINATION lib/upkeep/plugins)
endfunction()

# upkeep_linked_in: static library that defines engine::add_linked_in, with the plugins of UPKEEP_LINKED_IN; mostly there are none.
function(upkeep_add_linked_in)
  set(includes "")
  set(descriptors "")
  set(libraries "")
  foreach(plugin ${UPKEEP_LINKED_IN})
    string(REPLACE "/" ";" parts ${plugin})
    list(GET parts 0 kind)
    list(GET parts 1 name)
    string(APPEND includes "#include \"${plugin}/plugin.h\"\n")
    string(APPEND descriptors "&plugins::${name}::kDescriptor, ")
    list(APPEND libraries upkeep_plugin_${kind}_${name})
  endforeach()
  set(source ${PROJECT_BINARY_DIR}/linked_in.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <initializer_list>\n\n#include \"engine/registry.h\"\n${includes}
upkeep::sdk::Result<void> upkeep::engine::add_linked_in(Registry& registry) {
  for (const sdk::Descriptor* one : std::initializer_list<const sdk::Descriptor*>{${descriptors}})
    if (auto added = registry.add(*one); !added) return added;
  return {};
}\n")
  add_library(upkeep_linked_in STATIC ${source})
  target_link_libraries(upkeep_linked_in PUBLIC upkeep_engine PRIVATE ${libraries})
  upkeep_small(upkeep_linked_in)
endfunction()
