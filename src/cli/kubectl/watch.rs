//! `--watch`: shows objects again when something changed.

use super::reach::Reach;
use crate::cli::failure::Failure;
use futures::StreamExt as _;
use kube::api::DynamicObject;
use kube::runtime::watcher::{self, Event};
use palisade::plugin::picture::Picture;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::mem::take;
use std::pin::pin;

/// An object as people see it.
pub(super) fn picture(reach: &Reach, object: &DynamicObject) -> Result<Picture, Failure> {
    Ok(Picture::of(&serde_json::to_value(object)?, reach.context()))
}

/// Shows what there is whenever that changes: until `show` says that nobody looks any more, all objects are ready, or none is left
/// of the one that was asked for.
pub(super) async fn watch(
    reach: &Reach,
    shown: Vec<Picture>,
    is_one: bool,
    mut show: impl FnMut(&[Picture]) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut known: BTreeMap<String, Picture> =
        shown.into_iter().map(|shown| (shown.object(), shown)).collect();
    let mut listed = BTreeMap::new();
    let mut changes = pin!(reach.changes());
    while !is_done(&known, is_one) {
        let Some(change) = changes.next().await else {
            return Ok(());
        };
        let before = known.clone();
        match change {
            Ok(Event::Init) => listed.clear(),
            Ok(Event::InitApply(object)) => add(reach, &mut listed, &object)?,
            Ok(Event::InitDone) => known = take(&mut listed),
            Ok(Event::Apply(object)) => add(reach, &mut known, &object)?,
            Ok(Event::Delete(object)) => drop(known.remove(&picture(reach, &object)?.object())),
            Err(error) => tell(reach, &error)?,
        }
        if known != before {
            let pictures: Vec<Picture> = known.values().cloned().collect();
            if !show(&pictures)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn add(reach: &Reach, known: &mut BTreeMap<String, Picture>, object: &DynamicObject) -> Result<(), Failure> {
    let picture = picture(reach, object)?;
    known.insert(picture.object(), picture);
    Ok(())
}

fn is_done(known: &BTreeMap<String, Picture>, is_one: bool) -> bool {
    let all_ready = known.values().all(Picture::is_ready);
    all_ready && (is_one || !known.is_empty())
}

/// Fails where asking again does not help; else says that it is asked again. That a watch ends is usual.
fn tell(reach: &Reach, error: &watcher::Error) -> Result<(), Failure> {
    let (watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error)) = error else {
        return Ok(());
    };
    let told = reach.told(error);
    if !told.passes() {
        return Err(told.into());
    }
    // Standard error may be closed; there is nobody else to tell.
    let _ = writeln!(io::stderr(), "{told}; trying again");
    Ok(())
}
