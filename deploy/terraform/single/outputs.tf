output "worker_role_arn" {
  value = aws_iam_role.worker.arn
}

output "builder_role_arn" {
  value = aws_iam_role.builder.arn
}

output "issuer_arn" {
  value = aws_iam_role.issuer.arn
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}
