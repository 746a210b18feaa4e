//! A request outlives its connection.

use futures_util::future::BoxFuture;
use mesh_router::Context;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

/// The answer to a request, being worked out. If the connection is dropped before it is there, the request is told to
/// end its waits and the rest of it runs to its end on a task of its own: what it began is not cut in two.
pub(crate) struct Detached<T: Send + 'static> {
    running: Option<BoxFuture<'static, T>>,
    cx: Context,
}

impl<T: Send + 'static> Detached<T> {
    pub(crate) fn new(cx: Context, running: BoxFuture<'static, T>) -> Self {
        Self { running: Some(running), cx }
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, task: &mut std::task::Context<'_>) -> Poll<T> {
        let Some(running) = &mut self.running else { return Poll::Pending };
        let answer = running.as_mut().poll(task);
        if answer.is_ready() {
            self.running = None;
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.cx.hangup().happen();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                let rest = async move { drop(running.await) };
                runtime.spawn(rest);
            }
        }
    }
}
