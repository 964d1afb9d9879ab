//! What a terminal shows.

/// Narrower than this, nothing can be read.
const NARROWEST: usize = 40;

/// What the reader's terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many columns it has; fewer than 40 count as 40.
    pub width: usize,
    /// Whether it has more letters than ASCII.
    pub unicode: bool,
    /// Whether states are coloured.
    pub colour: bool,
}

impl Look {
    pub(super) fn columns(self) -> usize {
        self.width.max(NARROWEST)
    }

    /// Another alphabet's letters are question marks where the terminal has none of them.
    pub(super) fn shown(self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        text.chars()
            .map(|letter| if letter.is_ascii() { letter } else { '?' })
            .collect()
    }
}
