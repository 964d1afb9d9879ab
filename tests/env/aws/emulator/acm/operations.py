"""ACM's operations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import regex

from ..core import paging, protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import imports
from .store import TOKEN_LIFETIME, VALIDATED, Certificate, Json

if TYPE_CHECKING:
    from ..world import World

_ARN = regex.compile(r"arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+")
_TEXT = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
MOST_NAMES = 10


@operation("acm", "RequestCertificate")
def request(world: World, call: Call) -> Answer:
    params = call.params
    domain, token = str(params["DomainName"]).lower(), str(params.get("IdempotencyToken") or "")
    names = list(dict.fromkeys([domain, *(str(name).lower() for name in params.get("SubjectAlternativeNames") or [])]))
    if len(domain) > 64:
        raise AwsError("InvalidParameterException", "The first domain name can have no more than 64 characters.")
    if len(names) > MOST_NAMES:
        raise AwsError("LimitExceededException", "Certificate has too many domains.")
    tags = _tags(params.get("Tags") or [], {})
    known = next((c for c in world.certificates.all.values() if token and c.token == token and c.region == call.region), None)
    if known and time.time() < known.created_at + TOKEN_LIFETIME and known.domain == domain:
        if known.names != names:
            raise AwsError("InvalidParameterException", "Error: The idempotency token was used for a request with other parameters.")
        return protocols.answer(call, {"CertificateArn": known.arn}, known.arn)
    if sum(c.region == call.region for c in world.certificates.all.values()) >= world.settings.limit("certificates"):
        limit = world.settings.limit("certificates")
        raise AwsError(
            "LimitExceededException",
            f"Error: you have reached your limit of {limit} certificates. Please visit the Service Quotas console to request an increase.",
        )
    more = {"tags": tags, "token": token, "method": params.get("ValidationMethod", "EMAIL"), "key_algorithm": params.get("KeyAlgorithm", "RSA_2048")}
    made = world.certificates.request(call.region, domain, names[1:], **more)
    return protocols.answer(call, {"CertificateArn": made.arn}, made.arn)


@operation("acm", "ImportCertificate")
def bring(world: World, call: Call) -> Answer:
    arn, given = call.params.get("CertificateArn"), call.params.get("Tags") or []
    known = _get(world, call) if arn else None
    if known and not known.imported:
        raise imports.invalid(f"The certificate {arn} was not imported, and cannot be imported again.")
    if known and given:
        raise imports.invalid("You cannot apply tags when reimporting a certificate.")
    imported = imports.read(call.params)
    if known and known.imported:
        imports.check_again(known.imported, imported)
    elif sum(c.region == call.region for c in world.certificates.all.values()) >= world.settings.limit("certificates"):
        raise AwsError("LimitExceededException", "Cannot import more certificates: you have reached your limit of certificates.")
    made = world.certificates.bring(call.region, imported, _tags(given, {}), known)
    return protocols.answer(call, {"CertificateArn": made.arn}, made.arn)


@operation("acm", "GetCertificate")
def get(world: World, call: Call) -> Answer:
    """Certificate and chain; whoever imports a private key never gets it back."""
    certificate = _get(world, call)
    if certificate.imported:
        chain = certificate.imported.chain
        return protocols.answer(call, {"Certificate": certificate.imported.body, **({"CertificateChain": chain} if chain else {})})
    if certificate.status not in VALIDATED:
        raise AwsError("RequestInProgressException", f"The certificate request for {certificate.arn} is still in progress.")
    body, _ = world.authority.pair(certificate.domain, *certificate.names)
    return protocols.answer(call, {"Certificate": body, "CertificateChain": world.authority.pem})


@operation("acm", "DescribeCertificate")
def describe(world: World, call: Call) -> Answer:
    return protocols.answer(call, {"Certificate": _document(world, _get(world, call))})


def _document(world: World, certificate: Certificate) -> Json:
    if certificate.imported:
        return {
            **_summary(world, certificate),
            **certificate.imported.document(),
            "SubjectAlternativeNames": certificate.names,
            "InUseBy": world.certificates.users(certificate.arn),
            "Options": {"CertificateTransparencyLoggingPreference": "DISABLED"},
        }
    known = certificate.method == "DNS" and world.certificates.records_known(certificate)
    options = []
    for name in certificate.names:
        done = certificate.status in VALIDATED or (known and world.certificates.proved(certificate, name))
        state = "SUCCESS" if done else "FAILED" if certificate.failure else "PENDING_VALIDATION"
        option: Json = {"DomainName": name, "ValidationDomain": name, "ValidationStatus": state, "ValidationMethod": certificate.method}
        options.append({**option, "ResourceRecord": certificate.record(name)} if known else option)
    return {
        **_summary(world, certificate),
        "SubjectAlternativeNames": certificate.names,
        "DomainValidationOptions": options,
        "Subject": f"CN={certificate.domain}",
        "Issuer": "Amazon",
        "SignatureAlgorithm": "SHA256WITHRSA",
        "InUseBy": world.certificates.users(certificate.arn),
        "FailureReason": certificate.failure,
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
    }


def _summary(world: World, certificate: Certificate) -> Json:
    used = bool(world.certificates.users(certificate.arn))
    if certificate.imported:
        moments = {"ImportedAt": certificate.issued_at, "NotBefore": certificate.imported.not_before, "NotAfter": certificate.not_after}
        kind = {"Type": "IMPORTED", "RenewalEligibility": "INELIGIBLE", "CreatedAt": certificate.created_at, **moments}
    else:
        kind = {
            "Type": "AMAZON_ISSUED",
            "RenewalEligibility": "ELIGIBLE" if used else "INELIGIBLE",
            "CreatedAt": certificate.created_at,
            "IssuedAt": certificate.issued_at,
            "NotBefore": certificate.issued_at,
            "NotAfter": certificate.not_after,
        }
    return {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain,
        "SubjectAlternativeNameSummaries": certificate.names,
        "HasAdditionalSubjectAlternativeNames": False,
        "Status": certificate.status,
        "KeyAlgorithm": certificate.key_algorithm,
        "InUse": used,
        **kind,
    }


@operation("acm", "ListCertificates")
def listed(world: World, call: Call) -> Answer:
    history, params = world.certificates.histories.get(call.region), call.params
    found = [c for arn in (history.at(world.list_time()) if history else []) if (c := world.certificates.find(arn))]
    includes = params.get("Includes") or {}
    states, kinds, extended = params.get("CertificateStatuses"), includes.get("keyTypes"), includes.get("extendedKeyUsage")
    # Without a filter by key type, only these two are listed.
    found = [c for c in found if (not states or c.status in states) and c.key_algorithm in (kinds or ("RSA_1024", "RSA_2048"))]
    if extended:
        found = [c for c in found if c.imported and any(name in extended for name, _ in c.imported.extended)]
    try:
        chosen, following = paging.page(found, lambda c: c.arn, params.get("NextToken"), paging.size(params.get("MaxItems"), 1000, default=100))
    except AwsError:
        raise AwsError("ValidationException", "The next token is not valid.") from None
    return protocols.answer(call, {"CertificateSummaryList": [_summary(world, c) for c in chosen], "NextToken": following})


@operation("acm", "DeleteCertificate")
def delete(world: World, call: Call) -> Answer:
    certificate = _get(world, call)
    if world.certificates.is_held(certificate):
        raise AwsError("ResourceInUseException", f"Certificate {certificate.arn} is in use.")
    world.certificates.delete(certificate)
    return protocols.answer(call)


@operation("acm", "AddTagsToCertificate", "RemoveTagsFromCertificate")
def tag(world: World, call: Call) -> Answer:
    certificate, given = _get(world, call), call.params["Tags"]
    if call.operation == "AddTagsToCertificate":
        certificate.tags = _tags(given, certificate.tags)
    else:
        # A tag with a value goes only where the value is that one.
        gone = [t["Key"] for t in given if t.get("Value") in (None, certificate.tags.get(t["Key"]))]
        certificate.tags = {k: v for k, v in certificate.tags.items() if k not in gone}
    world.tags.note(certificate.arn, certificate.tags)
    return protocols.answer(call)


@operation("acm", "ListTagsForCertificate")
def list_tags(world: World, call: Call) -> Answer:
    return protocols.answer(call, {"Tags": [{"Key": k, "Value": v} for k, v in _get(world, call).tags.items()]})


def _get(world: World, call: Call) -> Certificate:
    arn = str(call.params["CertificateArn"])
    if not _ARN.fullmatch(arn):
        raise AwsError("InvalidArnException", f"The certificate ARN is not valid: {arn}")
    return world.certificates.get(arn, call.region)


def _tags(given: list[Json], known: dict[str, str]) -> dict[str, str]:
    tags = {**known, **{t["Key"]: t.get("Value", "") for t in given}}
    bad = next((k for k, v in tags.items() if k.lower().startswith("aws:") or not _TEXT.fullmatch(k) or not _TEXT.fullmatch(v)), None)
    if bad is not None:
        raise AwsError("InvalidTagException", f"The tag is not valid: {bad}")
    if len(tags) > 50:
        raise AwsError("TooManyTagsException", "The request contains too many tags: a certificate can have at most 50.")
    return tags
