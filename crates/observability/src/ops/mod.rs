//! One file an operation: its head says what is done with each of its members.

pub mod logs;
