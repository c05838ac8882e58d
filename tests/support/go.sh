# SPDX-License-Identifier: Apache-2.0
# Sourced, after machine/bootstrap.sh, by the scripts that build programs of Go: where Go is, and its caches. They grow to gigabytes, lie below
# $tmp and are thrown away with it. Go is this host's, or else comes through Go's own module proxy with the help of Debian's, which is
# unpacked for that and not installed.
toolchain=go1.26.8    # where this host has none

go_environment() {
  mkdir -p "$tmp/tmp"
  export GOPATH=$tmp/go GOCACHE=$tmp/build TMPDIR=$tmp/tmp GOTELEMETRY=off GOTOOLCHAIN=local GOFLAGS='-modcacherw -buildvcs=false' CGO_ENABLED=0
}
recent() { # GO LEAST: is it there, and that version or later
  local version
  version=$("$1" env GOVERSION 2> /dev/null) || return
  printf '%s\n' "$2" "$version" | sort -CV
}
debian_go() { # unpacks Debian's go into $tmp/debian
  rm -rf "$tmp/debian"
  mkdir "$tmp/debian" && cd "$tmp/debian"
  local deb packages
  packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances golang-go |
    grep -E '^golang-([0-9.]+-)?(go|src)$')
  # As root apt would download as the user _apt, who may not write here.
  apt-get -qq -o APT::Sandbox::User=root download $packages
  for deb in *.deb; do dpkg-deb -x "$deb" .; done
  go=$(echo "$tmp"/debian/usr/lib/go-*/bin/go)
}
find_go() { # LEAST (go1.25): sets $go
  for go in go /usr/local/go/bin/go; do
    ! recent "$go" "$1" || return 0
  done
  echo "no $1 here: fetching $toolchain" >&2
  ( set -e; debian_go; cd "$tmp"; "$go" mod download "golang.org/toolchain@v0.0.1-$toolchain.linux-$(dpkg --print-architecture)" ) || return
  go=$(echo "$GOPATH/pkg/mod/golang.org/toolchain@"*/bin/go)
  chmod +x "${go%/*}"/* "${go%/bin/go}"/pkg/tool/*/*      # a module's files have no such bits
  recent "$go" "$1"
}
