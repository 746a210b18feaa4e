//! A disk that loses what was not synced, and can be cut, filled and broken. It has the files of a state.

use mesh_store::StorageBackend;
use parking_lot::{Condvar, Mutex};
use std::io::{Error, ErrorKind};
use std::sync::Arc;

/// A disk. All clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Medium(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    files: [FileState; FILES],
    /// Syncs of all files.
    syncs: usize,
    /// What a crash at each sync would have left: just before it, with some of the writes, and just after it.
    images: Option<Vec<Image>>,
    fault: Option<Fault>,
    is_held: bool,
    /// Chooses which of the pending writes a crash keeps.
    dice: u64,
}

/// The tables, and the two halves of the log.
const FILES: usize = 3;

/// What the files hold.
pub(crate) type Contents = [Vec<u8>; FILES];

#[derive(Debug, Default)]
struct FileState {
    /// What is read: writes have reached the cache.
    cache: Vec<u8>,
    /// What is left after a crash.
    synced: Vec<u8>,
    /// Writes since the last sync.
    pending: Vec<Pending>,
}

#[derive(Debug, Clone)]
enum Pending {
    Write { offset: usize, data: Vec<u8> },
    Length(usize),
}

/// A file of a disk.
#[derive(Debug)]
pub(crate) struct File {
    medium: Medium,
    number: usize,
}

/// What a crash left.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// How many syncs were done before.
    pub(crate) syncs: usize,
    pub(crate) contents: Contents,
}

/// What the disk does from some point on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing can be added.
    Full,
    /// Nothing can be written.
    WriteError,
    /// Nothing can be synced.
    SyncError,
}

impl Medium {
    /// A disk that holds this.
    pub(crate) fn holding(contents: Contents) -> Self {
        let files =
            contents.map(|bytes| FileState { cache: bytes.clone(), synced: bytes, ..FileState::default() });
        let state = State { files, ..State::default() };
        Self(Arc::new(Shared { state: Mutex::new(state), ..Shared::default() }))
    }

    /// The tables.
    pub(crate) fn tables(&self) -> File {
        File { medium: self.clone(), number: 0 }
    }

    /// The halves of the log.
    pub(crate) fn logs(&self) -> [Box<dyn StorageBackend>; 2] {
        [1, 2].map(|number| Box::new(File { medium: self.clone(), number }) as Box<dyn StorageBackend>)
    }

    /// Keeps what a crash at each sync would leave, from now on.
    pub(crate) fn keep_images(&self, dice: u64) {
        let mut state = self.0.state.lock();
        (state.images, state.dice) = (Some(Vec::new()), dice);
    }

    /// What crashes would have left.
    pub(crate) fn take_images(&self) -> Vec<Image> {
        self.0.state.lock().images.take().unwrap_or_default()
    }

    /// What a crash leaves now.
    pub(crate) fn synced(&self) -> Contents {
        self.0.state.lock().files.each_ref().map(|file| file.synced.clone())
    }

    /// How many syncs were done.
    pub(crate) fn syncs(&self) -> usize {
        self.0.state.lock().syncs
    }

    pub(crate) fn break_with(&self, fault: Fault) {
        self.0.state.lock().fault = Some(fault);
    }

    /// Lets syncs wait until [`Medium::release`].
    pub(crate) fn hold(&self) {
        self.0.state.lock().is_held = true;
    }

    pub(crate) fn release(&self) {
        self.0.state.lock().is_held = false;
        self.0.released.notify_all();
    }
}

impl State {
    /// What a crash leaves: all that was synced, and of the rest of each file some.
    fn torn(&mut self) -> Contents {
        let dice = &mut self.dice;
        self.files.each_ref().map(|file| file.torn(dice))
    }
}

impl FileState {
    fn torn(&self, dice: &mut u64) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for pending in &self.pending {
            // xorshift: any coin does.
            *dice ^= *dice << 13;
            *dice ^= *dice >> 7;
            *dice ^= *dice << 17;
            match pending {
                Pending::Length(length) => bytes.resize(*length, 0),
                Pending::Write { offset, data } => {
                    // All of it, nothing, or what stands before some byte.
                    let kept = match *dice % 3 {
                        0 => data.len(),
                        1 => 0,
                        _ => usize::try_from(*dice >> 2).map_or(0, |number| number % (data.len() + 1)),
                    };
                    bytes[*offset..offset + kept].copy_from_slice(&data[..kept]);
                }
            }
        }
        bytes
    }
}

fn out_of_reach() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "behind the end")
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).expect("a test's disk is small")
}

impl StorageBackend for File {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.medium.0.state.lock().files[self.number].cache.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let state = self.medium.0.state.lock();
        let range = place(offset)..place(offset) + out.len();
        out.copy_from_slice(state.files[self.number].cache.get(range).ok_or_else(out_of_reach)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        let mut state = self.medium.0.state.lock();
        let state = &mut *state;
        let file = &mut state.files[self.number];
        if state.fault.is_some() && place(length) > file.cache.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        file.cache.resize(place(length), 0);
        file.pending.push(Pending::Length(place(length)));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut state = self.medium.0.state.lock();
        while state.is_held {
            self.medium.0.released.wait(&mut state);
        }
        if state.fault == Some(Fault::SyncError) {
            return Err(Error::other("the disk does not answer"));
        }
        if state.images.is_some() {
            let torn = Image { syncs: state.syncs, contents: state.torn() };
            state.images.iter_mut().for_each(|images| images.push(torn.clone()));
        }
        let file = &mut state.files[self.number];
        file.synced = file.cache.clone();
        file.pending.clear();
        state.syncs += 1;
        if state.images.is_some() {
            let whole = Image { syncs: state.syncs, contents: state.torn() };
            state.images.iter_mut().for_each(|images| images.push(whole.clone()));
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut state = self.medium.0.state.lock();
        match state.fault {
            Some(Fault::Full) => return Err(ErrorKind::StorageFull.into()),
            Some(Fault::WriteError) => return Err(Error::other("the disk does not take it")),
            Some(Fault::SyncError) | None => {}
        }
        let file = &mut state.files[self.number];
        let range = place(offset)..place(offset) + data.len();
        file.cache.get_mut(range).ok_or_else(out_of_reach)?.copy_from_slice(data);
        file.pending.push(Pending::Write { offset: place(offset), data: data.to_vec() });
        Ok(())
    }
}
