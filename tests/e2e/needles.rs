//! A secret in each form in which it may be left behind, and a look for all of them: in a text, and in the memory of a process.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Bytes of a piece, which is enough to tell what it is of: whatever is left of a form and is twice as long has one.
const PIECE: usize = 16;
/// What stands before the 32 bytes of a key of P-256, in PKCS#8.
const BEFORE_SCALAR: [u8; 5] = [0x02, 0x01, 0x01, 0x04, 0x20];
const SCALAR: usize = 32;
/// Bytes of memory that are looked at in one go, and of a page.
const PART: usize = 1 << 20;
const PAGE: usize = 1 << 12;
const ZEROS: [u8; PAGE] = [0; PAGE];

/// What is looked for.
#[derive(Default)]
pub struct Needles {
    /// Each with the form that it is of.
    pieces: Vec<(&'static str, Vec<u8>)>,
    /// The two bytes that one of them begins with: most places are ruled out by these.
    begins: BTreeSet<[u8; 2]>,
}

impl Needles {
    /// A private key of P-256, PKCS#8 in PEM: as the text that it is, however its lines are broken; as that text travels to ACM; as the
    /// bytes that the text stands for; as hexadecimal digits and as numbers, as debug output has bytes. What it says of the public key,
    /// which is no secret, is left out.
    pub fn private_key(mut self, pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = BASE64.decode(&body).expect("PEM");
        let mut before = der.windows(BEFORE_SCALAR.len());
        let start = before.position(|bytes| bytes == BEFORE_SCALAR);
        let start = start.expect("PKCS#8 of P-256") + BEFORE_SCALAR.len();
        let scalar = &der[start..start + SCALAR];
        let turned: Vec<u8> = scalar.iter().rev().copied().collect();
        self.add("its bytes", scalar, <[u8]>::to_vec);
        self.add("its bytes, from the last to the first", &turned, <[u8]>::to_vec);
        self.add("hexadecimal digits", scalar, |bytes| {
            listed(bytes, "", |byte| format!("{byte:02x}"))
        });
        self.add("large hexadecimal digits", scalar, |bytes| {
            listed(bytes, "", |byte| format!("{byte:02X}"))
        });
        self.add("numbers", scalar, numbers);
        // Three bytes are four characters.
        let told = &body.as_bytes()[start.div_ceil(3) * 4..(start + SCALAR) / 3 * 4];
        for line in lines_of(pem, told) {
            self.add("PEM", line, <[u8]>::to_vec);
            self.add("PEM as numbers", line, numbers);
            // Where a line begins within its group of three bytes depends on what stands before it.
            for shift in 0..3 {
                let padded = [&b"  "[..shift], line].concat();
                let encoded = BASE64.encode(&padded[..padded.len() / 3 * 3]);
                self.add(
                    "PEM in base64",
                    &encoded.as_bytes()[usize::from(shift > 0) * 4..],
                    <[u8]>::to_vec,
                );
            }
        }
        self
    }

    /// A text that stands as it is.
    pub fn text(mut self, text: &str) -> Self {
        self.add("the text", text.as_bytes(), <[u8]>::to_vec);
        self
    }

    fn add(&mut self, form: &'static str, bytes: &[u8], written: impl Fn(&[u8]) -> Vec<u8>) {
        assert!(bytes.len() >= PIECE, "{form}: too short to tell it from chance");
        for piece in bytes.chunks_exact(PIECE).map(written) {
            self.begins.insert([piece[0], piece[1]]);
            self.pieces.push((form, piece));
        }
    }

    /// The forms of which `bytes` have a piece.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<&'static str> {
        let mut begins = vec![false; 1 << 16];
        for two in &self.begins {
            begins[number_of(two)] = true;
        }
        let mut found = BTreeSet::new();
        for (at, two) in bytes.windows(2).enumerate() {
            if begins[number_of(two)] {
                let here = self
                    .pieces
                    .iter()
                    .filter(|(_, piece)| bytes[at..].starts_with(piece));
                found.extend(here.map(|(form, _)| form));
            }
        }
        found
    }

    /// The forms of which the memory of a process has a piece: of all that it wrote, which is what a core dump has.
    pub fn found_in_memory(&self, process: u32) -> BTreeSet<&'static str> {
        let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("its memory is mapped");
        let memory = File::open(format!("/proc/{process}/mem"))
            .expect("its memory may be read: kernel.yama.ptrace_scope is 1 at most");
        let parts = maps.lines().filter_map(written);
        parts
            .flat_map(|(start, end)| self.found_between(&memory, start, end))
            .collect()
    }

    fn found_between(&self, memory: &File, start: u64, end: u64) -> BTreeSet<&'static str> {
        let longest = self
            .pieces
            .iter()
            .map(|(_, piece)| piece.len())
            .max()
            .unwrap_or_default();
        let mut found = BTreeSet::new();
        let mut read = vec![0; PART];
        // What is looked at now; it begins with the end of what was before.
        let mut bytes: Vec<u8> = Vec::new();
        let mut at = start;
        while at < end {
            let wanted = usize::try_from(end - at).map_or(PART, |left| left.min(PART));
            // It may be gone meanwhile.
            let Ok(count @ 1..) = memory.read_at(&mut read[..wanted], at) else {
                break;
            };
            // What nobody ever wrote is not looked at: of what the allocator reserves that is the most.
            for page in read[..count]
                .chunks(PAGE)
                .filter(|page| **page != ZEROS[..page.len()])
            {
                bytes.extend_from_slice(page);
            }
            found.extend(self.found_in(&bytes));
            bytes.drain(..bytes.len().saturating_sub(longest));
            at += count as u64;
        }
        found
    }
}

fn number_of(two: &[u8]) -> usize {
    (usize::from(two[0]) << 8) | usize::from(two[1])
}

/// The lines of a PEM file without what they have besides `told`, which may go on from one to the next.
fn lines_of<'a>(pem: &'a str, told: &[u8]) -> Vec<&'a [u8]> {
    let mut rest = told;
    let mut lines = Vec::new();
    for line in pem.lines().map(str::as_bytes) {
        let within = |count: &usize| line.windows(*count).any(|part| part == &rest[..*count]);
        if let Some(count) = (PIECE..=rest.len().min(line.len())).rev().find(within) {
            let at = line.windows(count).position(|part| part == &rest[..count]);
            let at = at.expect("it was found there");
            lines.push(&line[at..at + count]);
            rest = &rest[count..];
        }
    }
    lines
}

/// Start and end of what a line of `/proc/PID/maps` tells of, where the process wrote it or could.
fn written(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_whitespace();
    let (range, rights) = (fields.next()?, fields.next()?);
    let path = fields.nth(3).unwrap_or_default();
    let is_code = !rights.contains('w') && path.starts_with('/');
    // The kernel's own, which it gives to nobody.
    if !rights.starts_with('r') || is_code || path.starts_with("[v") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    Some((number(start)?, number(end)?))
}

fn listed(bytes: &[u8], between: &str, one: impl Fn(&u8) -> String) -> Vec<u8> {
    bytes
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(between)
        .into_bytes()
}

fn numbers(bytes: &[u8]) -> Vec<u8> {
    listed(bytes, ", ", u8::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::process::{Child, Command, Stdio};

    /// A key that nothing else ever had.
    fn key() -> String {
        let mut scalar = [0; SCALAR];
        let mut random = File::open("/dev/urandom").expect("randomness");
        random.read_exact(&mut scalar).expect("enough of it");
        let head = BASE64
            .decode("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg")
            .expect("base64");
        let public = [[0xa1, 0x44, 0x03, 0x42, 0x00, 0x04].as_slice(), &[7; 64]].concat();
        let body = BASE64.encode([head.as_slice(), &scalar, &public].concat());
        let (first, rest) = body.split_at(64);
        let (second, third) = rest.split_at(64);
        format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n{third}\n-----END PRIVATE KEY-----\n")
    }

    fn der(pem: &str) -> Vec<u8> {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        BASE64.decode(body).expect("base64")
    }

    /// A process with this text in its memory.
    fn holding(text: &str) -> Child {
        Command::new("sleep")
            .arg("600")
            .env("HELD", text)
            .stdout(Stdio::null())
            .spawn()
            .expect("sleep runs")
    }

    #[test]
    fn a_key_is_found_in_whatever_form_it_is_left() {
        let (pem, other) = (key(), key());
        let needles = Needles::default().private_key(&pem);
        let der = der(&pem);
        let scalar = &der[36..68];
        let turned: Vec<u8> = scalar.iter().rev().copied().collect();
        let forms: [(&str, Vec<u8>); 10] = [
            ("PEM", pem.clone().into_bytes()),
            ("PEM", pem.replace('\n', "").into_bytes()),
            ("PEM", pem.lines().nth(2).expect("a line").into()),
            ("PEM in base64", BASE64.encode(&pem).into_bytes()),
            ("PEM in base64", BASE64.encode(format!("a{pem}")).into_bytes()),
            ("PEM as numbers", format!("{:?}", pem.as_bytes()).into_bytes()),
            ("its bytes", der.clone()),
            ("its bytes, from the last to the first", turned),
            ("numbers", format!("Blob {{ inner: {der:?} }}").into_bytes()),
            (
                "hexadecimal digits",
                listed(&der, "", |byte| format!("{byte:02x}")),
            ),
        ];
        for (form, left) in forms {
            let around = [b"before".as_slice(), &left, b"after"].concat();
            assert!(needles.found_in(&around).contains(form), "{form}");
            assert_eq!(
                Needles::default().private_key(&other).found_in(&around),
                BTreeSet::new(),
                "{form}"
            );
        }
        // A half of it is enough, and its public part is no secret.
        assert_eq!(needles.found_in(&scalar[..PIECE]).len(), 1);
        assert_eq!(needles.found_in(&der[68..]), BTreeSet::new());
    }

    #[test]
    fn a_key_is_found_in_the_memory_of_the_process_that_holds_it_and_of_no_other() {
        let (pem, other) = (key(), key());
        let mut process = holding(&pem);
        let found = |pem: &str| Needles::default().private_key(pem).found_in_memory(process.id());
        let (held, not_held) = (found(&pem), found(&other));
        process.kill().expect("killed");
        process.wait().expect("gone");
        assert_eq!(held, BTreeSet::from(["PEM"]));
        assert_eq!(not_held, BTreeSet::new());
    }
}
