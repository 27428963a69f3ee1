//! 报告: what a head of supervision prints. [`figures`] adds findings up, [`charts`] draws, [`page`] sets the page.

mod charts;
pub mod figures;
pub mod page;
