//! The outside with every use of it in the record.

use super::{Command, Listen, Listening, Outside, OutsideError, Process, Scratch};
use crate::Context;
use crate::record::{Deed, Entry, OutsideEntry, Record};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use mesh_clock::RealTime;
use mesh_store::{Cause, Epoch, UniverseName};
use smol_str::{SmolStr, format_smolstr};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest that the record keeps of an address, a program or a sentence.
const LONGEST: usize = 256;

/// An outside whose uses are recorded as what one context did. Holds the record and no router, so that it may be kept by
/// what lives in a universe.
pub(crate) struct Recorded {
    outside: Arc<dyn Outside>,
    page: Page,
}

/// Where and as what uses are written down.
#[derive(Clone)]
struct Page {
    record: Arc<Record>,
    universe: UniverseName,
    epoch: Epoch,
    cause: Cause,
}

impl Recorded {
    pub(crate) fn new(outside: Arc<dyn Outside>, record: Arc<Record>, cx: &Context) -> Self {
        let (universe, cause) = (cx.universe(), cx.cause());
        let page = Page { record, universe: universe.name().clone(), epoch: universe.epoch(), cause };
        Self { outside, page }
    }
}

impl Page {
    fn note<T>(&self, deed: Deed, what: SmolStr, done: Result<T, OutsideError>) -> Result<T, OutsideError> {
        self.record.add(Entry::Outside(OutsideEntry {
            sequence: self.record.next(),
            universe: self.universe.clone(),
            epoch: self.epoch,
            cause: self.cause,
            deed,
            what: shortened(&what),
            at: RealTime::now(),
            error: done.as_ref().err().map(|error| shortened(&error.to_string())),
        }));
        done
    }
}

impl Outside for Recorded {
    fn listen(&self, listen: Listen) -> Result<Box<dyn Listening>, OutsideError> {
        let done = self.outside.listen(listen);
        let what = done.as_ref().map_or(SmolStr::default(), |port| format_smolstr!("{}", port.address()));
        self.page.note(Deed::Listen, what, done)
    }

    fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError> {
        let what = format_smolstr!("{}", command.program.display());
        self.page.note(Deed::Process, what, self.outside.process(command))
    }

    fn programs(&self, name: &str) -> Vec<PathBuf> {
        self.outside.programs(name)
    }

    fn search_path(&self) -> OsString {
        self.outside.search_path()
    }

    fn libraries(&self, language: &str) -> Option<PathBuf> {
        self.outside.libraries(language)
    }

    fn shows(&self, place: &Path, kept: Option<&Path>) -> bool {
        self.outside.shows(place, kept)
    }

    fn scratch(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        self.page.note(Deed::Scratch, purpose.into(), self.outside.scratch(purpose))
    }

    fn http(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>> {
        // Without the query, which may hold secrets.
        let uri = request.uri();
        let host = uri.authority().map(http::uri::Authority::host).unwrap_or_default();
        let port = uri.port_u16().map(|port| format_smolstr!(":{port}")).unwrap_or_default();
        let what = format_smolstr!("{} http://{host}{port}{}", request.method(), uri.path());
        let (page, answering) = (self.page.clone(), self.outside.http(request));
        Box::pin(async move {
            let answer = answering.await;
            let status = answer.as_ref().map(|answer| answer.status().as_u16());
            let what = status.map_or(what.clone(), |status| format_smolstr!("{what} {status}"));
            page.note(Deed::Http, what, answer)
        })
    }
}

fn shortened(text: &str) -> SmolStr {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => SmolStr::new(&text[..end]),
        None => SmolStr::new(text),
    }
}
