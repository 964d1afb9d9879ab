"""What nobody can beat: AWS's quotas and the time that AWS itself takes."""

from __future__ import annotations

from dataclasses import dataclass

WAF_CREATES_PER_SECOND = 1.0
# CreateDeployment of all APIs of an account and Region.
SECONDS_PER_API_DEPLOYMENT = 5.0
SECONDS_PER_HEALTH_CHECK = 2.0
SECONDS_PER_DOMAIN_NAME = 30.0
# Until a custom domain name that was made is AVAILABLE: minutes, scaled as CloudFront's deployments are.
DOMAIN_NAME_DELAY = 20.0
# All of an account and Region.
API_GATEWAY_CALLS_PER_SECOND = 10.0


@dataclass(frozen=True)
class Delays:
    """Seconds that AWS takes, here from the emulator's settings, and how often the controller looks."""

    role: float
    function: float
    deployment: float
    poll: str
    latency: float = 0.05

    def settings(self) -> dict[str, float]:
        return {
            "rolePropagation": self.role,
            "functionPending": self.function,
            "deploymentDelay": self.deployment,
            "latency": self.latency,
        }

    def chain(self) -> float:
        """One perimeter alone: role, then function, then distribution; the web ACL is made meanwhile."""
        return self.role + self.function + self.deployment

    def __str__(self) -> str:
        return (
            f"role propagation {self.role:g} s, function pending {self.function:g} s, deployment {self.deployment:g} s (polled every {self.poll}), "
            f"latency {self.latency * 1000:g} ms a call"
        )


# A deployment takes CloudFront 3 to 5 minutes. Scaled to a seventh, and the interval of looking at it with it, so that the
# share of quotas and waiting in the whole is not smaller than it really is.
SCALED = Delays(role=5, function=2, deployment=30, poll="3s")
UNSCALED = Delays(role=8, function=3, deployment=210, poll="20s")


@dataclass(frozen=True)
class Writes:
    """CloudFront's rate of writes."""

    per_second: float
    burst: float


CLOUDFRONT = Writes(per_second=1, burst=10)


def three_a_minute() -> Writes:
    return Writes(per_second=3 / 60, burst=1)


def created(n: int, delays: Delays, cloudfront: Writes = CLOUDFRONT) -> list[float]:
    """Seconds after which each of `n` perimeters begun together is deployed, if everything that may overlap does and no
    call takes any time.

    Web ACL i is made after i seconds. A distribution needs its web ACL, its function, and its turn.
    """
    tokens, at, times = cloudfront.burst, 0.0, []
    for i in range(n):
        earliest = max(i / WAF_CREATES_PER_SECOND, delays.role + delays.function, at)
        tokens = min(cloudfront.burst, tokens + (earliest - at) * cloudfront.per_second)
        missing = max(0.0, 1 - tokens) / cloudfront.per_second
        at = earliest + missing
        tokens = max(0.0, tokens - 1) if missing == 0 else 0.0
        times.append(at + delays.deployment)
    return times


def locked(deployed: list[float]) -> float:
    """Seconds after which the last API is locked, if each is deployed anew as soon as its perimeter stands and it is its
    turn."""
    at = -SECONDS_PER_API_DEPLOYMENT
    for perimeter in deployed:
        at = max(perimeter, at + SECONDS_PER_API_DEPLOYMENT)
    return at


def by_domain_names(n: int, delays: Delays) -> float:
    """Seconds after which the last of `n` objects under mutual TLS is locked: its custom domain name has had its turn, and is
    AVAILABLE, before CloudFront is led to it."""
    return (n - 1) * SECONDS_PER_DOMAIN_NAME + DOMAIN_NAME_DELAY + delays.deployment


def refused(delays: Delays) -> float:
    """Seconds for which viewers of a lock that the API refuses are refused at least: a probe that shows it, and the call that
    puts back what was before, which waits for its turn among API Gateway's calls."""
    return 2 * delays.latency + 1 / API_GATEWAY_CALLS_PER_SECOND


def protected(deployed: list[float], delays: Delays) -> float:
    """Seconds after which the last perimeter is deployed and has its health check, which needs the distribution's name."""
    at = -SECONDS_PER_HEALTH_CHECK
    for perimeter in deployed:
        at = max(perimeter - delays.deployment, at + SECONDS_PER_HEALTH_CHECK)
    return max(at, deployed[-1])
