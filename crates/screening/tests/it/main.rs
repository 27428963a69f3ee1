//! Screening end to end over lakes made in a temporary folder.

mod fixture;
mod group_rules;
mod same;
mod tiny;
