//! 关系图谱: who is treated together with whom, and whether that is more than chance.
//!
//! Goes in: plain rows of care. A compact [`Index`] of all persons' days at institutions ([`Builder`]) answers who belongs together
//! ([`View::around`], [`View::groups`]) and how likely that is by chance ([`View::chance`]); the full rows ([`Visit`]) of the few persons found
//! become a picture of at most [`NODES_MAX`] nodes ([`draw()`]) with its sentences for and against ([`told`]).
//!
//! True of it:
//! - 同日共现 is the same institution on the same day; a day on which more than [`CROWD`] persons came to an institution joins nobody
//!   (`a_crowd_joins_nobody`).
//! - The same rows in any order, and the same question, give the same answer, coordinates and chances among it
//!   (`the_order_of_rows_changes_nothing`, `the_same_graph_is_laid_out_the_same`). Reads no clock, draws no lots but from its seed.
//! - It decides nothing: that people came together is a fact, what it means is for a person to find out.
//!
//! The measure is M3 聚集/结伴住院 of the catalogue of models: at least [`LEAST_STAYS`] joint admissions, at least [`GROUP_MIN`] persons.
//!
//! Start reading at [`Index`], then [`View`].

mod chance;
mod draw;
mod group;
mod index;
mod layout;
mod lots;
mod member;
mod told;
mod view;
mod visit;

#[cfg(test)]
mod tests;

pub use chance::{Chance, ROUNDS_DEFAULT, ROUNDS_MAX};
pub use draw::{Bar, Draft, Edge, Event, Graph, Link, NODES_MAX, Node, NodeKind, Standing, Sums, draw};
pub use group::{Dealt, Found, Group};
pub use index::{Builder, Index, Place, Who};
pub use layout::{HEIGHT, WIDTH};
pub use member::{Around, CORE_MAX, FRINGE_MAX};
pub use told::{Told, told};
pub use view::{Ask, CROWD, Kinds, View};
pub use visit::{Kind, Person, Visit};

/// 最少共现次数 for stays (M3: w ≥ 3).
pub const LEAST_STAYS: u32 = 3;
/// 最少共现次数 where visits and purchases count too (M4: ≥ 5).
pub const LEAST_ALL: u32 = 5;
/// Persons of a group (M3: size ≥ 3).
pub const GROUP_MIN: usize = 3;
