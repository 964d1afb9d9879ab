//! Calls that fail, answers that are lost.
