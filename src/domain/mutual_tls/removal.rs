//! How all of it goes: after the distribution, and never the switch of the default endpoint.
