//! What the tags of an adopted distribution remember is put back only where it is what was noted as they were set.

use super::adoption_scenes::{adopt, adopted, assert_served, hash, refused};
use super::scenes::NAME;
use palisade::domain::adoption::before::Before;
use palisade::domain::edge::places::Place;
use palisade::domain::edge::xml;

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_written_into_the_tags_is_not_put_back() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let config = cluster.cloud.config_of(&theirs.id);
    let mut forged = theirs.config.clone();
    let origin = xml::text_at(&forged, "DefaultCacheBehavior/TargetOriginId").unwrap();
    let names = xml::list("Aliases", vec![xml::text("CNAME", "evil.example.com")]);
    Place::Config("Aliases").write(&mut forged, &origin, Some(names));
    let mut tags = theirs.tags(&cluster);
    tags.extend(Before::of(&forged, &origin, &theirs.tags).to_tags());
    cluster.cloud.set_tags(&theirs.arn, &tags);
    cluster.apply(
        NAME,
        &adopt(&theirs.id, &format!("confirm: '{hash}', release: true")),
    );
    let told = refused(&mut cluster).await;
    assert_eq!(told.refusals[0].reason, "MemoryChanged", "{told:?}");
    assert!(told.refusals[0].message.contains("evil.example.com"), "{told:?}");
    assert_eq!(cluster.cloud.config_of(&theirs.id), config, "it stays as it is");
    assert_served(&cluster, &theirs);
}
