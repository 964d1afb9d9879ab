//! The real engine on a simulated account: an object's life from creation to deletion, and what may go wrong in it. Where
//! accounts are what it is about, the whole controller on several.
#![allow(clippy::unwrap_used)]

use crate::support;

// Shared: clusters and worlds in a known state, and what somebody else does.
mod api_server;
mod begun;
mod controllers;
mod every_call;
mod petstore;
mod processes;
mod scenes;
mod somebodys;

// An object from its creation to its deletion.
mod calls;
mod change;
mod class_turns;
mod classes;
mod cost;
mod create;
mod deletion;
mod drift;
mod goldens;
mod handover;
mod handover_back;
mod handover_crashes;
mod handover_edits;
mod headroom;
mod pause;
mod plans;
mod plans_adopted;
mod plans_answered;
mod plans_journal;
mod plans_random;
mod pricing_plans;
mod promote;
mod promote_fields;
mod room;
mod stripped;
mod tags;
mod taken_over;
mod takeover_by_consent;
mod takeover_lost;
mod usage_plans;
mod widened;

// A fault or a crash at each call, or at any.
mod crashes;
mod cut_short;
mod endpoint_off;
mod faults;
mod parted;
mod random;
mod refused;
mod unanswered;

// A distribution that stood before its object.
mod adoption;
mod adoption_as_before;
mod adoption_given_up;
mod adoption_let_in;
mod adoption_memory;
mod adoption_modes;
mod adoption_put_back;
mod adoption_release;
mod adoption_scenes;
mod adoption_shared;
mod adoption_written;

// The distribution, the web ACL, and who else writes them.
mod deploying;
mod detours;
mod edge;
mod foreign;
mod gone_meanwhile;
mod web_acl;

// Names: certificates, aliases, records.
mod expiry;
mod names;
mod names_moved;
mod names_records;

// What holds the first lock back, and what leads past it.
mod domain_names;
mod doors;
mod first_lock;
mod hourly;
mod in_front;
mod left_behind;
mod left_keys;
mod never_locked;
mod orphan_deletion;
mod orphan_wishes;
mod siblings;
mod undeployed;
mod unexported;

// The lock: how it is made, changed and taken back.
mod access;
mod credentials;
mod customers_keys;
mod earlier_stages;
mod excluded;
mod exclusive;
mod held_mode;
mod host_sent;
mod host_standing;
mod marks;
mod modes;
mod only_writes;
mod rotation;
mod stage_and_mode;
mod throttled;
mod unused;
mod unwritten;

// Mutual TLS: the client certificate, the custom domain name that asks for it, and the default endpoint.
mod mutual_tls;
mod mutual_tls_beforehand;
mod mutual_tls_certificates;
mod mutual_tls_clock;
mod mutual_tls_clusters;
mod mutual_tls_clusters_leaving;
mod mutual_tls_clusters_one_path;
mod mutual_tls_clusters_returning;
mod mutual_tls_comers;
mod mutual_tls_crashes;
mod mutual_tls_deletion;
mod mutual_tls_doors;
mod mutual_tls_endpoint;
mod mutual_tls_exceptions;
mod mutual_tls_foreign;
mod mutual_tls_forged;
mod mutual_tls_modes;
mod mutual_tls_others;
mod mutual_tls_pending;
mod mutual_tls_quotas;
mod mutual_tls_refused;
mod mutual_tls_shared;
mod mutual_tls_shared_left;
mod mutual_tls_stages;
mod mutual_tls_status_lost;
mod mutual_tls_switch;
mod mutual_tls_switches;
mod mutual_tls_taken_off;
mod mutual_tls_waits;
mod mutual_tls_way_back;

// A lock that is begun: proven, or put back, whatever comes in between.
mod crowd;
mod left_locked;
mod nothing_begun;
mod unproven;
mod window;
mod withdrawn;

// What is said of a lock, and what proves it.
mod as_deployed;
mod disguised;
mod gateway_responses;
mod gitops;
mod long_passes;
mod meanwhile;
mod opened;
mod probing;
mod probing_authorizers;
mod served_alone;
mod stage_web_acl;
mod unseen;

// Shield Advanced.
mod account_shield;
mod account_shield_faults;
mod shield;
mod shield_checks;
mod shield_clock;

// The whole controller: several objects, accounts, processes.
mod account_times;
mod claims;
mod rollout_planned;
mod rollout_shares;
mod rollouts;
mod two_accounts;
mod two_accounts_shared;
