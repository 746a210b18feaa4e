//! Deployed APIs: from an HTTP request to what answers it.
//!
//! The host or the path names an API by its id ([`address`]); the id leads to an account, a Region and a kind; the stage
//! leads to a deployment, whose routes are compiled once and kept while the process runs ([`cache`]). From there
//! [`rest`] and [`http`] say what AWS's REST and HTTP APIs do, each with its own words for what goes wrong.

mod address;
mod cache;
mod cors;
mod event;
mod function_answer;
mod http;
mod incoming;
mod lambda;
mod mock;
mod proxy;
mod rest;
mod trouble;

use crate::state::directory::{self, ApiKind, Place};
use ::http::Response;
use ::http::request::Parts;
use address::Address;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use incoming::Incoming;
use mesh_router::{Context, Site};
use trouble::RestTrouble;

/// The APIs that are deployed, as requests reach them.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Apis;

impl Site for Apis {
    fn service(&self) -> &'static str {
        "execute-api"
    }

    fn claims(&self, host: &str, path: &str) -> bool {
        Address::claims(host, path)
    }

    fn serve(&self, cx: Context, head: Parts, body: Bytes) -> BoxFuture<'static, Response<Bytes>> {
        Box::pin(answer(cx, head, body))
    }
}

async fn answer(cx: Context, head: Parts, body: Bytes) -> Response<Bytes> {
    let _busy = cx.universe().clock().activity().begin();
    let incoming = Incoming::new(&cx, &head, body);
    let found = Address::of(&incoming.host, head.uri.path()).and_then(|address| {
        let place = cx.read(&directory::location(&address.api), |location, _| location.place.get().cloned());
        Some((address, place.ok()??))
    });
    let Some((address, Place { account, region, kind })) = found else {
        // AWS's name servers do not know such an API; this is what an endpoint answers that is not to be used.
        return RestTrouble::Forbidden.answer(&incoming);
    };
    let cx = cx.in_place(account, region);
    match kind {
        ApiKind::Rest => rest::answer(&cx, &address, &incoming).await,
        ApiKind::Http => http::answer(&cx, &address, &incoming).await,
    }
}
