//! What is refused before anything is built, with the field and the remedy.
