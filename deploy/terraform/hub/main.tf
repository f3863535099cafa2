# The account that Daypass itself runs in. The documents are in policies.tf.json, which Daypass makes.

data "aws_partition" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  identities = "/daypass-portal/"
}

resource "aws_iam_role" "worker" {
  name                 = "daypass-hub-worker"
  path                 = local.identities
  description          = "Daypass: assumes the worker's role in each account."
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.worker_trust)
}

resource "aws_iam_role_policy" "worker" {
  name   = "daypass-hub-worker"
  role   = aws_iam_role.worker.name
  policy = jsonencode(local.worker)
}

resource "aws_iam_role" "builder" {
  name                 = "daypass-hub-builder"
  path                 = local.identities
  description          = "Daypass: assumes the builder's role in each account."
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.worker_trust)
}

resource "aws_iam_role_policy" "builder" {
  name   = "daypass-hub-builder"
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
