//! 办理: the way of a lead, as one table ([`table`]), what it offers a person ([`offers()`]), and doing it ([`act()`], [`act_many()`]).

mod act;
mod answer;
mod close;
mod hands;
mod offers;
mod panel;
mod review;
mod shape;
mod start;
pub mod table;
mod wait;

pub use act::{ActInput, Batch, Failure, act, act_many};
pub(crate) use hands::{HANDS, Hands};
pub(crate) use offers::offers;
pub use table::Act;

pub(crate) use panel::{SEATS, Seat, outcome, read_seats};
