//! 接口 by area: each file holds its routes and their handlers.

pub mod acts;
pub mod attachments;
pub mod audit;
pub mod campaigns;
pub mod counter;
pub mod description;
pub mod desk;
pub mod exports;
pub mod institutions;
pub mod jobs;
pub mod leads;
pub mod library;
pub mod me;
pub mod oidc;
pub mod overview;
pub mod portal;
pub mod profiles;
pub mod recoveries;
pub mod relations;
pub mod runs;
pub mod users;
