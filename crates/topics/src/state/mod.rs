//! What is stored.

pub mod directory;
pub mod fifo;
pub mod notification;
pub mod recipients;
pub mod subscription;
pub mod topic;
