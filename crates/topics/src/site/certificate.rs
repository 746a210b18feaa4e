//! The certificate with which receivers check signatures, served at the URL that messages name.

use crate::signing::{CERTIFICATE, CERTIFICATE_PATH};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use mesh_router::{Context, Site};

/// Serves the certificate.
pub(crate) struct Certificate;

impl Site for Certificate {
    fn service(&self) -> &'static str {
        "sns"
    }

    fn claims(&self, _: &str, path: &str) -> bool {
        path == CERTIFICATE_PATH
    }

    fn serve(&self, _: Context, _: Parts, _: Bytes) -> BoxFuture<'static, http::Response<Bytes>> {
        Box::pin(async {
            let mut answer = http::Response::new(Bytes::from_static(CERTIFICATE.as_bytes()));
            let pem = HeaderValue::from_static("application/x-pem-file");
            answer.headers_mut().insert(CONTENT_TYPE, pem);
            answer
        })
    }
}
