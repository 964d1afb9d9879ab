//! What Shield refuses, and what people are told to do about it.

use crate::aws::errors::ErrorKind;
use crate::aws::operations::Service;
use crate::aws::refused_fixtures::{error, kind};
use crate::aws::remedies::remedy;

#[test]
fn what_shield_refuses_of_an_accounts_settings() {
    use Service::Shield;
    let cases = [
        (
            "UpdateEmergencyContactSettings",
            "OptimisticLockException",
            ErrorKind::Conflict,
        ),
        (
            "AssociateDRTLogBucket",
            "NoAssociatedRoleException",
            ErrorKind::Conflict,
        ),
        (
            "AssociateDRTRole",
            "AccessDeniedForDependencyException",
            ErrorKind::Denied,
        ),
    ];
    for (name, code, expected) in cases {
        assert_eq!(kind(Shield, name, code, ""), expected, "{code}");
    }
    let (limits, invalid) = ("LimitsExceededException", "InvalidParameterException");
    let cases = [
        ("CreateProtection", limits, "Service Quotas"),
        ("AssociateDRTLogBucket", limits, "10 buckets"),
        ("EnableProactiveEngagement", invalid, "phoneNumber"),
        ("AssociateDRTRole", invalid, "drt.shield.amazonaws.com"),
        ("AssociateDRTRole", "InvalidOperationException", "Support plan"),
    ];
    for (name, code, part) in cases {
        let refused = error(Shield, name, code, "no");
        assert_eq!(refused.kind, ErrorKind::Terminal, "{code}");
        assert!(remedy(&refused).unwrap().contains(part), "{name} {code}");
    }
}
