# SPDX-License-Identifier: Apache-2.0

variable "project" {
  description = "The project that the bucket belongs to."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket, which is made for the channels alone."
  type        = string
}

variable "location" {
  description = "Where the bucket lies."
  type        = string
  default     = "EU"
}

variable "prefix" {
  description = "Folder of all channels in the bucket, without a slash at either end."
  type        = string
  default     = "v1"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._/-]*[a-z0-9]$", var.prefix))
    error_message = "The prefix is made of a-z, 0-9 and . _ / -, with no slash at either end."
  }
}

variable "access" {
  description = "Who may read: public (anybody), private (the hosts below), or cdn (anybody, also under a domain of one's own; Cloud CDN reads what is public)."
  type        = string
  default     = "public"

  validation {
    condition     = contains(["public", "private", "cdn"], var.access)
    error_message = "The access is public, private or cdn."
  }
}

variable "hosts" {
  description = "With private access: members that may read, such as serviceAccount:hosts@PROJECT.iam.gserviceaccount.com."
  type        = list(string)
  default     = []
}

variable "publishers" {
  description = "Members that may publish with `upkeep channel push`."
  type        = list(string)
  default     = []
}

variable "domain" {
  description = "With cdn: the name under which hosts read, such as updates.example.com. Its DNS record points to the output cdn_address."
  type        = string
  default     = ""
}
