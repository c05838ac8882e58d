# SPDX-License-Identifier: Apache-2.0

output "target" {
  description = "What `upkeep channel push` is given."
  value       = "gs://${var.bucket}/${var.prefix}"
}

output "url" {
  description = "With cdn: url of the hosts' [source] with use = \"https\". Otherwise they have use = \"gcs\", with credentials = \"anonymous\" where access is public."
  value       = var.access == "cdn" ? "https://${var.domain}/${var.prefix}" : null
}

output "cdn_address" {
  description = "With cdn: the address that the domain's DNS record points to."
  value       = local.cdn == 1 ? google_compute_global_address.channels[0].address : null
}
