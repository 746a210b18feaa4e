//! Functions with real processes: this machine's Python, Node and shell.

mod concurrency;
mod control;
mod life;
mod logs;
mod node;
mod places;
mod provided;
mod python;
mod rig;
