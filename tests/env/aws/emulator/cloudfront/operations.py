"""CloudFront's operations."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import regex

from .. import pricing_plans
from ..core import paging
from ..core.answers import Answer, AwsError, as_xml
from ..core.call import Call
from ..core.operations import operation
from . import access, checks, document
from .store import Distribution, timestamp

if TYPE_CHECKING:
    from ..world import World

NAMESPACE = document.NAMESPACE
_KEY = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}")
_VALUE = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}")


@operation("cloudfront", "CreateDistribution", "CreateDistributionWithTags")
def create(world: World, call: Call) -> Answer:
    root, tags = document.parse(call.body), {}
    if call.operation == "CreateDistributionWithTags":
        given = root.find("DistributionConfig")
        if given is None or root.find("Tags") is None:
            raise AwsError("MissingArgument", "The parameter DistributionConfigWithTags is required.")
        tags = _tags(root.find("Tags"))
        root = given
    checks.check_form(root)
    config = document.fill_in(root)
    access.create(world, call, config, tags)
    known = world.distributions.references.get(document.text(config, "CallerReference"))
    if known:
        raise AwsError(
            "DistributionAlreadyExists",
            f"The caller reference that you are using to create a distribution is associated with another distribution. Already exists: {known}",
            409,
        )
    if len(world.distributions.all) >= world.settings.limit("distributions"):
        raise AwsError("TooManyDistributions", "Processing your request would cause you to exceed the maximum number of distributions allowed.")
    checks.check(world, config, None)
    distribution = world.distributions.create(config, tags)
    answer = _distribution(world, distribution, 201)
    answer.headers["Location"] = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution.id}"
    return answer


@operation("cloudfront", "GetDistribution")
def get(world: World, call: Call) -> Answer:
    return _distribution(world, world.distributions.get(call.params["Id"]))


@operation("cloudfront", "GetDistributionConfig")
def get_config(world: World, call: Call) -> Answer:
    distribution = world.distributions.get(call.params["Id"])
    text = document.render(distribution.wanted).replace("<DistributionConfig>", f'<DistributionConfig xmlns="{NAMESPACE}">', 1)
    return as_xml(text, headers={"ETag": distribution.etag})


@operation("cloudfront", "UpdateDistribution")
def update(world: World, call: Call) -> Answer:
    distribution = world.distributions.get(call.params["Id"])
    root = document.parse(call.body)
    checks.check_form(root)
    if_match(call, distribution)
    checks.check_update_fields(root)
    config = document.fill_in(root)
    access.update(world, call, distribution, config)
    if document.text(config, "CallerReference") != document.text(distribution.wanted, "CallerReference"):
        raise AwsError("IllegalUpdate", "The update contains modifications that are not allowed: the caller reference cannot be changed.")
    checks.check(world, config, distribution)
    world.distributions.write(distribution, config)
    return _distribution(world, distribution)


@operation("cloudfront", "DeleteDistribution")
def delete(world: World, call: Call) -> Answer:
    distribution = world.distributions.get(call.params["Id"])
    access.delete(world, call, distribution)
    if_match(call, distribution)
    # While a disabling is on its way, AWS answers just as it does for an enabled distribution.
    if distribution.enabled or not world.distributions.settle(distribution):
        raise AwsError("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.", 409)
    if pricing_plans.holds(world, distribution.arn):
        raise AwsError("ResourceInUse", "Cannot delete this resource because it is in use.", 409)
    world.distributions.delete(distribution)
    return Answer(204)


@operation("cloudfront", "ListDistributions")
def listed(world: World, call: Call) -> Answer:
    when = world.list_time()
    marker, most = call.query.get("Marker", ""), paging.size(call.query.get("MaxItems"), 100)
    chosen, following = paging.page(world.distributions.history.at(when), lambda s: s.id, marker, most)
    summaries = "".join(summary.render(when) for summary in chosen)
    return as_xml(
        f'<DistributionList xmlns="{NAMESPACE}"><Marker>{escape(marker)}</Marker>'
        + (f"<NextMarker>{following}</NextMarker>" if following else "")
        + f"<MaxItems>{most}</MaxItems><IsTruncated>{str(bool(following)).lower()}</IsTruncated><Quantity>{len(chosen)}</Quantity>"
        + (f"<Items>{summaries}</Items>" if chosen else "")
        + "</DistributionList>"
    )


@operation("cloudfront", "ListTagsForResource")
def list_tags(world: World, call: Call) -> Answer:
    tags = world.distributions.by_arn(call.query.get("Resource", "")).tags
    inner = "".join(f"<Tag><Key>{escape(k)}</Key><Value>{escape(v)}</Value></Tag>" for k, v in tags.items())
    return as_xml(f'<Tags xmlns="{NAMESPACE}"><Items>{inner}</Items></Tags>')


@operation("cloudfront", "TagResource", "UntagResource")
def tag(world: World, call: Call) -> Answer:
    """Tags change neither the ETag nor the deployment."""
    distribution = world.distributions.by_arn(call.query.get("Resource", ""))
    root = document.parse(call.body)
    if call.operation == "TagResource":
        changed = {**distribution.tags, **_tags(root)}
        if len(changed) > 50:
            raise AwsError("InvalidTagging", "The tagging specified is not valid: a resource can have at most 50 tags.")
    else:
        gone = {document.text(key) for key in document.items(root, ".")}
        changed = {k: v for k, v in distribution.tags.items() if k not in gone}
    distribution.tags = changed
    world.tags.note(distribution.arn, changed)
    return Answer(204)


def if_match(call: Call, distribution: Distribution) -> None:
    given = (call.header("If-Match") or "").strip('"')
    if given == distribution.etag:
        return
    if given in distribution.etags:
        raise AwsError("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.", 412)
    raise AwsError("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")


def _tags(root: Element | None) -> dict[str, str]:
    tags = {document.text(t, "Key"): document.text(t, "Value") for t in document.items(root, ".")}
    if any(not _KEY.fullmatch(key) or not _VALUE.fullmatch(value) or key.lower().startswith("aws:") for key, value in tags.items()) or len(tags) > 50:
        raise AwsError("InvalidTagging", "The tagging specified is not valid.")
    return tags


def _distribution(world: World, distribution: Distribution, status: int = 200) -> Answer:
    deployed = world.distributions.settle(distribution)
    answer = as_xml(
        f'<Distribution xmlns="{NAMESPACE}"><Id>{distribution.id}</Id><ARN>{distribution.arn}</ARN>'
        f"<Status>{'Deployed' if deployed else 'InProgress'}</Status><LastModifiedTime>{timestamp(distribution.modified_at)}</LastModifiedTime>"
        f"<InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>{distribution.domain}</DomainName>"
        "<ActiveTrustedSigners><Enabled>false</Enabled><Quantity>0</Quantity></ActiveTrustedSigners>"
        "<ActiveTrustedKeyGroups><Enabled>false</Enabled><Quantity>0</Quantity></ActiveTrustedKeyGroups>"
        f"{document.render(distribution.wanted)}{document.recordals(distribution.wanted)}</Distribution>",
        status,
        {"ETag": distribution.etag},
    )
    answer.resource = distribution.id
    return answer
