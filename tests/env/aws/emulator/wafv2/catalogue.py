"""AWS's managed rule groups: capacity, rules, versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    capacity: int
    label: str
    rules: tuple[str, ...]
    # In the order of their making; the last is the default.
    versions: tuple[str, ...] = ()


def _versions(*numbers: str) -> tuple[str, ...]:
    return tuple(f"Version_{number}" for number in numbers)


GROUPS: dict[str, Group] = {
    "AWSManagedRulesCommonRuleSet": Group(
        700,
        "core-rule-set",
        (
            "NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY",
            "SizeRestrictions_URIPATH", "EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS",
            "GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY", "RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS",
            "GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH", "CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS",
            "CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH",
        ),
        _versions("1.0", "1.14", "1.15", "1.16", "1.17"),
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": Group(
        200,
        "known-bad-inputs",
        (
            "JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_QUERYSTRING",
            "Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH", "Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY",
            "Log4JRCE_URIPATH", "ReactJSRCE_BODY",
        ),
        _versions("1.16", "1.22", "1.23", "1.24"),
    ),
    "AWSManagedRulesAmazonIpReputationList": Group(
        25, "amazon-ip-list", ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList")
    ),
    "AWSManagedRulesAnonymousIpList": Group(50, "anonymous-ip-list", ("AnonymousIPList", "HostingProviderIPList")),
    "AWSManagedRulesAntiDDoSRuleSet": Group(50, "anti-ddos", ("ChallengeAllDuringEvent", "ChallengeDDoSRequests", "DDoSRequests"), _versions("1.0", "1.1")),
    "AWSManagedRulesAdminProtectionRuleSet": Group(100, "admin-protection", ("AdminProtection_URIPATH",), _versions("1.0")),
    "AWSManagedRulesSQLiRuleSet": Group(
        200,
        "sql-database",
        ("SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_QUERYARGUMENTS", "SQLi_BODY", "SQLiExtendedPatterns_BODY", "SQLi_COOKIE", "SQLi_URIPATH"),
        _versions("1.1", "1.2", "2.0"),
    ),
    "AWSManagedRulesLinuxRuleSet": Group(200, "linux-os", ("LFI_URIPATH", "LFI_QUERYSTRING", "LFI_HEADER"), _versions("2.1", "2.2", "2.6")),
    "AWSManagedRulesUnixRuleSet": Group(100, "posix-os", ("UNIXShellCommandsVariables_QUERYSTRING", "UNIXShellCommandsVariables_BODY"), _versions("2.1", "3.0")),
    "AWSManagedRulesWindowsRuleSet": Group(200, "windows-os", ("WindowsShellCommands_COOKIE", "WindowsShellCommands_BODY"), _versions("1.1", "2.0")),
    "AWSManagedRulesPHPRuleSet": Group(100, "php-app", ("PHPHighRiskMethodsVariables_QUERYSTRING", "PHPHighRiskMethodsVariables_BODY"), _versions("1.1", "2.1")),
    "AWSManagedRulesWordPressRuleSet": Group(100, "wordpress-app", ("WordPressExploitableCommands_QUERYSTRING",), _versions("1.1", "1.2")),
    "AWSManagedRulesBotControlRuleSet": Group(50, "bot-control", ("CategoryAdvertising", "CategoryArchiver", "SignalNonBrowserUserAgent"), _versions("3.0")),
}  # fmt: skip
