variable "worker_runs_as_arn" {
  description = "The role or user that the worker process runs as."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", var.worker_runs_as_arn))
    error_message = "Give the ARN of one IAM role or user."
  }
}

variable "web_runs_as_arn" {
  description = "The role or user that the web process runs as; not the worker's."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", var.web_runs_as_arn))
    error_message = "Give the ARN of one IAM role or user."
  }
}

variable "imported_role_arns" {
  description = "Exact ARNs of the roles to import."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.imported_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "Each imported role is named by its exact ARN, without wildcards."
  }
}
