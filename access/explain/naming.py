"""The usual names of services, and words for actions that follow "can".

Several services can share a prefix (`cloudformation` is CloudFormation and the Cloud Control API), and the data package
keeps the name that comes last. Its descriptions of actions are AWS's own and not all of them begin with a verb.
"""

import re

USUAL = {
    "apigateway": "Amazon API Gateway",
    "aws-marketplace": "AWS Marketplace",
    "bedrock-agentcore": "Amazon Bedrock AgentCore",
    "budgets": "AWS Budgets",
    "ce": "AWS Cost Explorer",
    "cloudformation": "AWS CloudFormation",
    "elasticloadbalancing": "Elastic Load Balancing",
    "elasticmapreduce": "Amazon EMR",
    "emr-containers": "Amazon EMR on EKS",
    "firehose": "Amazon Data Firehose",
    "geo": "Amazon Location Service",
    "greengrass": "AWS IoT Greengrass",
    "health": "AWS Health",
    "inspector": "Amazon Inspector Classic",
    "inspector2": "Amazon Inspector",
    "kinesisanalytics": "Amazon Managed Service for Apache Flink",
    "lex": "Amazon Lex",
    "ses": "Amazon SES",
    "sms-voice": "AWS End User Messaging SMS",
    "waf": "AWS WAF Classic",
    "waf-regional": "AWS WAF Classic Regional",
    "wafv2": "AWS WAF",
}
# Further names that people type, in lower case and without "Amazon" or "AWS" before them.
_ALSO = {
    "certificate manager": "acm",
    "cloud control api": "cloudformation",
    "cloudwatch events": "events",
    "data firehose": "firehose",
    "elastic compute cloud": "ec2",
    "elasticsearch service": "es",
    "elb": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "ecs": "ecs",
    "iam roles anywhere": "rolesanywhere",
    "identity center": "sso",
    "kinesis analytics": "kinesisanalytics",
    "kinesis data analytics": "kinesisanalytics",
    "kinesis firehose": "firehose",
    "managed prometheus": "aps",
    "msk": "kafka",
    "mwaa": "airflow",
    "opensearch": "es",
    "parameter store": "ssm",
    "relational database service": "rds",
    "simple email service": "ses",
    "simple notification service": "sns",
    "simple queue service": "sqs",
    "simple storage service": "s3",
    "vpc": "ec2",
    "waf": "wafv2",
}
_VENDOR = re.compile(r"(?:amazon|aws)\s+")
_BRACKETS = re.compile(r"\s*\(([^)]*)\)")

# How AWS begins a description, before the verb.
_BEGINS = re.compile(
    r"(?:\(deprecated\) )?(?:(?:grants?|controls|allows?|allows? or deny IAM users) (?:permissions?|permision) to )+",
    re.IGNORECASE,
)
# "…; and grants permission to …", "…; or to …" continue what is granted, "…; does not grant …" does not.
_GOES_ON = re.compile(r"; (and|or) (?:grants? permissions? )?to ", re.IGNORECASE)
_FURTHER = re.compile(r";\s.*", re.DOTALL)
_FIRST_SENTENCE = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!vs)\.\s.*", re.DOTALL)
_VERBS = frozenset({
    "abort", "accept", "access", "acknowledge", "activate", "add", "alter", "analyze", "apply", "approve",
    "archive", "assign", "associate", "assume", "attach", "authorize", "batch", "begin", "build", "calculate",
    "call", "cancel", "change", "check", "clear", "close", "compare", "complete", "configure", "confirm", "connect",
    "continue", "convert", "copy", "count", "create", "deactivate", "decline", "decode", "decrypt", "define",
    "delete", "deliver", "deploy", "deprecate", "deregister", "describe", "detach", "detect", "determine",
    "disable", "disassociate", "disconnect", "discover", "display", "download", "drop", "edit", "enable", "encrypt",
    "end", "establish", "evaluate", "exchange", "execute", "export", "extend", "fetch", "find", "force", "forget",
    "generate", "get", "give", "grant", "handle", "import", "ingest", "initialize", "initiate", "insert",
    "invalidate", "invite", "invoke", "issue", "join", "launch", "link", "list", "load", "lock", "log", "make",
    "manage", "mark", "merge", "migrate", "modify", "move", "notify", "obtain", "open", "override", "pass", "pause",
    "perform", "permanently", "poll", "post", "predict", "preview", "process", "promote", "provide", "provision",
    "publish", "purchase", "push", "put", "query", "read", "reboot", "rebuild", "receive", "reconnect", "record",
    "redeem", "redrive", "refresh", "register", "reject", "release", "remove", "rename", "render", "renew",
    "reorder", "replace", "replicate", "report", "request", "reserve", "reset", "resolve", "restart", "restore",
    "resume", "retrieve", "retry", "return", "reveal", "revoke", "roll", "rollback", "rotate", "run", "save",
    "scan", "schedule", "search", "see", "select", "send", "set", "share", "show", "sign", "simulate", "specify",
    "split", "start", "stop", "store", "submit", "subscribe", "suspend", "swap", "synchronize", "synthesize", "tag",
    "take", "temporarily", "terminate", "test", "transfer", "transform", "translate", "trigger", "unassign",
    "unlink", "unlock", "unregister", "unsubscribe", "untag", "update", "upgrade", "upload", "use", "validate",
    "verify", "view", "write",
})  # fmt: skip


def usual_name(prefix: str, published: str) -> str:
    """Return what a service is usually called; the published name where that is usual."""
    return USUAL.get(prefix, published)


def typed_names(names: dict[str, str]) -> dict[str, str]:
    """Return the prefix for every way to type a service, in lower case: "amazon sqs", "sqs", "eventbridge"."""
    found: dict[str, str] = {}
    for prefix, name in names.items():
        small = name.lower()
        plain = _BRACKETS.sub("", small)
        brackets = [match[1] for match in _BRACKETS.finditer(small)]
        for one in (small, plain, _VENDOR.sub("", plain, count=1), *brackets):
            found.setdefault(one, prefix)
    usual = {_VENDOR.sub("", name.lower(), count=1): prefix for prefix, name in USUAL.items()}
    return found | usual | {name.lower(): prefix for prefix, name in USUAL.items()} | _ALSO


def without_vendor(text: str) -> str:
    """Return a typed name in lower case and without "Amazon" or "AWS" before it."""
    return _VENDOR.sub("", text.lower(), count=1)


def in_verbs(description: str) -> str:
    """Return a description of AWS's as words that follow "can", or "" where it has no verb to begin with."""
    whole = _GOES_ON.sub(r", \1 ", _BEGINS.sub("", description.strip(), count=1))
    text = _FIRST_SENTENCE.sub("", _FURTHER.sub("", whole)).rstrip(". ;,")
    first, _, rest = text.partition(" ")
    verb = first[:1].lower() + first[1:]
    if verb not in _VERBS:
        verb = next((one for one in (verb.removesuffix("s"), verb.removesuffix("es")) if one in _VERBS), "")
    return f"{verb} {rest}" if verb and rest else ""
