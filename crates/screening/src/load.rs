//! 装载: a bucket of the lake becomes timelines the kernel can read.
//!
//! Goes in: runs of record batches, one batch a row group, strings as dictionaries. Comes out: a [`bucket::Bucket`] of whole persons
//! with their visits, settlements, diagnoses, operations and lines as integer columns. True of it: strings are looked at once per
//! dictionary entry, not per row; where one run holds the bucket, the kernel reads the decoded columns in place. What stands in
//! other runs is merged by person, visit, time and bkkp_sn, so that how the data was cut into imports changes nothing.

pub(crate) mod bucket;
pub(crate) mod catalogue;
pub(crate) mod columns;
pub(crate) mod lines;
pub(crate) mod pool;
pub(crate) mod supply;
pub(crate) mod visits;
