//! Tools that may write a distribution, too: by the marks that they leave on it, and how each lets it go.

use crate::api::AdoptionRival;
use crate::domain::kernel::identity::Tags;
use std::collections::BTreeSet;

/// `CloudFormation`, and all that is built on it.
pub const CLOUD_FORMATION: &str = "CloudFormation";
/// AWS Controllers for Kubernetes.
pub const ACK: &str = "ACK";
/// Crossplane's provider for AWS.
pub const CROSSPLANE: &str = "Crossplane";
/// Terraform and `OpenTofu`, which leave no mark.
pub const TERRAFORM: &str = "Terraform";

/// The tools whose marks `tags` are, and Terraform, which may always be one. `let_go`: those that will let it go.
#[must_use]
pub fn rivals(id: &str, tags: &Tags, let_go: &BTreeSet<String>) -> Vec<AdoptionRival> {
    let marked = [cloud_formation(id, tags), ack(id, tags), crossplane(id, tags)];
    let marked = marked
        .into_iter()
        .flatten()
        .map(|(tool, seen, command)| AdoptionRival {
            needs_consent: !let_go.contains(tool),
            tool: tool.to_owned(),
            seen,
            command,
        });
    marked.chain([terraform(id)]).collect()
}

type Marked = Option<(&'static str, String, String)>;

/// Its tags stay when the stack lets a resource go, so they are a hint and no proof.
fn cloud_formation(id: &str, tags: &Tags) -> Marked {
    let stack = tags.get("aws:cloudformation:stack-name")?;
    let logical = tags
        .get("aws:cloudformation:logical-id")
        .map_or("unknown", String::as_str);
    Some((
        CLOUD_FORMATION,
        format!("tags of the stack {stack}, logical id {logical}"),
        format!(
            "set DeletionPolicy: Retain on {logical} and update the stack {stack}; after the adoption take {logical} out of the template. \
             Whether the stack has it still: aws cloudformation describe-stack-resources --physical-resource-id {id}. A stack that has \
             the former signer, too, fails to delete it for some hours, while its replicas go: delete it again then"
        ),
    ))
}

fn ack(id: &str, tags: &Tags) -> Marked {
    let namespace = tags.get("services.k8s.aws/namespace");
    let version = tags.get("services.k8s.aws/controller-version");
    let seen = namespace.or(version)?;
    Some((
        ACK,
        format!("tags of AWS Controllers for Kubernetes ({seen})"),
        format!(
            "annotate its Distribution with services.k8s.aws/deletion-policy=retain, then delete that object before you confirm: by \
             that nothing happens to the distribution. Which it is: \
             kubectl get distributions.cloudfront.services.k8s.aws -A -o yaml | grep -B50 {id}"
        ),
    ))
}

fn crossplane(id: &str, tags: &Tags) -> Marked {
    let kind = tags.get("crossplane-kind");
    let name = tags.get("crossplane-name");
    let seen = name.or(kind)?;
    Some((
        CROSSPLANE,
        format!("tags of Crossplane ({seen})"),
        format!(
            "take Delete out of managementPolicies of {seen} (or set deletionPolicy: Orphan), then delete that object before you confirm: by that \
             nothing happens to the distribution. Or pause it before (annotation crossplane.io/paused=true), and delete it later. Which it is: \
             kubectl get managed -o wide | grep {id}"
        ),
    ))
}

fn terraform(id: &str) -> AdoptionRival {
    AdoptionRival {
        tool: TERRAFORM.to_owned(),
        seen: "Terraform, OpenTofu and Pulumi leave no mark, so nobody can tell from here".to_owned(),
        command: format!(
            "where a state of yours has it (terraform state list | grep aws_cloudfront_distribution, terraform state show shows {id}), \
             let it go: removed {{ from = aws_cloudfront_distribution.NAME  lifecycle {{ destroy = false }} }}, or terraform state rm. \
             retain_on_delete is no way: it disables the distribution"
        ),
        needs_consent: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_that_writes_again_by_itself_lets_go_before_the_adoption_is_confirmed() {
        let tags = |key: &str| Tags::from([(key.to_owned(), "shop".to_owned())]);
        for (tool, key) in [
            (ACK, "services.k8s.aws/namespace"),
            (CROSSPLANE, "crossplane-name"),
        ] {
            let found = rivals("E1ABCDEF2GHIJK", &tags(key), &BTreeSet::new());
            assert_eq!(found[0].tool, tool);
            assert!(found[0].needs_consent);
            let said = &found[0].command;
            assert!(said.contains("delete that object before you confirm"), "{said}");
            assert!(said.contains("nothing happens to the distribution"), "{said}");
        }
    }
}
