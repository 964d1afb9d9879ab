"""The permissions of other services that a caller of CloudFront needs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ..core.call import Call
from . import document
from .store import Distribution

if TYPE_CHECKING:
    from ..world import World

REPLICATOR = "aws-service-role/replicator.lambda.amazonaws.com/AWSServiceRoleForLambdaReplicator"
EDGE_LOGGER = "aws-service-role/logger.cloudfront.amazonaws.com/AWSServiceRoleForCloudFrontLogger"


def create(world: World, call: Call, config: Element, tags: dict[str, str]) -> None:
    if tags:
        arn = f"arn:aws:cloudfront::{world.account}:distribution/*"
        world.access.depend(call, "cloudfront:TagResource", arn, request_tags=tags)
    _web_acl(world, call, document.text(config, "WebACLId"))
    _functions(world, call, set(), document.function_arns(config))
    _logging(world, call, None, config)


def update(world: World, call: Call, distribution: Distribution, config: Element) -> None:
    _web_acl(world, call, document.text(config, "WebACLId"))
    _functions(world, call, distribution.functions, document.function_arns(config))
    _logging(world, call, distribution.wanted, config)


def delete(world: World, call: Call, distribution: Distribution) -> None:
    _functions(world, call, distribution.functions, set())


def _web_acl(world: World, call: Call, arn: str) -> None:
    if arn:
        world.access.depend(call, "wafv2:GetWebACL", arn)


def _functions(world: World, call: Call, old: set[str], new: set[str]) -> None:
    # Each request is judged by all associations that it carries, also by those that stay.
    for arn in sorted(new):
        world.access.depend(call, "lambda:GetFunction", arn)
        # Written with a star in policies: the action has a version in its name that AWS does not publish.
        world.access.depend(call, "lambda:EnableReplication*", arn)
        for role, service in ((REPLICATOR, "replicator.lambda.amazonaws.com"), (EDGE_LOGGER, "logger.cloudfront.amazonaws.com")):
            resource = f"arn:aws:iam::{world.account}:role/{role}"
            world.access.depend(call, "iam:CreateServiceLinkedRole", resource, {"iam:AWSServiceName": [service]})
    for arn in sorted(old - new):
        world.access.depend(call, "lambda:DisableReplication*", arn)


def _logging(world: World, call: Call, old: Element | None, config: Element) -> None:
    """Legacy logging lets CloudFront write by an ACL of the bucket, which the caller changes."""
    bucket = document.text(config, "Logging/Bucket")
    if not bucket or not document.flag(config, "Logging/Enabled") or bucket == document.text(old, "Logging/Bucket"):
        return
    arn = f"arn:aws:s3:::{bucket.partition('.s3')[0]}"
    world.access.depend(call, "s3:GetBucketAcl", arn)
    world.access.depend(call, "s3:PutBucketAcl", arn)
