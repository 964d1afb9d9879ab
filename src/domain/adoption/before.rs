//! What stood before a distribution was adopted, remembered in its own tags: the way back needs no memory in the cluster.
//!
//! Remembered is each place that an update of ours may ever write, so that a later edit of the spec is taken back as well. Headers of
//! others may be secret and are never written over, so they are not remembered.

use crate::domain::edge::config::{function_of, settings_of, web_acl_of};
use crate::domain::edge::places::{PLACES, Place};
use crate::domain::edge::xml::{self, Element};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{TAG_ADOPTED, TAG_VALUE_LIMIT, Tags, is_reserved};
use crate::domain::kernel::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read as _, Write as _};

/// Start of the keys of the tags that remember it; a number follows.
pub const TAG_BEFORE: &str = "palisade.dev/before-";
/// How the first value begins, before the number of values: what begins otherwise was not written by us, and values above that number
/// were left behind.
const VERSION: &str = "v1:";
/// AWS's limit on the tags of a resource.
pub const MOST_TAGS: usize = 50;
/// No configuration is longer: whatever else a tag unpacks to was not packed by us.
const LONGEST: u64 = 1_000_000;
const HEADERS: Place = Place::Origin("CustomHeaders");

/// What stood before.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// Id of the origin that is the API.
    origin: String,
    /// What stood at each place, in the order of [`PLACES`]; headers of others apart.
    places: Vec<(Place, Option<Element>)>,
    /// The tags that it had, those of AWS and of Palisade apart: ours may take their place.
    tags: Tags,
}

impl Before {
    /// What `config` has, in which the API's origin has this id, and `tags`.
    #[must_use]
    pub fn of(config: &Element, origin: &str, tags: &Tags) -> Self {
        let is_told = |place: Place| {
            let found = place.read(config, origin);
            place != HEADERS || found.is_none_or(|found| found.get_child("Items").is_none())
        };
        let places = PLACES.into_iter().filter(|place| is_told(*place));
        let others = tags.iter().filter(|(key, _)| !is_reserved(key));
        Self {
            origin: origin.to_owned(),
            places: places
                .map(|place| (place, place.read(config, origin).cloned()))
                .collect(),
            tags: others.map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    /// The tags that remember it.
    #[must_use]
    pub fn to_tags(&self) -> Tags {
        let text = xml::write(&self.to_element()).unwrap_or_default();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
        let packed = BASE64.encode(packed.unwrap_or_default());
        let length = headed(0, &packed).len();
        let packed = headed(length.div_ceil(TAG_VALUE_LIMIT), &packed);
        let pieces = packed.as_bytes().chunks(TAG_VALUE_LIMIT).enumerate();
        pieces
            .map(|(n, piece)| {
                let value = String::from_utf8_lossy(piece).into_owned();
                (format!("{TAG_BEFORE}{}", n + 1), value)
            })
            .collect()
    }

    /// What `tags` remember; `None` where they remember nothing, or not all of it.
    #[must_use]
    pub fn of_tags(tags: &Tags) -> Option<Self> {
        let packed = BASE64.decode(packed_of(tags)?).ok()?;
        let mut text = String::new();
        let mut unpacked = DeflateDecoder::new(packed.as_slice()).take(LONGEST);
        unpacked.read_to_string(&mut text).ok()?;
        Self::of_element(&xml::parse(&text).ok()?)
    }

    /// Hash of what `tags` remember; `None` where they remember nothing. Nobody writes others with the same hash.
    #[must_use]
    pub fn hash_of(tags: &Tags) -> Option<String> {
        Self::of_tags(tags)?;
        packed_of(tags).map(|packed| hash::long(&packed))
    }

    /// Id of the origin that is the API.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `config` with all that is remembered back in its place, and without headers of ours. What others have changed elsewhere since
    /// stays.
    #[must_use]
    pub fn restored(&self, config: &Element) -> Element {
        let mut restored = config.clone();
        let headers = HEADERS.read(config, &self.origin).map(items_of);
        let headers = headers.unwrap_or_default();
        let is_ours =
            |item: &&Element| xml::text_at(item, "HeaderValue").is_some_and(|it| Secret::new(it).is_ours());
        let others: Vec<Element> = headers
            .iter()
            .copied()
            .filter(|item| !is_ours(item))
            .cloned()
            .collect();
        // Also where there was none: others may have added one since.
        let has_others = !others.is_empty();
        for (place, element) in &self.places {
            if *place != HEADERS || !has_others {
                place.write(&mut restored, &self.origin, element.clone());
            }
        }
        let is_remembered = self.places.iter().any(|(place, _)| *place == HEADERS);
        if (has_others || !is_remembered) && others.len() < headers.len() {
            let others = xml::list("CustomHeaders", others);
            HEADERS.write(&mut restored, &self.origin, Some(others));
        }
        restored
    }

    /// ARN of the web ACL that the distribution had; `None` where it had none.
    #[must_use]
    pub fn web_acl(&self) -> Option<String> {
        Some(web_acl_of(&self.configuration())).filter(|arn| !arn.is_empty())
    }

    /// ARN of the function version that the distribution ran where it sends requests to the API; `None` where it ran none.
    #[must_use]
    pub fn function(&self) -> Option<String> {
        function_of(&self.configuration())
    }

    /// ARN of the certificate that it showed for names of its own; `None` where it showed none.
    #[must_use]
    pub fn certificate(&self) -> Option<String> {
        settings_of(&self.configuration()).certificate_arn
    }

    /// The tags that the distribution had.
    #[must_use]
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// As much of the configuration as is remembered, the origin apart.
    fn configuration(&self) -> Element {
        let mut config = xml::parent(
            "DistributionConfig",
            vec![xml::parent("DefaultCacheBehavior", vec![])],
        );
        for (place, element) in &self.places {
            place.write(&mut config, &self.origin, element.clone());
        }
        config
    }

    fn to_element(&self) -> Element {
        let place = |(place, element): &(Place, Option<Element>)| {
            let mut told = xml::parent("Place", element.iter().cloned().collect());
            told.attributes.insert("name".to_owned(), place.name());
            told
        };
        let tag = |(key, value): (&String, &String)| {
            let mut told = xml::text("Tag", value);
            told.attributes.insert("key".to_owned(), key.clone());
            told
        };
        let children = self.places.iter().map(place).chain(self.tags.iter().map(tag));
        let mut element = xml::parent("Before", children.collect());
        element
            .attributes
            .insert("origin".to_owned(), self.origin.clone());
        element
    }

    fn of_element(element: &Element) -> Option<Self> {
        let children = || element.children.iter().filter_map(|node| node.as_element());
        let place = |told: &Element| {
            let name = told.attributes.get("name").filter(|_| told.name == "Place")?;
            let place = PLACES.into_iter().find(|place| place.name() == *name)?;
            let element = told.children.iter().find_map(|node| node.as_element());
            Some((place, element.cloned()))
        };
        let tag = |told: &Element| {
            let key = told.attributes.get("key").filter(|_| told.name == "Tag")?;
            let value = told.get_text().map(std::borrow::Cow::into_owned);
            Some((key.clone(), value.unwrap_or_default()))
        };
        Some(Self {
            origin: element.attributes.get("origin")?.clone(),
            places: children().filter_map(place).collect(),
            tags: children().filter_map(tag).collect(),
        })
    }
}

/// `packed` as the values have it, of which there are so many.
fn headed(count: usize, packed: &str) -> String {
    format!("{VERSION}{count:02}:{packed}")
}

/// What the values of `tags` have after their number; `None` where one is missing, or they are not ours.
fn packed_of(tags: &Tags) -> Option<String> {
    let piece = |n: usize| tags.get(&format!("{TAG_BEFORE}{n}"));
    let (count, first) = piece(1)?.strip_prefix(VERSION)?.split_once(':')?;
    let count: usize = count.parse().ok()?;
    let mut packed = first.to_owned();
    for n in 2..=count.min(MOST_TAGS) {
        packed.push_str(piece(n)?);
    }
    Some(packed)
}

/// Whether a tag key is one of those that an adoption sets besides its owner's.
#[must_use]
pub fn is_of_adoption(key: &str) -> bool {
    key == TAG_ADOPTED || key.starts_with(TAG_BEFORE)
}

fn items_of(list: &Element) -> Vec<&Element> {
    let items = list.get_child("Items").into_iter();
    items
        .flat_map(|items| items.children.iter().filter_map(|node| node.as_element()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::config::Settings;
    use crate::domain::edge::document::{new_config, write_settings};

    const ACL: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/theirs/1";
    const SIGNER: &str = "arn:aws:lambda:us-east-1:111122223333:function:their-signer:3";

    fn theirs(aliases: usize) -> Element {
        let mut settings = Settings::baseline();
        settings.origin.id = "their-api".into();
        settings.comment = "made by hand <&> \"so\"".into();
        settings.web_acl_arn = ACL.into();
        settings.signer_version_arn = SIGNER.into();
        settings.aliases = (0..aliases)
            .map(|n| format!("api-{n}.shop.example.com"))
            .collect();
        let mut config = new_config("theirs", &settings);
        let header = vec![
            xml::text("HeaderName", "x-theirs"),
            xml::text("HeaderValue", "secret"),
        ];
        let header = xml::parent("OriginCustomHeader", header);
        HEADERS.write(
            &mut config,
            "their-api",
            Some(xml::list("CustomHeaders", vec![header])),
        );
        config
    }

    /// What we make of it.
    fn ours(config: &Element) -> Element {
        let mut settings = settings_of(config);
        settings.comment = "palisade".into();
        settings.web_acl_arn = "ours".into();
        settings.signer_version_arn = "ours:1".into();
        settings.aliases.clear();
        settings.price_class = "PriceClass_100".into();
        settings.response_headers_policy_id = Some("policy".into());
        let value = Secret::from_random(&[7; 32]);
        settings.origin.headers.insert("x-origin-verify".into(), value);
        let mut config = config.clone();
        write_settings(&mut config, &settings);
        config
    }

    #[test]
    fn tags_remember_what_stood_before_and_it_is_put_back_to_the_byte() {
        for aliases in [0, 1, 100] {
            let found = theirs(aliases);
            let before = Before::of(&found, "their-api", &Tags::new());
            let tags = before.to_tags();
            assert!(tags.len() < 20, "{}", tags.len());
            assert!(tags.values().all(|value| value.len() <= TAG_VALUE_LIMIT));
            let is_allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
            assert!(tags.values().all(|value| value.chars().all(is_allowed)));
            let known = Before::of_tags(&tags).unwrap();
            assert_eq!(known, before);
            assert_eq!(known.restored(&ours(&found)), found);
            assert_eq!(known.web_acl().as_deref(), Some(ACL));
            assert_eq!(known.function().as_deref(), Some(SIGNER));
        }
    }

    #[test]
    fn what_others_have_changed_elsewhere_since_stays() {
        let found = theirs(1);
        let before = Before::of(&found, "their-api", &Tags::new());
        let new = xml::text("TheirNewElement", "new");
        let mut changed = ours(&found);
        xml::put(&mut changed, new.clone(), &[]);
        let restored = before.restored(&changed);
        assert_eq!(restored.get_child("TheirNewElement"), Some(&new));
    }

    #[test]
    fn a_header_that_others_have_added_since_stays_and_ours_goes() {
        let mut found = theirs(0);
        HEADERS.write(&mut found, "their-api", Some(xml::list("CustomHeaders", vec![])));
        let before = Before::of(&found, "their-api", &Tags::new());
        assert_eq!(before.restored(&ours(&found)), found);
        let mut changed = ours(&theirs(0));
        let added = HEADERS.read(&theirs(0), "their-api").cloned();
        let restored = before.restored(&changed);
        assert_eq!(HEADERS.read(&restored, "their-api").cloned(), added);
        HEADERS.write(&mut changed, "their-api", None);
        let restored = before.restored(&changed);
        assert_eq!(
            HEADERS.read(&restored, "their-api"),
            HEADERS.read(&found, "their-api")
        );
    }

    #[test]
    fn no_header_of_others_stands_in_a_tag() {
        let before = Before::of(&theirs(1), "their-api", &Tags::new());
        let told = xml::write(&before.to_element()).unwrap();
        assert!(!told.contains("secret") && !told.contains("x-theirs"), "{told}");
    }

    #[test]
    fn tags_of_others_are_remembered_and_those_of_aws_and_ours_are_not() {
        let mut tags = Tags::from([("team".to_owned(), "theirs".to_owned())]);
        let others = tags.clone();
        tags.insert("aws:cloudformation:stack-name".into(), "perimeter".into());
        tags.insert("palisade.dev/uid".into(), "1".into());
        let before = Before::of(&theirs(0), "their-api", &tags);
        let known = Before::of_tags(&before.to_tags()).unwrap();
        assert_eq!(known.tags(), &others);
    }

    #[test]
    fn values_that_an_earlier_adoption_left_behind_spoil_nothing() {
        let mut tags = Before::of(&theirs(100), "their-api", &Tags::new()).to_tags();
        let before = Before::of(&theirs(0), "their-api", &Tags::new());
        let fewer = before.to_tags();
        assert!(fewer.len() < tags.len());
        let hash = Before::hash_of(&fewer);
        tags.extend(fewer);
        assert_eq!(Before::of_tags(&tags), Some(before));
        assert_eq!(Before::hash_of(&tags), hash);
    }

    #[test]
    fn values_that_begin_otherwise_were_not_written_by_us() {
        let mut tags = Before::of(&theirs(0), "their-api", &Tags::new()).to_tags();
        let first = tags.get_mut(&format!("{TAG_BEFORE}1")).unwrap();
        *first = first.trim_start_matches(VERSION).to_owned();
        assert_eq!(Before::of_tags(&tags), None);
        assert_eq!(Before::hash_of(&tags), None);
    }

    #[test]
    fn what_is_remembered_has_a_hash_that_changes_with_it() {
        let of =
            |aliases| Before::hash_of(&Before::of(&theirs(aliases), "their-api", &Tags::new()).to_tags());
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_eq!(of(1).unwrap().len(), 32);
    }

    #[test]
    fn half_of_what_was_remembered_is_nothing() {
        let mut tags = Before::of(&theirs(100), "their-api", &Tags::new()).to_tags();
        assert!(tags.len() > 2);
        tags.remove(&format!("{TAG_BEFORE}2"));
        assert_eq!(Before::of_tags(&tags), None);
        assert_eq!(Before::of_tags(&Tags::new()), None);
    }
}
