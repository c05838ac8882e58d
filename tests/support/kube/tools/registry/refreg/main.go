// SPDX-License-Identifier: Apache-2.0
// A registry of images in memory on a port of 127.0.0.1, with the referrers API of OCI 1.1 or without it.
package main

import (
	"flag"
	"log"
	"net"
	"net/http"
	"strconv"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	port := flag.Int("port", 0, "where it listens")
	referrers := flag.Bool("referrers", true, "whether it has the referrers API")
	flag.Parse()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(*port))
	log.Fatal(http.ListenAndServe(address, registry.New(registry.WithReferrersSupport(*referrers))))
}
