//! What is stored.

pub mod devices;
pub mod directory;
pub mod fifo;
pub mod notification;
pub mod recipients;
pub mod sent;
pub mod subscription;
pub mod texting;
pub mod topic;
