"""Loads every module that registers operations."""

from __future__ import annotations


def load() -> None:
    from . import pricing_plans, tagging, topics  # noqa: F401
    from .acm import operations as _acm  # noqa: F401
    from .apis import (  # noqa: F401
        domain_names,
        domains,
        export,
        keys,
        rest_apis,
        rest_authorizers,
        rest_deployments,
        rest_resources,
        rest_stages,
        usage_plans,
        v2_apis,
        v2_authorizers,
        v2_routes,
        v2_stages,
    )
    from .apis import tags as _api_tags  # noqa: F401
    from .cloudfront import aliases  # noqa: F401
    from .cloudfront import operations as _cloudfront  # noqa: F401
    from .cloudwatch import operations as _cloudwatch  # noqa: F401
    from .functions import operations as _functions  # noqa: F401
    from .functions import permissions  # noqa: F401
    from .iam import assume, identity, roles  # noqa: F401
    from .route53 import health_checks, zones  # noqa: F401
    from .s3 import operations as _s3  # noqa: F401
    from .shield import account, protections, response  # noqa: F401
    from .wafv2 import ip_sets, logging, managed_groups, samples, tags, web_acls  # noqa: F401
