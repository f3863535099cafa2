"""Actions that start something new and pass a role to it, by the service that gets the role.

With iam:PassRole for that service they run what the caller chose with the rights of the role. Sources:
pathfinding.cloud (category new-passrole), Rhino Security Labs, HackTricks Cloud, dependent actions of the SAR.
"""

import fnmatch
from collections.abc import Iterable, Mapping

LAUNCHERS: Mapping[str, tuple[str, ...]] = {
    "airflow": ("airflow:CreateEnvironment", "airflow:UpdateEnvironment"),
    "airflow-env": ("airflow:CreateEnvironment", "airflow:UpdateEnvironment"),
    "amplify": ("amplify:CreateApp", "amplify:UpdateApp"),
    "apigateway": ("apigateway:PATCH", "apigateway:POST", "apigateway:PUT"),
    "appstream": ("appstream:CreateFleet", "appstream:CreateImageBuilder", "appstream:UpdateFleet"),
    "appsync": ("appsync:CreateDataSource", "appsync:UpdateDataSource"),
    "batch": ("batch:CreateComputeEnvironment", "batch:UpdateComputeEnvironment"),
    "bedrock": ("bedrock:CreateAgent", "bedrock:UpdateAgent", "bedrock:CreateFlow"),
    "bedrock-agentcore": (
        "bedrock-agentcore:CreateAgentRuntime", "bedrock-agentcore:CreateBrowser",
        "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:CreateGateway",
        "bedrock-agentcore:UpdateAgentRuntime",
    ),
    "braket": ("braket:CreateJob",),
    "build.apprunner": ("apprunner:CreateService",),
    "tasks.apprunner": ("apprunner:CreateService",),
    "cloudformation": (
        "cloudformation:CreateChangeSet", "cloudformation:CreateStack", "cloudformation:CreateStackSet",
        "cloudformation:UpdateStack", "cloudformation:UpdateStackSet",
    ),
    "codebuild": ("codebuild:CreateProject", "codebuild:UpdateProject"),
    "codepipeline": ("codepipeline:CreatePipeline", "codepipeline:UpdatePipeline"),
    "codestar": ("codestar:CreateProject",),
    "cognito-identity": ("cognito-identity:SetIdentityPoolRoles",),
    "cognito-idp": ("cognito-idp:CreateGroup", "cognito-idp:UpdateGroup"),
    "datapipeline": ("datapipeline:CreatePipeline",),
    "ec2": (
        "autoscaling:CreateLaunchConfiguration", "ec2:AssociateIamInstanceProfile", "ec2:CreateFleet",
        "ec2:CreateLaunchTemplate", "ec2:ReplaceIamInstanceProfileAssociation", "ec2:RequestSpotFleet",
        "ec2:RequestSpotInstances", "ec2:RunInstances", "elasticmapreduce:RunJobFlow", "gamelift:CreateFleet",
        "iam:AddRoleToInstanceProfile", "imagebuilder:CreateInfrastructureConfiguration",
    ),
    "ecs-tasks": (
        "batch:RegisterJobDefinition", "ecs:CreateService", "ecs:RegisterTaskDefinition", "ecs:RunTask",
        "ecs:StartTask", "ecs:UpdateService",
    ),
    "eks-fargate-pods": ("eks:CreateFargateProfile",),
    "pods.eks": ("eks:CreatePodIdentityAssociation", "eks:UpdatePodIdentityAssociation"),
    "elasticbeanstalk": ("elasticbeanstalk:CreateEnvironment", "elasticbeanstalk:UpdateEnvironment"),
    "elasticmapreduce": ("elasticmapreduce:CreateEditor", "elasticmapreduce:RunJobFlow"),
    "emr-serverless": ("emr-serverless:StartJobRun",),
    "events": ("events:PutTargets",),
    "fis": ("fis:CreateExperimentTemplate", "fis:UpdateExperimentTemplate"),
    "glue": (
        "glue:CreateDevEndpoint", "glue:CreateJob", "glue:CreateSession", "glue:UpdateJob",
    ),
    "credentials.iot": ("iot:CreateRoleAlias", "iot:UpdateRoleAlias"),
    "iot": ("iot:CreateTopicRule", "iot:ReplaceTopicRule"),
    "kinesisanalytics": ("kinesisanalytics:CreateApplication",),
    "lambda": (
        "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration", "synthetics:CreateCanary",
        "synthetics:UpdateCanary",
    ),
    "edgelambda": ("lambda:CreateFunction",),
    "omics": ("omics:StartRun",),
    "pipes": ("pipes:CreatePipe", "pipes:UpdatePipe"),
    "rds": ("rds:AddRoleToDBCluster", "rds:AddRoleToDBInstance", "rds:CreateDBInstance"),
    "redshift": ("redshift:CreateCluster", "redshift:ModifyClusterIamRoles"),
    "sagemaker": (
        "sagemaker:CreateAutoMLJob", "sagemaker:CreateDomain", "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:CreateModel", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePipeline",
        "sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob", "sagemaker:CreateUserProfile",
        "sagemaker:UpdateDomain", "sagemaker:UpdatePipeline", "sagemaker:UpdateUserProfile",
    ),
    "scheduler": ("scheduler:CreateSchedule", "scheduler:UpdateSchedule"),
    "spotfleet": ("ec2:RequestSpotFleet",),
    "ssm": (
        "ssm:CreateActivation", "ssm:RegisterTaskWithMaintenanceWindow", "ssm:StartAutomationExecution",
    ),
    "states": ("states:CreateStateMachine", "states:TestState", "states:UpdateStateMachine"),
    "transfer": ("transfer:CreateUser", "transfer:UpdateUser"),
}  # fmt: skip


def launchers_for(principals: Iterable[str]) -> tuple[str, ...]:
    """Return the actions that pass a role to one of these, given as values of iam:PassedToService; "*" is any."""
    wanted = [principal.lower() for principal in principals]
    found = [
        action
        for service, actions in LAUNCHERS.items()
        for action in actions
        if any(_is(service, one) for one in wanted)
    ]
    return tuple(dict.fromkeys(found))


def _is(service: str, principal: str) -> bool:
    """Return whether a principal, which may be a pattern or name a region, is this service."""
    return principal.startswith(f"{service}.") or fnmatch.fnmatchcase(f"{service}.amazonaws.com", principal)
