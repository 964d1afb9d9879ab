//! Why what no object owns stays all the same, although a person asked to have it deleted, and what to do.

use crate::domain::kernel::words::moment;
use jiff::Timestamp;
use std::fmt;

/// Why it stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Nothing bears the UID.
    Nothing,
    /// It is no UID.
    NoUid,
    /// The controller sees one namespace alone.
    NotAllSeen,
    /// An object knows the UID.
    Claimed(String),
    /// CloudFront's own tags say so, as this tells.
    Anothers(String),
    /// A part bears the tags of another cluster.
    OfAnotherCluster(String, String),
    /// A part's tags do not tell whose it was, or another than the rest.
    Untold(String),
    /// A part was left on purpose.
    Retained(String),
    /// The distribution stood before the object.
    Adopted(String),
    /// It is offered, claimed, or let go to another object.
    HandedOver(String, String),
    /// A change of the API's lock was under way.
    LockUnderWay(String),
    /// The API may ask for a value that goes with it.
    SecretValue(String),
    /// The API may ask an authorizer.
    Authorizer(String),
    /// A distribution is enabled, or may still be at edge locations.
    Serves(String),
    /// Something that serves viewers uses a part, or its tags do not tell whose it was.
    MayServe(String),
    /// A distribution of somebody else names a part, enabled or not.
    Used(String, String),
    /// Names lead to the distribution.
    Named(String, Vec<String>),
    /// A custom domain name of API Gateway is of it.
    OriginsName(String),
    /// A part is listed for too short a time, and is old enough at this time.
    Young(String, Timestamp),
    /// A part is not in status.
    NotListed(String),
    /// More parts bear the UID than a status has room for.
    TooMany(usize),
    /// A part was not there when the deletion began.
    New(String),
    /// These are there still, and nothing of ours takes them.
    Rest(Vec<String>),
}

/// Who still comes, and how to end that without refusing anybody.
const WHO_COMES: &str = "Its metric Requests in CloudWatch (AWS/CloudFront, us-east-1) says whether somebody comes. Where viewers come, \
                         declare an object that takes it over. Where nobody came for weeks, disable it in CloudFront, see for some \
                         days that nobody misses it (enabling it again takes minutes), and ask again";

/// The way that is always open.
const BY_AN_OBJECT: &str =
    "an object that takes it over does that in order: `kubectl palisade orphans` says how";

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str(
                "nothing of this UID is left in the account: `kubectl palisade orphans` lists what there is",
            ),
            Self::NoUid => f.write_str(
                "this is no UID: write it as `kubectl palisade orphans` shows it, and several apart by commas",
            ),
            Self::NotAllSeen => f.write_str(
                "this controller sees the objects of one namespace alone (--namespace), so it does not know whether one elsewhere goes on \
                 with it: ask where a controller sees all of them",
            ),
            Self::Claimed(object) => write!(
                f,
                "{object} knows it, and goes on with it or may do so: it is that object's. Nothing more is deleted"
            ),
            Self::Anothers(why) => f.write_str(why),
            Self::OfAnotherCluster(arn, cluster) => write!(
                f,
                "{arn} bears the tags of cluster {cluster}: ask there, whose objects are not seen here"
            ),
            Self::Untold(arn) => write!(
                f,
                "the tags of {arn} do not say whose it was as those of the rest do: look at it in AWS, where AWS CloudTrail tells who \
                 made it"
            ),
            Self::Retained(arn) => write!(
                f,
                "{arn} was left on purpose, by spec.deletionPolicy: Retain: {BY_AN_OBJECT}"
            ),
            Self::Adopted(arn) => write!(
                f,
                "{arn} stood before the object, which adopted it: look in AWS whose it is. `kubectl palisade orphans` says how an object \
                 goes on with it"
            ),
            Self::HandedOver(arn, other) => write!(
                f,
                "the tags of {arn} say that it is offered or let go to {other}: it is that object's to keep"
            ),
            Self::LockUnderWay(arn) => write!(
                f,
                "a change of the API's lock was under way when the object of {arn} vanished, and only an object can prove it or put it \
                 back: {BY_AN_OBJECT}"
            ),
            Self::SecretValue(arn) => write!(
                f,
                "the API may ask for the API key or the header that {arn} sent, and only its tags tell of them: {BY_AN_OBJECT}"
            ),
            Self::Authorizer(arn) => write!(
                f,
                "the API may ask the Lambda authorizer {arn}, and refuses everybody without it: {BY_AN_OBJECT}"
            ),
            Self::Serves(id) => write!(
                f,
                "distribution {id} is enabled, or not yet disabled at all edge locations: viewers may come by it. {WHO_COMES}"
            ),
            Self::MayServe(arn) => write!(
                f,
                "something that serves viewers may use {arn}: `kubectl palisade orphans` says how an object goes on with it"
            ),
            Self::Used(arn, id) => write!(
                f,
                "distribution {id}, which is another's, uses {arn}: have that distribution use one of its own, and ask again"
            ),
            Self::Named(id, aliases) => write!(
                f,
                "distribution {id} has the names {}, and DNS may lead there: once it leads elsewhere, take them off the distribution, and \
                 ask again",
                aliases.join(", ")
            ),
            Self::OriginsName(name) => write!(
                f,
                "{name} is a custom domain name that may be the only way to its API: {BY_AN_OBJECT}"
            ),
            Self::Young(arn, ripe) => write!(
                f,
                "{arn} is seen without an object for too short a time: ask again after {}",
                moment(*ripe)
            ),
            Self::NotListed(arn) => write!(
                f,
                "{arn} was not counted yet: ask again once status.orphans has something of this UID, and `--sweep` is over. Where that list \
                 has no room, that is once others are gone"
            ),
            Self::TooMany(count) => write!(
                f,
                "{count} resources bear this UID, more than one object ever had: look at them in AWS, where AWS CloudTrail tells who made \
                 them"
            ),
            Self::New(arn) => write!(
                f,
                "{arn} was not there when the deletion began: it stays, with the rest. Look at it, and ask again"
            ),
            Self::Rest(arns) => write!(
                f,
                "what serves no viewer is gone, but for {}: look at it in AWS; `kubectl palisade orphans` prints the commands for it",
                arns.join(", ")
            ),
        }
    }
}
