# SPDX-License-Identifier: Apache-2.0
# A bucket for release channels: versions of every file are kept, nothing but the prefix can be read, and only over TLS.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

locals {
  public = var.access == "public"
  cdn    = var.access == "cdn"
}

resource "aws_s3_bucket" "channels" {
  bucket = var.bucket
}

resource "aws_s3_bucket_ownership_controls" "channels" {
  bucket = aws_s3_bucket.channels.id
  rule {
    object_ownership = "BucketOwnerEnforced" # no ACLs: the policy alone says who may read
  }
}

resource "aws_s3_bucket_public_access_block" "channels" {
  bucket                  = aws_s3_bucket.channels.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = !local.public
  restrict_public_buckets = !local.public
}

resource "aws_s3_bucket_versioning" "channels" {
  bucket = aws_s3_bucket.channels.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "channels" {
  bucket = aws_s3_bucket.channels.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "channels" {
  bucket     = aws_s3_bucket.channels.id
  depends_on = [aws_s3_bucket_versioning.channels]
  rule {
    id     = "former-releases"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 365
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
