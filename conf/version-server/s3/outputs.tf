# SPDX-License-Identifier: Apache-2.0

output "target" {
  description = "What `upkeep channel push` is given."
  value       = "s3://${var.bucket}/${var.prefix}"
}

output "url" {
  description = "With public access and cdn: url of the hosts' [source] with use = \"https\". With private access they have use = \"s3\"."
  value = {
    public  = "https://${aws_s3_bucket.channels.bucket_regional_domain_name}/${var.prefix}"
    private = null
    cdn     = "https://${var.domain}/${var.prefix}"
  }[var.access]
}

output "cdn_host" {
  description = "With cdn: the host that the domain's DNS record points to."
  value       = local.cdn ? aws_cloudfront_distribution.channels[0].domain_name : null
}

output "host_policy_arn" {
  description = "For the roles of hosts in this account, with private access."
  value       = aws_iam_policy.host.arn
}

output "publisher_policy_arn" {
  description = "For the role of whoever publishes."
  value       = aws_iam_policy.publisher.arn
}
