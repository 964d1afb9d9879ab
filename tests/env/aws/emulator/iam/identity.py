"""Who the caller is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import moto_side
from ..core.answers import Answer, as_xml
from ..core.call import Call
from ..core.operations import operation

if TYPE_CHECKING:
    from ..world import World


@operation("sts", "GetCallerIdentity")
def caller(world: World, call: Call) -> Answer:
    """A key that nobody has counts as the account's own, here as in the journal."""
    session = world.sessions.find(call.access_key)
    assumed = world.access.federated(call.access_key)
    user = moto_side.iam(world.account).get_user_from_access_key_id(call.access_key)
    user_id = f"{session.role_id}:{session.arn.rpartition('/')[2]}" if session else assumed.user_id if assumed else user.id if user else world.account
    return as_xml(
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{call.principal}</Arn><UserId>{user_id}</UserId><Account>{world.account}</Account></GetCallerIdentityResult>"
        "<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
