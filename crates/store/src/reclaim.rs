//! Large maps are freed on a thread of their own: dropping a million rows takes a quarter of a second.

use std::any::Any;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

/// Drops `value` later, elsewhere.
pub(crate) fn later(value: impl Send + 'static) {
    static HEAP: OnceLock<Sender<Box<dyn Any + Send>>> = OnceLock::new();
    let heap = HEAP.get_or_init(|| {
        let (sender, receiver) = channel::<Box<dyn Any + Send>>();
        let spawned = std::thread::Builder::new()
            .name("reclaim".to_owned())
            .spawn(move || receiver.iter().for_each(drop));
        // Without a thread the receiver is gone, `send` below gives the value back, and it is dropped here.
        drop(spawned);
        sender
    });
    drop(heap.send(Box::new(value)));
}
