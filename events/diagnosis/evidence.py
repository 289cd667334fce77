"""What may speak for a server that a detection proposes, and what is noted beside the proposals."""

from __future__ import annotations

EVIDENCE: dict[str, frozenset[str]] = {
    # where the name comes from
    "srv_record": frozenset({"name", "priority", "weight"}),
    "autoconfig": frozenset({"url"}),
    "provider_of_mx": frozenset({"provider", "exchanger"}),
    "mail_exchanger": frozenset({"exchanger"}),
    "usual_name": frozenset(),
    # what the server itself showed
    "answered": frozenset({"address"}),
    "tls_checked": frozenset({"version"}),
    "certificate_for_other_name": frozenset(),
    "certificate_expired": frozenset(),
    "certificate_not_trusted": frozenset(),
    "certificate_refused": frozenset(),
    "tls_failed": frozenset(),
    "starttls_not_offered": frozenset(),
    "sign_in_offered": frozenset({"mechanisms"}),
    "no_sign_in": frozenset(),
    # why it showed nothing
    "turned_away": frozenset({"reply"}),
    "name_without_address": frozenset(),
    "not_reached": frozenset(),
    "no_smtp_there": frozenset(),
    "address_not_allowed": frozenset(),
    "not_tried": frozenset({"limit"}),
    # beside the proposals
    "domain_not_found": frozenset({"domain"}),
    "name_servers_failed": frozenset({"domain"}),
    "null_mx": frozenset({"domain"}),
    "service_not_offered": frozenset({"name"}),
    "deadline_exceeded": frozenset({"limit_ms"}),
    "no_tester": frozenset(),
}
"""Every code of an `events.detection.Evidence` and the names of the facts in its sentence."""

UNSETTLED = frozenset({"name_servers_failed", "deadline_exceeded", "no_tester"})
"""Notes that leave it open whether there is more to find."""
