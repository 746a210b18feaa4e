//! Functions with real processes: this machine's Python, Node and shell.

mod concurrency;
mod control;
mod events;
mod invokers;
mod libraries;
mod life;
mod logs;
mod mappings;
mod memory;
mod node;
mod places;
mod provided;
mod python;
mod rig;
mod strict;
