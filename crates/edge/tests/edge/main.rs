//! The door over real connections: what web pages reach, and what is sent by nobody who means well.

mod browser;
mod hostile;
mod process;
