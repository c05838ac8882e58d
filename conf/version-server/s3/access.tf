# SPDX-License-Identifier: Apache-2.0
# Who may read the prefix, and who may write it. Nobody may do anything else through these policies.

locals {
  objects = "${aws_s3_bucket.channels.arn}/${var.prefix}/*"
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.channels.arn, "${aws_s3_bucket.channels.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = local.public ? [1] : []
    content {
      sid       = "AnybodyReadsChannels"
      actions   = ["s3:GetObject"]
      resources = [local.objects]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.access == "private" && length(var.hosts) > 0 ? [1] : []
    content {
      sid       = "HostsReadChannels"
      actions   = ["s3:GetObject"]
      resources = [local.objects]
      principals {
        type        = "AWS"
        identifiers = var.hosts
      }
    }
  }

  dynamic "statement" {
    for_each = local.cdn ? [1] : []
    content {
      sid       = "CloudFrontReadsChannels"
      actions   = ["s3:GetObject"]
      resources = [local.objects]
      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "AWS:SourceArn"
        values   = [aws_cloudfront_distribution.channels[0].arn]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "channels" {
  bucket     = aws_s3_bucket.channels.id
  policy     = data.aws_iam_policy_document.bucket.json
  depends_on = [aws_s3_bucket_public_access_block.channels]
}

# For the roles of hosts in this account. Without s3:ListBucket a missing file is "denied" instead of "missing"; a host needs no more.
data "aws_iam_policy_document" "host" {
  statement {
    actions   = ["s3:GetObject"]
    resources = [local.objects]
  }
}

resource "aws_iam_policy" "host" {
  name_prefix = "upkeep-host-"
  description = "Reads release channels"
  policy      = data.aws_iam_policy_document.host.json
}

# For the role of whoever runs `upkeep channel push`: it reads back what it wrote, and removes nothing. With s3:ListBucket it is told of a
# channel that is new there; without, the first push of each needs --overwrite.
data "aws_iam_policy_document" "publisher" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.channels.arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [local.objects]
  }
}

resource "aws_iam_policy" "publisher" {
  name_prefix = "upkeep-publisher-"
  description = "Publishes release channels"
  policy      = data.aws_iam_policy_document.publisher.json
}
