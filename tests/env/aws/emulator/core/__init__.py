"""What all services share: recognising a call, answering it, settings, faults, quotas, the journal."""
