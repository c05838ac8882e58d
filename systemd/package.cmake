# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs and plugins, and how cpack makes two packages of it all: upkeep_VERSION_amd64.deb, and
# upkeep-sdk_VERSION_amd64.deb for those who write plugins.

install(FILES systemd/upkeepd.service systemd/upkeep-hold@.service systemd/upkeep-repair@.service systemd/upkeep-store@.service
  systemd/upkeep-conffiles@.service DESTINATION /lib/systemd/system)
install(FILES systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME upkeep.conf)
install(FILES systemd/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME upkeep.conf)
install(FILES conf/upkeep.toml DESTINATION /etc/upkeep)
install(DIRECTORY conf/examples conf/prometheus conf/grafana conf/version-server DESTINATION share/doc/upkeep)
install(FILES conf/native.conf DESTINATION share/doc/upkeep/examples)
install(FILES conf/completion/upkeep.bash DESTINATION share/bash-completion/completions RENAME upkeep)
install(FILES conf/completion/upkeep.zsh DESTINATION share/zsh/vendor-completions RENAME _upkeep)
install(FILES conf/completion/upkeep.fish DESTINATION share/fish/vendor_completions.d)
include(conf/man/man.cmake)
install(FILES LICENSE DESTINATION share/doc/upkeep RENAME copyright)
install(FILES LICENSE DESTINATION share/doc/upkeep-sdk RENAME copyright COMPONENT sdk)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Upkeep authors <upkeep@localhost>")
set(CPACK_PACKAGE_DESCRIPTION "On each host one daemon watches a release channel, waits for the maintenance window, drives the
package manager, proves that the new version is healthy, and takes it back when it is not.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL upkeep sdk)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEBIAN_UPKEEP_PACKAGE_NAME upkeep)
set(CPACK_DEBIAN_UPKEEP_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_UPKEEP_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_UPKEEP_PACKAGE_DEPENDS "ca-certificates, init-system-helpers, packagekit, polkitd, systemd, tzdata")
set(control ${PROJECT_SOURCE_DIR}/systemd/deb)
set(CPACK_DEBIAN_UPKEEP_PACKAGE_CONTROL_EXTRA ${control}/postinst ${control}/prerm ${control}/postrm ${control}/conffiles)
set(CPACK_DEBIAN_UPKEEP_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_SDK_PACKAGE_NAME upkeep-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS "cmake, g++, libasio-dev, libexpected-dev")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "upkeep (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_SDK_DESCRIPTION "Headers, static library and CMake package with which plugins for Upkeep are built: sources, schedules, installers and
state stores.")
include(CPack)
