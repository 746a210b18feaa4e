//! What answers an operation.

use crate::Context;
use futures_util::future::BoxFuture;
use mesh_wire::Operation;
use std::future::Future;

/// Answers the operation `O`. Every `async fn run(cx: &Context, input: O::Input) -> Result<O::Output, O::Error>` does.
pub trait Handler<O: Operation>: Send + Sync + 'static {
    /// Runs the operation.
    fn run<'a>(
        &'a self,
        cx: &'a Context,
        input: O::Input,
    ) -> impl Future<Output = Result<O::Output, O::Error>> + Send + 'a;
}

/// An `async fn` over a borrowed context, for one lifetime of it. Says what `for<'a> Fn(&'a Context, _) -> _` cannot:
/// that the future may borrow the context.
pub trait Run<'a, O: Operation>: Fn(&'a Context, O::Input) -> Self::Running {
    /// The future.
    type Running: Future<Output = Result<O::Output, O::Error>> + Send + 'a;
}

impl<'a, O: Operation, F, R> Run<'a, O> for F
where
    F: Fn(&'a Context, O::Input) -> R,
    R: Future<Output = Result<O::Output, O::Error>> + Send + 'a,
{
    type Running = R;
}

impl<O: Operation, F> Handler<O> for F
where
    F: for<'a> Run<'a, O> + Send + Sync + 'static,
{
    fn run<'a>(
        &'a self,
        cx: &'a Context,
        input: O::Input,
    ) -> impl Future<Output = Result<O::Output, O::Error>> + Send + 'a {
        self(cx, input)
    }
}

/// A [`Handler`] of whatever type, for calls from service to service.
pub(crate) trait AnyHandler<O: Operation>: Send + Sync {
    /// Runs the operation.
    fn run_any<'a>(&'a self, cx: &'a Context, input: O::Input) -> BoxFuture<'a, Result<O::Output, O::Error>>;
}

impl<O: Operation, H: Handler<O>> AnyHandler<O> for H {
    fn run_any<'a>(&'a self, cx: &'a Context, input: O::Input) -> BoxFuture<'a, Result<O::Output, O::Error>> {
        Box::pin(self.run(cx, input))
    }
}
