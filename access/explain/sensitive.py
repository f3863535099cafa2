"""Actions that read data, move data out of the account, or issue credentials. The kinds follow published lists.

[cloudsplaining DataExfiltration, ResourceExposure, CredentialsExposure; primeharbor/sensitive_iam_actions DataAccess,
CredentialExposure; HackTricks Cloud, post-exploitation; Service Authorization Reference]
"""

# Actions that read data or give access to data. On all resources, they reach all data of the account.
DATA = (
    "s3:GetObject", "s3:GetObjectVersion", "s3-object-lambda:GetObject", "s3express:CreateSession",
    "secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter",
    "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath", "kms:Decrypt",
    "dynamodb:BatchGetItem", "dynamodb:ExportTableToPointInTime", "dynamodb:GetItem", "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", "dax:BatchGetItem", "dax:GetItem", "dax:Query",
    "dax:Scan", "ebs:GetSnapshotBlock", "sqs:ReceiveMessage", "kinesis:GetRecords", "rds-data:BatchExecuteStatement",
    "rds-data:ExecuteStatement", "rds-db:connect", "redshift-data:ExecuteStatement",
    "athena:GetQueryResults", "athena:GetQueryResultsStream", "timestream:Select", "cassandra:Select", "sdb:Select",
    "neptune-db:ReadDataViaQuery", "neptune-graph:ReadDataViaQuery", "es:ESHttpGet", "es:ESHttpPost",
    "aoss:APIAccessAll", "glacier:GetJobOutput", "codecommit:GitPull", "codecommit:GetFile", "lambda:GetFunction",
    "healthlake:ReadResource", "healthlake:SearchWithGet", "healthlake:SearchWithPost", "kinesisvideo:GetMedia",
    "workdocs:GetDocument", "workdocs:GetDocumentVersion", "dsql:DbConnect", "dsql:DbConnectAdmin",
    "elasticache:Connect", "elasticfilesystem:ClientMount", "kafka-cluster:ReadData",
    "medical-imaging:GetImageFrame", "memorydb:Connect", "s3-outposts:GetObject", "s3files:ClientMount",
    "s3tables:GetTableData",
)  # fmt: skip
# Actions that read data only with one other action of these. With none, they read code, or need what IAM does not show.
# [Athena API Reference, GetQueryResults; OpenSearch Serverless Developer Guide, "Data access control"; RDS and Redshift
# Data API, "Authorizing access"]
DATA_NEEDS: dict[str, tuple[str, ...]] = {
    "aoss:APIAccessAll": ("aoss:CreateAccessPolicy", "aoss:UpdateAccessPolicy"),
    "athena:GetQueryResults": (),
    "athena:GetQueryResultsStream": (),
    "lambda:GetFunction": (),
    "rds-data:BatchExecuteStatement": ("secretsmanager:GetSecretValue",),
    "rds-data:ExecuteStatement": ("secretsmanager:GetSecretValue",),
    "redshift-data:ExecuteStatement": (
        "redshift-serverless:GetCredentials", "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM", "secretsmanager:GetSecretValue",
    ),
}  # fmt: skip
# Actions that move data out of the account, and that AWS does not call permissions management.
CARRIES = (
    "ec2:CreateInstanceExportTask", "ec2:CreateStoreImageTask", "ec2:ExportImage", "ec2:ModifyImageAttribute",
    "ec2:ModifySnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute",
    "rds:StartExportTask", "redshift:AuthorizeDataShare", "redshift:AuthorizeSnapshotAccess",
    "redshift:PutResourcePolicy", "s3:PutReplicationConfiguration", "s3:PutAccessPointPolicy", "s3:PutBucketAcl",
    "s3:PutBucketPolicy", "kms:CreateGrant", "kms:PutKeyPolicy", "ecr:PutReplicationConfiguration",
    "ecr:PutRegistryPolicy", "ecr:SetRepositoryPolicy", "secretsmanager:PutResourcePolicy",
    "backup:CopyIntoBackupVault", "backup:PutBackupVaultAccessPolicy", "backup:StartCopyJob", "ds:CreateTrust",
    "ds:ShareDirectory", "dynamodb:PutResourcePolicy", "elasticfilesystem:PutFileSystemPolicy",
    "elasticfilesystem:CreateReplicationConfiguration", "glacier:SetVaultAccessPolicy", "glue:PutResourcePolicy",
    "kinesis:PutResourcePolicy", "lakeformation:GrantPermissions", "lakeformation:BatchGrantPermissions",
    "logs:PutSubscriptionFilter", "logs:CreateExportTask", "s3-outposts:PutAccessPointPolicy",
    "s3-outposts:PutBucketPolicy", "s3express:PutBucketPolicy", "s3files:PutFileSystemPolicy",
    "s3tables:PutTableBucketPolicy", "s3tables:PutTablePolicy", "s3vectors:PutVectorBucketPolicy",
    "sns:AddPermission", "sqs:AddPermission",
    "ssm:ModifyDocumentPermission", "ram:AssociateResourceShare", "ram:CreateResourceShare", "datasync:CreateTask",
    "acm:ExportCertificate", "codeartifact:PutDomainPermissionsPolicy",
    "codeartifact:PutRepositoryPermissionsPolicy", "es:UpdateDomainConfig", "es:UpdateElasticsearchDomainConfig",
    "mediastore:PutContainerPolicy", "lightsail:SetResourceAccessForBucket", "events:PutPermission",
)  # fmt: skip
# Actions whose response contains a password, key or token.
CREDENTIALS = (
    "airflow:CreateCliToken", "airflow:CreateWebLoginToken", "appsync:CreateApiKey", "appsync:ListApiKeys",
    "bedrock-agentcore:GetResourceApiKey", "bedrock-agentcore:GetResourceOauth2Token",
    "bedrock:CallWithBearerToken", "chime:CreateApiKey", "cloud9:CreateEnvironmentSSH",
    "cloud9:CreateEnvironmentToken", "codepipeline:PollForJobs", "codepipeline:PollForThirdPartyJobs",
    "cognito-identity:GetCredentialsForIdentity", "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity", "cognito-idp:DescribeUserPoolClient",
    "connect:GetFederationToken", "datazone:GetEnvironmentCredentials", "ec2:GetPasswordData",
    "eks-auth:AssumeRoleForPodIdentity", "finspace-api:GetProgrammaticAccessCredentials",
    "gamelift:GetComputeAccess",
    "gamelift:GetComputeAuthToken", "gamelift:GetInstanceAccess", "gamelift:RequestUploadCredentials",
    "grafana:CreateWorkspaceApiKey",
    "grafana:CreateWorkspaceServiceAccountToken", "lakeformation:GetTemporaryGluePartitionCredentials",
    "lakeformation:GetTemporaryGlueTableCredentials", "license-manager:GetAccessToken",
    "lightsail:CreateBucketAccessKey", "lightsail:CreateContainerServiceRegistryLogin", "lightsail:CreateKeyPair",
    "lightsail:DownloadDefaultKeyPair", "lightsail:GetBucketAccessKeys", "lightsail:GetInstanceAccessDetails",
    "lightsail:GetRelationalDatabaseMasterUserPassword", "mediapackage:RotateChannelCredentials",
    "mediapackage:RotateIngestEndpointCredentials", "redshift-serverless:GetCredentials",
    "redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM",
    "snowball:GetJobUnlockCode", "sso:GetRoleCredentials", "storagegateway:DescribeChapCredentials",
    "workmail:ResetPassword",
)  # fmt: skip
# Tokens of a registry: they have the session's own rights there.
TOKENS = (
    "codeartifact:GetAuthorizationToken", "ecr-public:GetAuthorizationToken", "ecr:GetAuthorizationToken",
    "sts:GetServiceBearerToken",
)  # fmt: skip
