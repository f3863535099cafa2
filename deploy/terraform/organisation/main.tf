# The organisation's own limit, for its management account. The document is in policies.tf.json, which Daypass makes.

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
}

resource "aws_organizations_policy" "daypass" {
  name        = "daypass"
  description = "Only listed accounts can assume Daypass roles."
  type        = "RESOURCE_CONTROL_POLICY"
  content     = jsonencode(local.policy)
}

resource "aws_organizations_policy_attachment" "daypass" {
  for_each = toset(var.target_ids)

  policy_id = aws_organizations_policy.daypass.id
  target_id = each.value
}
