//! Amounts of money.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::iter::Sum;
use std::ops::Add;

const MILLION: u64 = 1_000_000;
/// Millionths of a dollar.
const CENT: u64 = 10_000;

/// US dollars, in whole millionths: they add up, as fractions in binary do not. Written with two decimals, or as many more as
/// it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money(u64);

impl Money {
    /// So many millionths of a dollar.
    #[must_use]
    pub const fn micros(micros: u64) -> Self {
        Self(micros)
    }

    /// So many cents.
    #[must_use]
    pub const fn cents(cents: u64) -> Self {
        Self(cents * CENT)
    }

    /// To the nearest cent.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self(self.0.saturating_add(CENT / 2) / CENT * CENT)
    }

    /// That much, so many times.
    #[must_use]
    pub fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX)))
    }

    /// What so many cost, where this is the price of a million.
    #[must_use]
    pub fn for_some_of_a_million(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count) / MILLION)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

impl Display for Money {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:06}", self.0 % MILLION);
        let (cents, rest) = fraction.split_at(2);
        write!(f, "{}.{cents}{}", self.0 / MILLION, rest.trim_end_matches('0'))
    }
}

impl From<Money> for String {
    fn from(amount: Money) -> Self {
        amount.to_string()
    }
}

impl TryFrom<String> for Money {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parsed(&text).ok_or_else(|| {
            format!("{text:?} is no price: write dollars with up to six decimals, such as \"5.00\"")
        })
    }
}

fn parsed(text: &str) -> Option<Money> {
    let (dollars, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str, most: usize| {
        (1..=most).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !is_number(dollars, 9) || !is_number(fraction, 6) {
        return None;
    }
    let dollars: u64 = dollars.parse().ok()?;
    let micros: u64 = format!("{fraction:0<6}").parse().ok()?;
    Some(Money(dollars * MILLION + micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Money, String> {
        Money::try_from(text.to_owned())
    }

    #[test]
    fn an_amount_is_written_with_two_decimals_or_as_many_as_it_takes() {
        for (micros, written) in [
            (0, "0.00"),
            (5_000_000, "5.00"),
            (600_000, "0.60"),
            (16_666_700, "16.6667"),
            (1, "0.000001"),
        ] {
            assert_eq!(Money::micros(micros).to_string(), written);
            assert_eq!(read(written), Ok(Money::micros(micros)));
        }
        assert_eq!(read("20"), Ok(Money::cents(2_000)));
        assert_eq!(read("0.5"), Ok(Money::cents(50)));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "-1.00",
            "1,00",
            "1.0000001",
            "1e3",
            "$5.00",
            "1234567890.00",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_rounded_to_the_nearest_cent() {
        for (micros, written) in [
            (4_999, "0.00"),
            (5_000, "0.01"),
            (31_256, "0.03"),
            (1_999_999, "2.00"),
        ] {
            assert_eq!(Money::micros(micros).rounded().to_string(), written);
        }
    }
}
