//! AWS's managed rule groups: capacity, rules and versions, as far as tests name them.

/// A managed rule group.
pub struct Group {
    pub name: &'static str,
    pub capacity: i64,
    pub rules: &'static [&'static str],
    pub versions: &'static [&'static str],
}

/// The group of AWS that is called `name`.
pub fn group(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.name == name)
}

const GROUPS: &[Group] = &[
    Group {
        name: "AWSManagedRulesCommonRuleSet",
        capacity: 700,
        rules: &[
            "NoUserAgent_HEADER",
            "UserAgent_BadBots_HEADER",
            "SizeRestrictions_QUERYSTRING",
            "SizeRestrictions_Cookie_HEADER",
            "SizeRestrictions_BODY",
            "SizeRestrictions_URIPATH",
            "EC2MetaDataSSRF_BODY",
            "EC2MetaDataSSRF_COOKIE",
            "EC2MetaDataSSRF_URIPATH",
            "EC2MetaDataSSRF_QUERYARGUMENTS",
            "GenericLFI_QUERYARGUMENTS",
            "GenericLFI_URIPATH",
            "GenericLFI_BODY",
            "RestrictedExtensions_URIPATH",
            "RestrictedExtensions_QUERYARGUMENTS",
            "GenericRFI_QUERYARGUMENTS",
            "GenericRFI_BODY",
            "GenericRFI_URIPATH",
            "CrossSiteScripting_COOKIE",
            "CrossSiteScripting_QUERYARGUMENTS",
            "CrossSiteScripting_BODY",
            "CrossSiteScripting_URIPATH",
        ],
        versions: &[
            "Version_1.0",
            "Version_1.14",
            "Version_1.15",
            "Version_1.16",
            "Version_1.17",
        ],
    },
    Group {
        name: "AWSManagedRulesKnownBadInputsRuleSet",
        capacity: 200,
        rules: &[
            "JavaDeserializationRCE_HEADER",
            "JavaDeserializationRCE_BODY",
            "JavaDeserializationRCE_URIPATH",
            "JavaDeserializationRCE_QUERYSTRING",
            "Host_localhost_HEADER",
            "PROPFIND_METHOD",
            "ExploitablePaths_URIPATH",
            "Log4JRCE_HEADER",
            "Log4JRCE_QUERYSTRING",
            "Log4JRCE_BODY",
            "Log4JRCE_URIPATH",
            "ReactJSRCE_BODY",
        ],
        versions: &["Version_1.16", "Version_1.22", "Version_1.23", "Version_1.24"],
    },
    Group {
        name: "AWSManagedRulesAmazonIpReputationList",
        capacity: 25,
        rules: &[
            "AWSManagedIPReputationList",
            "AWSManagedReconnaissanceList",
            "AWSManagedIPDDoSList",
        ],
        versions: &[],
    },
    Group {
        name: "AWSManagedRulesAnonymousIpList",
        capacity: 50,
        rules: &["AnonymousIPList", "HostingProviderIPList"],
        versions: &[],
    },
    Group {
        name: "AWSManagedRulesAntiDDoSRuleSet",
        capacity: 50,
        rules: &["ChallengeAllDuringEvent", "ChallengeDDoSRequests", "DDoSRequests"],
        versions: &["Version_1.0", "Version_1.1"],
    },
    Group {
        name: "AWSManagedRulesBotControlRuleSet",
        capacity: 50,
        rules: &[
            "CategoryAdvertising",
            "CategoryArchiver",
            "SignalNonBrowserUserAgent",
        ],
        versions: &["Version_3.0"],
    },
    Group {
        name: "AWSManagedRulesSQLiRuleSet",
        capacity: 200,
        rules: &["SQLi_QUERYARGUMENTS", "SQLi_BODY", "SQLi_COOKIE", "SQLi_URIPATH"],
        versions: &["Version_1.1", "Version_1.2", "Version_2.0"],
    },
    Group {
        name: "AWSManagedRulesLinuxRuleSet",
        capacity: 200,
        rules: &["LFI_URIPATH", "LFI_QUERYSTRING", "LFI_HEADER"],
        versions: &["Version_2.1", "Version_2.2", "Version_2.6"],
    },
];
