# SPDX-License-Identifier: Apache-2.0
# A bucket for release channels: versions of every file are kept, and nothing but the prefix can be read.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
}

locals {
  private = var.access == "private"
}

resource "google_storage_bucket" "channels" {
  name                        = var.bucket
  location                    = var.location
  uniform_bucket_level_access = true # no ACLs: the bindings below alone say who may read
  public_access_prevention    = local.private ? "enforced" : "inherited"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 365
    }
    action {
      type = "Delete"
    }
  }
}

resource "google_storage_managed_folder" "channels" {
  bucket = google_storage_bucket.channels.name
  name   = "${var.prefix}/"
}

# Reading below the prefix: anybody, or the hosts that are named.
resource "google_storage_managed_folder_iam_member" "readers" {
  for_each       = toset(local.private ? var.hosts : ["allUsers"])
  bucket         = google_storage_bucket.channels.name
  managed_folder = google_storage_managed_folder.channels.name
  role           = "roles/storage.objectViewer"
  member         = each.value
}

# A file is replaced by writing it again, for which Google asks for the right to delete it; its former version stays all the same.
resource "google_storage_managed_folder_iam_member" "publishers" {
  for_each       = toset(var.publishers)
  bucket         = google_storage_bucket.channels.name
  managed_folder = google_storage_managed_folder.channels.name
  role           = "roles/storage.objectUser"
  member         = each.value
}
