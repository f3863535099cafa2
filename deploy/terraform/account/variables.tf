variable "hub_worker_arn" {
  description = "The worker of the hub: hub_worker_arn of the hub's outputs."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", var.hub_worker_arn))
    error_message = "Give the ARN of one IAM role or user."
  }
}

variable "hub_builder_arn" {
  description = "The builder of the hub: hub_builder_arn of the hub's outputs."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", var.hub_builder_arn))
    error_message = "Give the ARN of one IAM role or user."
  }
}

variable "external_id" {
  description = "Made by Daypass for this account and no other."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_=,.@:/+-]{16,64}$", var.external_id))
    error_message = "Copy the external id from the account's page in Daypass."
  }
}

variable "org_id" {
  description = "Your organisation, or empty when there is none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.org_id))
    error_message = "An organisation's id is o- and 10 to 32 small letters or digits."
  }
}

variable "imported_role_arns" {
  description = "Roles that were there before and are opened through Daypass, by exact ARN."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.imported_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Each imported role is named by its exact ARN, without wildcards."
  }
}
