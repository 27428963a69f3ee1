//! Case rows as timelines.
