variable "allowed_account_ids" {
  description = "The accounts that are allowed to assume the roles: the hub and your contractors' accounts."
  type        = list(string)

  validation {
    condition     = length(var.allowed_account_ids) > 0 && alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "List at least the hub's account; an account id is exactly 12 digits."
  }
}

variable "hub_role_arns" {
  description = "hub_worker_arn and hub_builder_arn from the outputs of the hub."
  type        = list(string)

  validation {
    condition     = length(var.hub_role_arns) > 0
    error_message = "Without the hub's roles nobody could reach the accounts."
  }
}

variable "target_ids" {
  description = "The accounts or organisational units that the policy is attached to."
  type        = list(string)
}
