# SPDX-License-Identifier: Apache-2.0
"""A demo agent's .rpm.

Its scripts are Lua's, which rpm itself runs: the rpm database of a Debian machine provides no /bin/sh that they could require. What they do
is done by the shell all the same.
"""

import pathlib
import tempfile

from . import shell

SPEC = """Name: {package.name}
Epoch: {package.epoch}
Version: {package.version}
Release: {package.revision}
Vendor: {package.vendor}
Summary: demo agent
License: Apache-2.0
BuildArch: noarch
AutoReqProv: no
{relations}
%description
demo agent
%pre -p <lua>
{pre}
%post -p <lua>
{post}
%files
%config(noreplace) {package.configuration}
/usr/libexec/*
/usr/lib/systemd/system/*
{ballast}
"""

# [===[ ]===] quotes lines of the shell; per cent signs are rpm's own
SCRIPT = "if not os.execute([===[{}]===]) then error('a line of the script failed') end"


def build_rpm(package, folder, keys=None):
    """Builds it below `folder`, signed with `keys` if there are any, unless it is there, and returns its path."""
    # The name is what rpm itself would call it, so packages of one version that differ lie in folders of their own.
    home = folder / f"{package.mark}-{keys.name if keys else 'unsigned'}"
    file = home / f"{package.name}-{package.version}-{package.revision}.noarch.rpm"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as tmp:
            built = _build(package, pathlib.Path(tmp))
            if keys:
                keys.sign_rpm(built)
            built.rename(file)
    return file


def _build(package, top):
    package.write_tree(top / "tree", "usr/lib/systemd/system")
    relations = {"Conflicts": package.conflicts, "Requires": package.depends, "Obsoletes": package.obsoletes}
    pre, post = (SCRIPT.format(script).replace("%", "%%") for script in package.scripts())
    spec = top / "spec"
    spec.write_text(SPEC.format(package=package, pre=pre, post=post, ballast=f"/usr/share/{package.name}" if package.ballast else "",
                                relations="\n".join(f"{key}: {value}" for key, value in relations.items() if value)))
    defines = {"_topdir": top / "top", "_rpmdir": top, "_rpmfilename": "package.rpm", "_binary_payload": "w0.gzdio", "buildroot": top / "tree"}
    shell.run(["rpmbuild", "--quiet", "-bb", *(word for name, value in defines.items() for word in ("--define", f"{name} {value}")), spec])
    return top / "package.rpm"
