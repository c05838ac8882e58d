# SPDX-License-Identifier: Apache-2.0
# With access = "cdn": CloudFront before the closed bucket, under a domain of one's own. Files that say no-cache, as `upkeep channel push`
# writes them, are asked for at the bucket each time: document and signature must not come from two ages.

resource "aws_cloudfront_origin_access_control" "channels" {
  count                             = local.cdn ? 1 : 0
  name                              = var.bucket
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_cache_policy" "channels" {
  count       = local.cdn ? 1 : 0
  name        = "upkeep-${replace(var.bucket, ".", "-")}"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 60
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip = true
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_distribution" "channels" {
  count           = local.cdn ? 1 : 0
  enabled         = true
  is_ipv6_enabled = true
  comment         = "release channels"
  aliases         = [var.domain]

  origin {
    origin_id                = "bucket"
    domain_name              = aws_s3_bucket.channels.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.channels[0].id
  }

  default_cache_behavior {
    target_origin_id       = "bucket"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = aws_cloudfront_cache_policy.channels[0].id
    compress               = true
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}
