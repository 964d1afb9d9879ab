//! What people are told of a mode that goes on beside a client certificate, or takes the place of signatures before that.

use crate::domain::access::listing::{agreed, listed};
use crate::domain::access::proof::Proof;
use crate::domain::kernel::reason::Reason;

/// What comes before a client certificate where CloudFront signs.
pub(in crate::domain::access) fn bridge(proof: &Proof) -> String {
    format!(
        "CloudFront shows no client certificate to an origin that it signs requests for, so the methods change from the signature to the \
         perimeter's {} first, which can stand beside one; that takes two deployments of the distribution, about 10 to 20 minutes, and \
         viewers are let in all the while",
        proof.of_the_perimeter()
    )
}

/// Stages of earlier specs that keep CloudFront signing.
pub(in crate::domain::access) fn signed_at_stages(stages: &[String]) -> String {
    format!(
        "stages that spec.origin.stage named before ask for signatures still: {}. CloudFront goes on signing for them, and shows no client \
         certificate to an origin that it signs requests for; viewers are let in as before",
        listed(stages)
    )
}

/// What ends that.
pub(in crate::domain::access) fn remedy_of_stages() -> &'static str {
    "Deploy the API to each of them once nobody calls it through this perimeter any more, which makes all edits of the API live there: it \
     then asks for what methods ask for by now, and the change of spec.access.mode to MutualTls goes on by itself"
}

/// Policies that keep CloudFront signing: `which` do what.
pub(in crate::domain::access) fn host_sent(which: &str) -> String {
    format!(
        "{which}. API Gateway refuses every viewer by that header, and the signer alone puts it right, so CloudFront goes on signing; viewers \
         are let in as before"
    )
}

/// What ends that.
pub(in crate::domain::access) fn remedy_of_host(what: &str, awaited: &Proof) -> String {
    format!(
        "{what}. The change of spec.access.mode to {} then goes on by itself",
        awaited.mode()
    )
}

/// No policy keeps a change of the mode any more.
pub(in crate::domain::access) fn host_goes_on(awaited: &Proof) -> String {
    format!(
        "no policy sends the viewer's Host header on any more, so the change to {} goes on",
        awaited.mode()
    )
}

/// Methods that `excludeMethods` named, and that keep CloudFront signing.
pub(in crate::domain::access) fn signed_by_exceptions(routes: &[String]) -> String {
    format!(
        "methods that spec.access.excludeMethods named ask for signatures still: {}. CloudFront goes on signing for them, and shows no client \
         certificate to an origin that it signs requests for; viewers are let in as before",
        listed(routes)
    )
}

/// What ends that.
pub(in crate::domain::access) fn remedy_of_exceptions() -> &'static str {
    "Have them ask for something else (another authorizationType), and deploy the stage, which makes all edits of the API live: \
     the change of spec.access.mode to MutualTls then goes on by itself"
}

/// Other objects whose viewers would be refused by a secret header of this one's.
pub(in crate::domain::access) fn header_of_several(others: &[String]) -> String {
    format!(
        "where the mode was SigV4, a secret header would have to take the place of the signature first. Stages share their methods, a \
         method asks one authorizer, and each object has one of its own: viewers of others who come by the API's default endpoint would be \
         refused: {}. CloudFront goes on signing, and viewers are let in as before",
        listed(others)
    )
}

/// What ends that.
pub(in crate::domain::access) fn remedy_of_several() -> &'static str {
    "Keep the signatures: set spec.access of each of the objects back to the mode SigV4. Or let the stages stand open for the time of \
     two deployments of CloudFront, in which anybody may call the API past the perimeter (10 to 20 minutes): set spec.access.enforcement: \
     Observe in each of the objects, have the methods ask for nothing (authorizationType NONE), deploy the stages, which makes all edits of \
     the API live, and set it back to Enforce"
}

/// What routes ask for that keeps the mode that goes on from being asked for.
pub(in crate::domain::access) fn in_the_way(reason: Reason, routes: &[&str]) -> String {
    if reason == Reason::ApiKeyInTheWay {
        return format!(
            "{} callers for an API key, which CloudFront would overwrite with the perimeter's, so that anybody would get in",
            agreed(routes, "of the API asks its", "of the API ask their")
        );
    }
    format!(
        "these methods or routes ask an authorizer or a signature of their own, in whose place API Gateway would ask for the perimeter's \
         proof: {}",
        listed(routes)
    )
}

/// Keys that pass a lock by key.
pub(in crate::domain::access) fn keys_of_others(stage: &str, plans: &[String]) -> String {
    format!(
        "keys of others open stage {stage} by usage plan {}: a method that asks for an API key lets each of them in past the perimeter",
        listed(plans)
    )
}

/// Why methods go on asking for a key though the client certificate locks the API.
pub(in crate::domain::access) fn keys_kept(stage: &str, plans: &[String]) -> String {
    format!(
        "the client certificate locks the API, and its methods go on asking for a key as well: keys of others open stage {stage} by usage \
         plan {}, and nowhere is written which methods customers show theirs to",
        listed(plans)
    )
}

/// What ends that.
pub(in crate::domain::access) fn remedy_of_keys() -> &'static str {
    "Take the stage out of that usage plan where no customer shows a key; or have the methods that customers show none to ask for no key \
     (apiKeyRequired false), and deploy the stage, which makes all edits of the API live"
}

/// Keys that no caller shows.
pub(in crate::domain::access) fn keys_from_authorizer() -> &'static str {
    "the API takes keys from its authorizer (apiKeySource AUTHORIZER), not from the header that CloudFront sends"
}

/// While the lock before is taken off.
pub(in crate::domain::access) fn taken_off() -> &'static str {
    "the client certificate has taken the place of what methods asked for before, so that is taken off; CloudFront goes on sending it until \
     API Gateway has known that everywhere for two minutes"
}

/// What becomes of it.
pub(in crate::domain::access) fn remedy(proof: &Proof, signs: bool) -> String {
    if signs {
        return format!(
            "spec.access.mode: the change to MutualTls goes by {} where the mode was SigV4, and waits until that is possible; until then \
             CloudFront goes on signing, and viewers are let in as before",
            proof.mode()
        );
    }
    "Nothing is to be done: with spec.access.mode MutualTls, callers past the perimeter are kept out as soon as the default endpoint is \
     switched off"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_is_told_with_how_long_it_takes_and_no_remedy_sets_the_mode_back() {
        assert!(bridge(&Proof::Key).contains("API key first"));
        assert!(bridge(&Proof::Header("x-origin-verify".into())).contains("secret in x-origin-verify"));
        for signs in [false, true] {
            let told = remedy(&Proof::Key, signs);
            assert!(
                told.contains("spec.access.mode") && !told.contains("Set "),
                "{told}"
            );
        }
    }
}
