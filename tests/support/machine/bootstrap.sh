# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that build something once and keep it in the cache folder: where that is, one builder at a time, and mmdebstrap in
# namespaces of its own.
# env: UPKEEP_CACHE (the cache folder), UPKEEP_MIRROR and UPKEEP_SECURITY_MIRROR (default: the archive that this host's own apt uses).
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
cache=${UPKEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/upkeep}
me=$(basename "$0")
die() { echo "$me: $*" >&2; exit 1; }

marked() { sha256sum | cut -c1-12; }    # a hash of the input, for the name of what is built from it

built_once() { # DIR LOCK: prints DIR and ends this script if DIR is there. Of two builders the second waits, and finds what the first built.
  [ ! -d "$1" ] || { echo "$1"; exit; }
  [ "$(id -u)" = 0 ] || die "needs root"
  mkdir -p "$cache/tmp" "$(dirname "$1")"
  exec 9> "$cache/$2.lock"
  flock 9
  [ ! -d "$1" ] || { echo "$1"; exit; }
}

scratch() { # NAME: an empty folder, which is $tmp from now on; what a killed builder left there is removed
  tmp=$cache/tmp/$1
  rm -rf --one-file-system "$tmp"
  mkdir -p "$tmp"
}

# A command in namespaces of its own: when its caller is killed, the processes and mounts go with it.
apart() { unshare --mount --pid --fork --kill-child --mount-proc "$@" 9>&-; }

archive() { # LABEL: the address from which this host's apt gets Debian, or Debian-Security
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v label="$1" '$1 == "Debian" && $2 == label {print $3; exit}'
}

bootstrap() { # SUITE TYPES PACKAGES TARGET OPTION...: TYPES are deb, or "deb deb-src". The host's proxy, if any, is passed on.
  local suite=$1 types=$2 packages=$3 target=$4 mirror security proxy='' type; shift 4
  command -v mmdebstrap > /dev/null || die "mmdebstrap is missing (tests/support/install-dependencies installs it)"
  mirror=${UPKEEP_MIRROR:-$(archive Debian)} security=${UPKEEP_SECURITY_MIRROR:-$(archive Debian-Security)}
  [ -n "$mirror" ] || die "this host's apt has no Debian archive: run apt-get update, or set UPKEEP_MIRROR"
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  for type in $types; do
    echo "$type $mirror $suite main"
    [ -z "$security" ] || echo "$type $security $suite-security main"
  done > "$tmp/sources"
  TMPDIR=$tmp apart mmdebstrap --quiet --mode=root --variant=apt --include="$packages" --aptopt='APT::Install-Recommends "false"' \
    ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} "$@" "$suite" "$target" - < "$tmp/sources" > "$tmp/log" 2>&1 ||
    { tail -30 "$tmp/log" >&2; die "building failed: $tmp/log has it all"; }
}
