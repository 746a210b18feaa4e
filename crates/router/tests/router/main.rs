//! The router's promises, with operations of the tests' own.

mod rig;
mod scheduler;
mod waits;
