//! AWS WAF and CloudFront.

macro_rules! edge_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            /// IP sets of CLOUDFRONT scope with their lock tokens.
            Waf List "ListIPSets" ListIpSets / list_ip_sets { marker: Option<String> } -> Page<web_acl::Entity>;
            /// An IP set.
            Waf Get "GetIPSet" GetIpSet / get_ip_set { id: String, name: String } -> ip_set::Content;
            /// Makes an IP set.
            Waf Create "CreateIPSet" CreateIpSet / create_ip_set { ip_set: ip_set::Creation } -> web_acl::Entity;
            /// Replaces the addresses; answers the next lock token.
            Waf Update "UpdateIPSet" UpdateIpSet / update_ip_set { entity: web_acl::Entity, addresses: Vec<String> } -> String;
            /// Deletes an IP set that nothing references.
            Waf Delete "DeleteIPSet" DeleteIpSet / delete_ip_set { entity: web_acl::Entity } -> ();
            /// Web ACLs of CLOUDFRONT scope with their lock tokens.
            Waf List "ListWebACLs" ListWebAcls / list_web_acls { marker: Option<String> } -> Page<web_acl::Entity>;
            /// A web ACL's raw document and its lock token.
            Waf Get "GetWebACL" GetWebAcl / get_web_acl { id: String, name: String } -> web_acl::Content;
            /// Makes a web ACL from a raw document (without Name and Scope, which the call adds).
            Waf Create "CreateWebACL" CreateWebAcl / create_web_acl { name: String, document: Value, tags: Tags } -> web_acl::Entity;
            /// Replaces the web ACL by a raw document; answers the next lock token.
            Waf Update "UpdateWebACL" UpdateWebAcl / update_web_acl { entity: web_acl::Entity, document: Value } -> String;
            /// Deletes a web ACL that nothing uses.
            Waf Delete "DeleteWebACL" DeleteWebAcl / delete_web_acl { entity: web_acl::Entity } -> ();
            /// Capacity units that raw rules would use.
            Waf Get "CheckCapacity" CheckCapacity / check_capacity { rules: Value } -> i64;
            /// Requests that matched a rule, of the last three hours.
            Waf Get "GetSampledRequests" GetSampledRequests / get_sampled_requests { query: samples::Query } -> samples::Sampled;
            /// Raw logging configurations of CLOUDFRONT scope.
            Waf List "ListLoggingConfigurations" ListLoggingConfigurations / list_logging_configurations { marker: Option<String> } -> Page<Value>;
            /// A web ACL's raw logging configuration.
            Waf Get "GetLoggingConfiguration" GetLoggingConfiguration / get_logging_configuration { web_acl_arn: String } -> Value;
            /// Writes a raw logging configuration; answers it as stored.
            Waf Put "PutLoggingConfiguration" PutLoggingConfiguration / put_logging_configuration { document: Value } -> Value;
            /// Deletes a web ACL's logging configuration.
            Waf Delete "DeleteLoggingConfiguration" DeleteLoggingConfiguration / delete_logging_configuration { web_acl_arn: String } -> ();
            /// Tags of a web ACL or IP set.
            Waf List "ListTagsForResource" ListWafTags / list_waf_tags { arn: String } -> Tags;
            /// Adds or replaces tags.
            Waf Tag "TagResource" TagWaf / tag_waf { arn: String, tags: Tags } -> ();
            /// Removes tags.
            Waf Tag "UntagResource" UntagWaf / untag_waf { arn: String, keys: Vec<String> } -> ();

            /// Distributions with `ETag` and status, without tags.
            CloudFront List "ListDistributions" ListDistributions / list_distributions { marker: Option<String> } -> Page<distribution::Listed>;
            /// A distribution with its raw configuration and `ETag`.
            CloudFront Get "GetDistribution" GetDistribution / get_distribution { id: String } -> distribution::Content;
            /// Which headers of viewers a cache policy has in its key, and so sends on.
            CloudFront Get "GetCachePolicy" GetCachePolicy / get_cache_policy { id: String } -> host::Headers;
            /// Which headers of viewers an origin request policy sends on.
            CloudFront Get "GetOriginRequestPolicy" GetOriginRequestPolicy / get_origin_request_policy { id: String } -> host::Headers;
            /// Makes a distribution from a raw configuration.
            CloudFront Create "CreateDistributionWithTags" CreateDistribution / create_distribution { config: Element, tags: Tags } -> distribution::Content;
            /// Replaces the configuration, if its `ETag` is still `etag`.
            CloudFront Update "UpdateDistribution" UpdateDistribution / update_distribution { id: String, etag: String, config: Element } -> distribution::Content;
            /// Deletes a disabled and deployed distribution.
            CloudFront Delete "DeleteDistribution" DeleteDistribution / delete_distribution { id: String, etag: String } -> ();
            /// A distribution's tags.
            CloudFront List "ListTagsForResource" ListDistributionTags / list_distribution_tags { arn: String } -> Tags;
            /// Adds or replaces tags.
            CloudFront Tag "TagResource" TagDistribution / tag_distribution { arn: String, tags: Tags } -> ();
            /// Removes tags.
            CloudFront Tag "UntagResource" UntagDistribution / untag_distribution { arn: String, keys: Vec<String> } -> ();
            /// Moves an alias here from another distribution of the account, in one step.
            CloudFront Update "AssociateAlias" AssociateAlias / associate_alias { id: String, alias: String } -> ();
            /// Who has a domain name, or one that overlaps with it, in any account; `id` is a distribution with a certificate for it.
            CloudFront List "ListDomainConflicts" ListDomainConflicts / list_domain_conflicts { id: String, domain: String, marker: Option<String> } -> Page<conflict::Conflict>;
        } $($then)* }
    };
}
