"""What others need for the same: measured before, on the same emulated AWS with 50 ms a call, on 2 cores.

Terraform 1.11.4 with its AWS provider 5.100.0, one perimeter = role, policy, function, IP set, web ACL with 6 rules,
distribution, Shield protection, health check, topic, alarm. AWS Controllers for Kubernetes (role, function, IP set, web ACL,
distribution: 6 objects a perimeter). Palisade's perimeter here is the README's smallest manifest: role with policy, function
with a version, web ACL with 4 rules, distribution. So ratios of calls and CPU are per perimeter, not per resource.
"""

from __future__ import annotations

TERRAFORM = "Terraform"
ACK = "ACK"

# Figure → objects → peer → value, in the figure's unit.
PEERS: dict[str, dict[int, dict[str, float]]] = {
    "create, calls": {1: {TERRAFORM: 41, ACK: 65}, 10: {TERRAFORM: 410, ACK: 650}, 50: {TERRAFORM: 2050, ACK: 3250}},
    "create, seconds": {1: {TERRAFORM: 52}, 10: {TERRAFORM: 131}, 50: {TERRAFORM: 794, ACK: 264}},
    "resync, calls": {1: {TERRAFORM: 22, ACK: 26}, 10: {TERRAFORM: 220, ACK: 260}, 50: {TERRAFORM: 1100, ACK: 1300}},
    "resync, CPU seconds": {1: {TERRAFORM: 19}, 10: {TERRAFORM: 108}, 50: {TERRAFORM: 537}},
    "resync, seconds": {1: {TERRAFORM: 16}, 10: {TERRAFORM: 97}, 50: {TERRAFORM: 303}},
    "resync, status writes": {1: {ACK: 6}, 10: {ACK: 60}, 50: {ACK: 300}},
    "memory, MB": {1: {TERRAFORM: 856}, 10: {TERRAFORM: 1870}, 50: {TERRAFORM: 2462, ACK: 266}},
}


# Where nobody measured so many, the peers' figures grow with the objects: they are strictly linear. Memory is not.
LINEAR = {"create, calls", "resync, calls", "resync, CPU seconds", "resync, seconds", "resync, status writes"}


def peers(figure: str, n: int) -> dict[str, tuple[float, bool]]:
    """The peers' values for `n` objects, and whether each is measured (or else extrapolated)."""
    rows = PEERS.get(figure, {})
    if n in rows:
        return {peer: (value, True) for peer, value in rows[n].items()}
    if figure not in LINEAR or not rows or n == 0:
        return {}
    largest = max(rows)
    return {peer: (value * n / largest, False) for peer, value in rows[largest].items()}
