//! The city as a whole: its bytes, money, keys, marginals, acts, and the lawfulness of its background.

mod background;
mod shape;
mod support;
