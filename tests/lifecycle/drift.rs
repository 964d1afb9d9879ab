//! Somebody changes what we manage: the next resync finds it and changes it back, and says which fields.

use super::scenes::{NAME, RICH, ip_set, nothing_left, quiet, ready, setting, shape, the};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::domain::edge::xml::{self, Element};
use serde_json::json;
use std::time::Duration;
use xmltree::XMLNode;

/// What somebody changes, and the field that the correction names.
struct Tampering {
    what: fn(&Cluster),
    field: &'static str,
}

fn with(field: &'static str, what: fn(&Cluster)) -> Tampering {
    Tampering { what, field }
}

/// Hashes of everything that belongs to the object, but of its function, which each correction publishes anew.
fn state(cluster: &Cluster) -> Vec<(Kind, String, Option<u64>)> {
    let uid = cluster.uid(NAME);
    let all = cluster.cloud.hashed_resources().into_iter();
    let own = all.filter(|found| found.uid() == Some(uid.as_str()));
    let mut state: Vec<_> = own
        .map(|found| {
            let hash = found.hash.filter(|_| found.kind != Kind::Function);
            (found.kind, found.name, hash)
        })
        .collect();
    state.sort();
    state
}

async fn corrected(tamperings: Vec<Tampering>) {
    for Tampering { what, field } in tamperings {
        let mut cluster = ready(RICH).await;
        let before = state(&cluster);
        what(&cluster);
        assert!(
            state(&cluster) != before || field.contains("function"),
            "{field} was not tampered with"
        );
        let named = correction(&mut cluster).await;
        assert!(
            named.iter().any(|path| format!("/{path}").contains(field)),
            "{field} is not among {named:?}"
        );
        cluster.ready(NAME).await;
        assert_eq!(state(&cluster), before, "{field}");
        quiet(&mut cluster, NAME).await;
    }
}

/// The fields that the next resync corrects, and the passes that follow it.
async fn correction(cluster: &mut Cluster) -> Vec<String> {
    let mut named = Vec::new();
    let mut outcome = cluster.resync(NAME).await;
    for _ in 0..50 {
        for done in &outcome.done {
            named.extend(
                done.step
                    .changes
                    .iter()
                    .map(|change| format!("{}/{}", done.step.id.key(), change.path)),
            );
        }
        if outcome.plan.is_empty() && outcome.failures.is_empty() {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        outcome = cluster.pass(NAME).await;
    }
    named
}

fn edit(cluster: &Cluster, change: impl FnOnce(&mut Element)) {
    cluster
        .cloud
        .edit_distribution(&the(cluster, Kind::Distribution).id, change);
}

fn put(cluster: &Cluster, name: &str, value: &str) {
    edit(cluster, |config| xml::put(config, xml::text(name, value), &[]));
}

fn put_in(cluster: &Cluster, parent: &str, name: &str, value: &str) {
    edit(cluster, |config| {
        let parent = parent
            .split('/')
            .fold(config, |found, name| found.get_mut_child(name).unwrap());
        xml::put(parent, xml::text(name, value), &[]);
    });
}

fn put_in_origin(cluster: &Cluster, name: &str, value: &str) {
    put_in(cluster, "Origins/Items/Origin", name, value);
}

#[tokio::test(start_paused = true)]
async fn each_field_of_the_distribution_that_somebody_changes_is_changed_back_and_named() {
    corrected(vec![
        with("distribution/enabled", |c| put(c, "Enabled", "false")),
        with("distribution/comment", |c| put(c, "Comment", "mine")),
        with("distribution/priceClass", |c| {
            put(c, "PriceClass", "PriceClass_All");
        }),
        with("distribution/httpVersion", |c| put(c, "HttpVersion", "http3")),
        with("distribution/ipv6", |c| put(c, "IsIPV6Enabled", "false")),
        with("distribution/webAclArn", |c| put(c, "WebACLId", "")),
        with("distribution/minimumTlsVersion", |c| {
            put_in(c, "ViewerCertificate", "MinimumProtocolVersion", "TLSv1.1_2016");
        }),
        with("distribution/logging", |c| {
            put_in(c, "Logging", "Prefix", "elsewhere/");
        }),
        with("distribution/aliases", |c| {
            edit(c, |config| {
                xml::put(
                    config,
                    xml::list("Aliases", vec![xml::text("CNAME", "api.example.com")]),
                    &[],
                );
            });
        }),
        with("distribution/geoRestriction", |c| {
            put_in(c, "Restrictions/GeoRestriction", "RestrictionType", "whitelist");
        }),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_field_of_behaviour_and_origin_that_somebody_changes_is_changed_back_and_named() {
    corrected(vec![
        with("viewerProtocolPolicy", |c| {
            put_in(c, "DefaultCacheBehavior", "ViewerProtocolPolicy", "allow-all");
        }),
        with("compress", |c| {
            put_in(c, "DefaultCacheBehavior", "Compress", "false");
        }),
        with("responseHeadersPolicyId", |c| {
            edit(c, |config| {
                xml::remove(
                    config.get_mut_child("DefaultCacheBehavior").unwrap(),
                    "ResponseHeadersPolicyId",
                );
            });
        }),
        with("signerVersionArn", |c| {
            edit(c, |config| {
                let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
                xml::put(behaviour, xml::list("LambdaFunctionAssociations", vec![]), &[]);
            });
        }),
        with("signerIncludesBody", |c| {
            put_in(
                c,
                "DefaultCacheBehavior/LambdaFunctionAssociations/Items/LambdaFunctionAssociation",
                "IncludeBody",
                "false",
            );
        }),
        with("allowedMethods", |c| {
            edit(c, |config| {
                let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
                let methods = || vec![xml::text("Method", "HEAD"), xml::text("Method", "GET")];
                let mut allowed = xml::list("AllowedMethods", methods());
                allowed
                    .children
                    .push(XMLNode::Element(xml::list("CachedMethods", methods())));
                xml::put(behaviour, allowed, &[]);
            });
        }),
        with("origin.domainName", |c| {
            put_in_origin(c, "DomainName", "elsewhere.example.com");
        }),
        with("origin.path", |c| put_in_origin(c, "OriginPath", "/other")),
        with("origin.readTimeout", |c| {
            put_in(
                c,
                "Origins/Items/Origin/CustomOriginConfig",
                "OriginReadTimeout",
                "5",
            );
        }),
        with("origin.protocolPolicy", |c| {
            put_in(
                c,
                "Origins/Items/Origin/CustomOriginConfig",
                "OriginProtocolPolicy",
                "http-only",
            );
        }),
        with("origin.tlsVersions", |c| {
            edit(c, |config| {
                let origin = config
                    .get_mut_child("Origins")
                    .unwrap()
                    .get_mut_child("Items")
                    .unwrap();
                let custom = origin
                    .get_mut_child("Origin")
                    .unwrap()
                    .get_mut_child("CustomOriginConfig")
                    .unwrap();
                xml::put(
                    custom,
                    xml::list("OriginSslProtocols", vec![xml::text("SslProtocol", "TLSv1")]),
                    &[],
                );
            });
        }),
    ])
    .await;
}

fn edit_rules(cluster: &Cluster, change: impl FnOnce(&mut Vec<serde_json::Value>)) {
    cluster
        .cloud
        .edit_web_acl(&the(cluster, Kind::WebAcl).id, |document| {
            change(document["Rules"].as_array_mut().unwrap());
        });
}

#[tokio::test(start_paused = true)]
async fn each_field_of_the_web_acl_that_somebody_changes_is_changed_back_and_named() {
    corrected(vec![
        with("webAcl/rules.rate-per-ip", |c| {
            edit_rules(c, |rules| {
                let rule = rules
                    .iter_mut()
                    .find(|rule| rule["Name"] == "palisade-rate-per-ip")
                    .unwrap();
                rule["Statement"]["RateBasedStatement"]["Limit"] = json!(1_000_000);
            });
        }),
        with("webAcl/rules.block", |c| {
            edit_rules(c, |rules| rules.retain(|rule| rule["Name"] != "palisade-block"));
        }),
        with("webAcl/rules.AWSManagedRulesCommonRuleSet", |c| {
            edit_rules(c, |rules| {
                let rule = rules
                    .iter_mut()
                    .find(|rule| rule["Name"] == "palisade-AWSManagedRulesCommonRuleSet")
                    .unwrap();
                rule["OverrideAction"] = json!({"Count": {}});
            });
        }),
        with("webAcl/rules.extra", |c| {
            edit_rules(c, |rules| {
                let mut rule = rules[0].clone();
                (rule["Name"], rule["Priority"]) = (json!("palisade-extra"), json!(5000));
                rules.push(rule);
            });
        }),
        with("webAcl/rules.order", |c| {
            edit_rules(c, |rules| {
                let (first, second) = (rules[0]["Priority"].clone(), rules[1]["Priority"].clone());
                (rules[0]["Priority"], rules[1]["Priority"]) = (second, first);
            });
        }),
        with("webAcl/defaultAction", |c| {
            c.cloud.edit_web_acl(&the(c, Kind::WebAcl).id, |document| {
                document["DefaultAction"] = json!({"Block": {}});
            });
        }),
        with("ipSet/block-v4/addresses", |c| {
            c.cloud
                .edit_ip_set(&ip_set(c, "-block-v4").id, &["198.51.100.0/24"]);
        }),
        with("logging/destination", |c| {
            let arn = the(c, Kind::WebAcl).arn;
            let mut document = c.cloud.logging_of(&arn).unwrap();
            document["LogDestinationConfigs"] = json!(["arn:aws:s3:::aws-waf-logs-elsewhere"]);
            c.cloud.set_logging(&arn, Some(document));
        }),
        with("logging/redactedHeaders", |c| {
            let arn = the(c, Kind::WebAcl).arn;
            let mut document = c.cloud.logging_of(&arn).unwrap();
            document["RedactedFields"] = json!([]);
            c.cloud.set_logging(&arn, Some(document));
        }),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_field_of_role_and_function_that_somebody_changes_is_changed_back_and_named() {
    corrected(vec![
        with("role/trust", |c| {
            c.cloud.edit_role(&the(c, Kind::Role).name, |role| {
                role.trust["Statement"][0]["Principal"]["Service"] = json!("lambda.amazonaws.com");
            });
        }),
        with("role/policies", |c| {
            c.cloud.edit_role(&the(c, Kind::Role).name, |role| {
                role.policies.get_mut("palisade-signer").unwrap()["Statement"][0]["Resource"] = json!("*");
            });
        }),
        with("role/policies", |c| {
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
            c.cloud.edit_role(&the(c, Kind::Role).name, |role| drop(role.policies.insert("more".into(), policy)));
        }),
        with("role/policies", |c| c.cloud.edit_role(&the(c, Kind::Role).name, |role| role.policies.clear())),
        with("role/permissionsBoundary", |c| {
            c.cloud.edit_role(&the(c, Kind::Role).name, |role| {
                role.boundary = Some("arn:aws:iam::aws:policy/AdministratorAccess".into());
            });
        }),
        with("function/timeout", |c| c.cloud.edit_function(&the(c, Kind::Function).name, |settings| settings.timeout = 30)),
        with("function/runtime", |c| {
            c.cloud.edit_function(&the(c, Kind::Function).name, |settings| settings.runtime = "nodejs22.x".into());
        }),
        with("function/codeSha256", |c| c.cloud.edit_function_code(&the(c, Kind::Function).name, "c29tZXRoaW5nIGVsc2U=")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_changes_are_changed_back_and_named() {
    for kind in [
        Kind::Role,
        Kind::Function,
        Kind::IpSet,
        Kind::WebAcl,
        Kind::Distribution,
    ] {
        let mut cluster = ready(RICH).await;
        let found = the(&cluster, kind);
        let mut tags = found.tags.clone();
        tags.insert("team".into(), "somebody else".into());
        tags.remove("palisade.dev/name");
        cluster.cloud.set_tags(&found.arn, &tags);
        let named = correction(&mut cluster).await;
        assert!(
            named.iter().any(|path| path.contains("tags.team")),
            "{kind:?}: {named:?}"
        );
        assert_eq!(the(&cluster, kind).tags, found.tags);
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_by_hand_is_built_again() {
    type Deletion = fn(&Cluster);
    let deletions: [(&str, Deletion); 6] = [
        ("role", |c| c.cloud.remove_role(&the(c, Kind::Role).name)),
        ("function", |c| {
            c.cloud.remove_function(&the(c, Kind::Function).name);
        }),
        ("ipSet/block-v4", |c| {
            c.cloud.remove_ip_set(&ip_set(c, "-block-v4").id);
        }),
        ("webAcl", |c| c.cloud.remove_web_acl(&the(c, Kind::WebAcl).id)),
        ("logging", |c| {
            c.cloud.set_logging(&the(c, Kind::WebAcl).arn, None);
        }),
        ("distribution", |c| {
            c.cloud.remove_distribution(&the(c, Kind::Distribution).id);
        }),
    ];
    for (what, delete) in deletions {
        let mut cluster = ready(RICH).await;
        cluster.invariants = None;
        let before = shape(&cluster, NAME);
        delete(&cluster);
        tokio::time::sleep(Duration::from_mins(10)).await;
        cluster.ready(NAME).await;
        assert_eq!(shape(&cluster, NAME), before, "{what}");
        if what == "distribution" {
            // The mark of the lock went with it, and comes again with the next read of the methods.
            tokio::time::sleep(Duration::from_hours(1)).await;
            cluster.ready(NAME).await;
        }
        cluster.watch();
        quiet(&mut cluster, NAME).await;
        if what == "distribution" {
            let reference = setting(&cluster, "CallerReference");
            assert_eq!(reference, format!("{}-1", cluster.uid(NAME)));
        }
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}
