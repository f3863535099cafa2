output "hub_worker_arn" {
  value = aws_iam_role.worker.arn
}

output "hub_builder_arn" {
  value = aws_iam_role.builder.arn
}

output "issuer_arn" {
  value = aws_iam_role.issuer.arn
}
