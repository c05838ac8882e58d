# SPDX-License-Identifier: Apache-2.0
# With access = "cdn": Cloud CDN under a domain of one's own, over TLS 1.2 or later. Files that say no-cache, as `upkeep channel push` writes
# them, are asked for at the bucket each time: document and signature must not come from two ages.

locals {
  cdn = var.access == "cdn" ? 1 : 0
}

resource "google_compute_backend_bucket" "channels" {
  count       = local.cdn
  name        = "upkeep-channels"
  bucket_name = google_storage_bucket.channels.name
  enable_cdn  = true
  cdn_policy {
    cache_mode       = "USE_ORIGIN_HEADERS"
    negative_caching = false
  }
}

resource "google_compute_url_map" "channels" {
  count           = local.cdn
  name            = "upkeep-channels"
  default_service = google_compute_backend_bucket.channels[0].id
}

resource "google_compute_managed_ssl_certificate" "channels" {
  count = local.cdn
  name  = "upkeep-channels"
  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "channels" {
  count           = local.cdn
  name            = "upkeep-channels"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "channels" {
  count            = local.cdn
  name             = "upkeep-channels"
  url_map          = google_compute_url_map.channels[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.channels[0].id]
  ssl_policy       = google_compute_ssl_policy.channels[0].id
}

resource "google_compute_global_address" "channels" {
  count = local.cdn
  name  = "upkeep-channels"
}

resource "google_compute_global_forwarding_rule" "channels" {
  count                 = local.cdn
  name                  = "upkeep-channels"
  target                = google_compute_target_https_proxy.channels[0].id
  ip_address            = google_compute_global_address.channels[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
