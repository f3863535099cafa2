"""The host names of STS. Daypass sends a signed request only to one of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """One endpoint of STS: its partition, and the region that requests to it are signed for (empty: any)."""

    name: str
    partition: str
    region: str = ""
    scheme: str = "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.name}/"


# [botocore endpoints of STS; a test compares]
_REGIONS = {
    "aws": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
        ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
        eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1
        me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
    """,
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
    "aws-cn": "cn-north-1 cn-northwest-1",
}
_DOMAIN = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}

STS_HOSTS: tuple[Host, ...] = (
    Host("sts.amazonaws.com", "aws", "us-east-1"),
    *(
        Host(f"sts.{region}.{_DOMAIN[partition]}", partition, region)
        for partition, regions in _REGIONS.items()
        for region in regions.split()
    ),
)
