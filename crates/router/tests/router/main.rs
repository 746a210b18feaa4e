//! The router's promises, with operations of the tests' own.

mod calls;
mod errands;
mod rig;
mod scheduler;
mod strict;
mod waits;
