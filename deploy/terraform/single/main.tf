# A single account without a hub: the roles for people, and the identities of Daypass. The documents are in
# policies.tf.json, which Daypass makes.

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  identities = "/daypass-portal/"
}

resource "aws_iam_policy" "boundary" {
  name        = "daypass-boundary"
  path        = "/daypass/"
  description = "The ceiling of every role that Daypass makes."
  policy      = jsonencode(local.boundary)
}

resource "aws_iam_role" "worker" {
  name                 = "daypass-worker"
  path                 = local.identities
  description          = "Daypass: reads IAM; writes trust and expiry policies."
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.worker_trust)

  lifecycle {
    precondition {
      condition     = var.worker_runs_as_arn != var.web_runs_as_arn
      error_message = "The worker and the web process need different identities."
    }
  }
}

resource "aws_iam_role_policy" "worker" {
  name   = "daypass-worker"
  role   = aws_iam_role.worker.name
  policy = jsonencode(local.worker)
}

resource "aws_iam_role_policy" "worker_imported" {
  count = length(var.imported_role_arns) > 0 ? 1 : 0

  name   = "daypass-adopted"
  role   = aws_iam_role.worker.name
  policy = jsonencode(local.worker_imported)
}

resource "aws_iam_role" "builder" {
  name                 = "daypass-builder"
  path                 = local.identities
  description          = "Daypass: creates and deletes roles."
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.worker_trust)
}

resource "aws_iam_role_policy" "builder" {
  name   = "daypass-builder"
  role   = aws_iam_role.builder.name
  policy = jsonencode(local.builder)
}

resource "aws_iam_role" "issuer" {
  name                 = "daypass-issuer"
  path                 = local.identities
  description          = "Daypass: opens sessions of the roles that trust it."
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.issuer_trust)
}

resource "aws_iam_role_policy" "issuer" {
  name   = "daypass-issuer"
  role   = aws_iam_role.issuer.name
  policy = jsonencode(local.issuer)
}

resource "aws_iam_role_policy" "issuer_imported" {
  count = length(var.imported_role_arns) > 0 ? 1 : 0

  name   = "daypass-adopted"
  role   = aws_iam_role.issuer.name
  policy = jsonencode(local.issuer_imported)
}
