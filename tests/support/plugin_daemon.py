# SPDX-License-Identifier: Apache-2.0
"""The built daemon with a plugin folder and agents of the test's own, for what plugins of others may do to it."""

import datetime

from daemon_process import BUILD, DaemonProcess

SOURCE = '[source]\nuse = "file"\npath = "{channel}"\nchannel = "current"\n'
# A test's module that upgrades nothing but a variable (modules/throwing.cpp); 1.2.3 is installed.
INSTALLER = '[installer]\nuse = "throwing"\n'
WINDOW = '[[schedule]]\nuse = "window"\nnever = true\n'


class PluginDaemon(DaemonProcess):
    def __init__(self, folder, *modules, plugin_folder=None):
        """Its plugins are the built ones, that installer and the files `modules`, or what lies in `plugin_folder`."""
        super().__init__(folder / "daemon", BUILD, plugins=(BUILD / "test-modules/installer-throwing.so", *modules), plugin_folder=plugin_folder,
                         control='read_group = "root"\nadmin_group = "root"\n')
        self.release("99.0.0")

    def agent(self, name, schedule=WINDOW, source=SOURCE, installer=INSTALLER):
        """Writes its file: the source on lines 1 to 4, then the schedule, then the installer."""
        self.configure(name, source.format(channel=self.folder / "channel") + schedule + installer)

    def check_config(self):
        return self.cli("config", "check", self.folder)

    def wait_agent(self, name, good):
        """Waits until good(status of the agent); returns it."""
        def look():
            status = self.status(name)
            return good(status) and status
        return self.wait(look)

    @staticmethod
    def today():
        return f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}"

    @staticmethod
    def tomorrow():
        return f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1):%Y-%m-%d}"
