//! The router's promises, with operations of the tests' own.

mod calls;
mod rig;
mod scheduler;
mod strict;
mod waits;
