//! What rules do to calls, through a router with operations to test with.

mod bed;
mod effects;
mod refusals;
mod services;
mod triggers;
