//! Shield Advanced, and the health checks that it goes by.

macro_rules! shield_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            // CreateSubscription is not here, and never will be: it costs $3,000 a month for a year.
            /// Whether the account is subscribed to Shield Advanced.
            Shield Get "GetSubscriptionState" GetSubscriptionState / get_subscription_state {} -> bool;
            /// Protections with response and health checks, without tags.
            Shield List "ListProtections" ListProtections / list_protections { marker: Option<String> } -> Page<protection::Content>;
            /// The protection of a resource.
            Shield Get "DescribeProtection" DescribeProtection / describe_protection { resource_arn: String } -> protection::Content;
            /// A protection's tags.
            Shield List "ListTagsForResource" ListProtectionTags / list_protection_tags { arn: String } -> Tags;
            /// Protects a resource; answers the protection's id.
            Shield Create "CreateProtection" CreateProtection / create_protection { protection: protection::Creation } -> String;
            /// Deletes a protection.
            Shield Delete "DeleteProtection" DeleteProtection / delete_protection { id: String } -> ();
            /// Adds or replaces tags.
            Shield Tag "TagResource" TagProtection / tag_protection { arn: String, tags: Tags } -> ();
            /// Removes tags.
            Shield Tag "UntagResource" UntagProtection / untag_protection { arn: String, keys: Vec<String> } -> ();
            /// Switches the automatic response on: Shield puts its rule into the web ACL.
            Shield Put "EnableApplicationLayerAutomaticResponse" EnableAutomaticResponse / enable_automatic_response { resource_arn: String, response: Response } -> ();
            /// Has the automatic response count or block.
            Shield Update "UpdateApplicationLayerAutomaticResponse" UpdateAutomaticResponse / update_automatic_response { resource_arn: String, response: Response } -> ();
            /// Switches the automatic response off: Shield takes its rule out of the web ACL.
            Shield Delete "DisableApplicationLayerAutomaticResponse" DisableAutomaticResponse / disable_automatic_response { resource_arn: String } -> ();
            /// Associates a health check with a protection.
            Shield Put "AssociateHealthCheck" AssociateHealthCheck / associate_health_check { protection: String, health_check: String } -> ();
            /// Takes a health check off a protection.
            Shield Delete "DisassociateHealthCheck" DisassociateHealthCheck / disassociate_health_check { protection: String, health_check: String } -> ();

            /// The account's subscription to Shield Advanced.
            Shield Get "DescribeSubscription" DescribeSubscription / describe_subscription {} -> Subscription;
            /// Whom the Shield Response Team writes to and calls.
            Shield Get "DescribeEmergencyContactSettings" DescribeEmergencyContacts / describe_emergency_contacts {} -> Vec<Contact>;
            /// Replaces the emergency contacts.
            Shield Update "UpdateEmergencyContactSettings" UpdateEmergencyContacts / update_emergency_contacts { contacts: Vec<Contact> } -> ();
            /// Has the Shield Response Team call by itself, for the first time; replaces the contacts.
            Shield Put "AssociateProactiveEngagementDetails" BeginProactiveEngagement / begin_proactive_engagement { contacts: Vec<Contact> } -> ();
            /// Has the Shield Response Team call by itself again.
            Shield Put "EnableProactiveEngagement" EnableProactiveEngagement / enable_proactive_engagement {} -> ();
            /// Has the Shield Response Team no longer call by itself.
            Shield Update "DisableProactiveEngagement" DisableProactiveEngagement / disable_proactive_engagement {} -> ();
            /// What the Shield Response Team may do.
            Shield Get "DescribeDRTAccess" DescribeSrtAccess / describe_srt_access {} -> SrtSeen;
            /// Gives the Shield Response Team a role in place of the one that it has.
            Shield Put "AssociateDRTRole" AssociateSrtRole / associate_srt_role { role_arn: String } -> ();
            /// Lets the Shield Response Team read a bucket.
            Shield Put "AssociateDRTLogBucket" AssociateSrtBucket / associate_srt_bucket { bucket: String } -> ();
            /// No longer lets the Shield Response Team read a bucket.
            Shield Delete "DisassociateDRTLogBucket" DisassociateSrtBucket / disassociate_srt_bucket { bucket: String } -> ();

            /// Health checks, without tags and health.
            Route53 List "ListHealthChecks" ListHealthChecks / list_health_checks { marker: Option<String> } -> Page<health_check::Content>;
            /// A health check.
            Route53 Get "GetHealthCheck" GetHealthCheck / get_health_check { id: String } -> health_check::Content;
            /// What each of Route 53's checkers last said of a health check.
            Route53 Get "GetHealthCheckStatus" GetHealthCheckStatus / get_health_check_status { id: String } -> Vec<String>;
            /// A health check's tags.
            Route53 List "ListTagsForResource" ListHealthCheckTags / list_health_check_tags { id: String } -> Tags;
            /// Makes a health check, which has no tags yet.
            Route53 Create "CreateHealthCheck" CreateHealthCheck / create_health_check { reference: String, settings: health_check::Settings } -> health_check::Content;
            /// Replaces what can be replaced, if the version is still `version`.
            Route53 Update "UpdateHealthCheck" UpdateHealthCheck / update_health_check { id: String, version: i64, settings: health_check::Settings } -> health_check::Content;
            /// Deletes a health check.
            Route53 Delete "DeleteHealthCheck" DeleteHealthCheck / delete_health_check { id: String } -> ();
            /// Adds, replaces and removes tags.
            Route53 Tag "ChangeTagsForResource" TagHealthCheck / tag_health_check { id: String, set: Tags, unset: Vec<String> } -> ();
            /// The addresses from which Route 53's checkers ask.
            Route53 List "GetCheckerIpRanges" GetCheckerIpRanges / get_checker_ip_ranges {} -> Vec<String>;
        } $($then)* }
    };
}
