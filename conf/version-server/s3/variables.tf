# SPDX-License-Identifier: Apache-2.0

variable "bucket" {
  description = "Name of the bucket, which is made for the channels alone."
  type        = string
}

variable "prefix" {
  description = "What the keys of all channels begin with, without a slash at either end."
  type        = string
  default     = "v1"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._/-]*[a-z0-9]$", var.prefix))
    error_message = "The prefix is made of a-z, 0-9 and . _ / -, with no slash at either end."
  }
}

variable "access" {
  description = "Who may read: public (anybody, at the bucket's own https address), private (the hosts below), or cdn (anybody, through CloudFront; the bucket itself is closed)."
  type        = string
  default     = "public"

  validation {
    condition     = contains(["public", "private", "cdn"], var.access)
    error_message = "The access is public, private or cdn."
  }
}

variable "hosts" {
  description = "With private access: ARNs of the roles (of other accounts, too) that hosts have. In this account the policy host_policy_arn, attached to a role, does the same."
  type        = list(string)
  default     = []
}

variable "domain" {
  description = "With cdn: the name under which hosts read, such as updates.example.com. Its DNS record points to the output url's host."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "With cdn: the domain's certificate in ACM, in the region us-east-1."
  type        = string
  default     = ""
}
