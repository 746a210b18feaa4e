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
    /// What crashes would have left: just before each sync, with some of the writes, whole or in part; just after it;
    /// and here and there between two syncs.
    images: Option<Vec<Image>>,
    fault: Option<Fault>,
    is_held: bool,
    /// Whether a sync waits because of that.
    is_waiting: bool,
    /// How many more writes go well before the fault, where that is counted.
    sound_writes: Option<usize>,
    /// Chooses which of the pending writes a crash keeps, and when it comes.
    dice: Dice,
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

/// A file of a disk.
#[derive(Debug)]
pub(crate) struct File {
    medium: Medium,
    number: usize,
}

/// Any coin does: xorshift.
#[derive(Debug, Default)]
struct Dice(u64);

impl Dice {
    fn next(&mut self, faces: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % faces
    }
}

#[derive(Debug, Clone)]
enum Pending {
    Write { offset: usize, data: Vec<u8> },
    Length(usize),
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

    /// Keeps what a crash at each sync and between them would leave, from now on.
    pub(crate) fn keep_images(&self, dice: u64) {
        let mut state = self.0.state.lock();
        (state.images, state.dice) = (Some(Vec::new()), Dice(dice));
    }

    /// What crashes would have left.
    pub(crate) fn take_images(&self) -> Vec<Image> {
        self.0.state.lock().images.take().unwrap_or_default()
    }

    /// What a crash leaves now, if it takes all that was not synced.
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

    /// Breaks after so many more writes: in the middle of whatever is being written.
    pub(crate) fn break_after(&self, writes: usize, fault: Fault, dice: u64) {
        let mut state = self.0.state.lock();
        (state.sound_writes, state.fault, state.dice) = (Some(writes), Some(fault), Dice(dice));
    }

    /// What a crash leaves now, if it takes some of what was not synced.
    pub(crate) fn torn(&self) -> Contents {
        self.0.state.lock().torn()
    }

    /// Lets syncs wait until [`Medium::release`].
    pub(crate) fn hold(&self) {
        self.0.state.lock().is_held = true;
    }

    /// Whether a sync waits for [`Medium::release`].
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.state.lock().is_waiting
    }

    pub(crate) fn release(&self) {
        self.0.state.lock().is_held = false;
        self.0.released.notify_all();
    }
}

/// A crash keeps a sector of the disk or loses it.
const SECTOR: usize = 512;

/// Of so many writes one is followed by a crash, where images are kept.
const WRITES_PER_CRASH: u64 = 12;

impl State {
    /// What a crash leaves: what is synced, and some of what is not.
    fn torn(&mut self) -> Contents {
        let dice = &mut self.dice;
        self.files.each_ref().map(|file| file.torn(dice))
    }

    /// Keeps what a crash would leave now.
    fn keep_image(&mut self) {
        if self.images.is_some() {
            let image = Image { syncs: self.syncs, contents: self.torn() };
            self.images.iter_mut().for_each(|images| images.push(image.clone()));
        }
    }

    /// What is wrong, if anything is by now.
    fn fault(&self) -> Option<Fault> {
        self.fault.filter(|_| self.sound_writes.is_none_or(|writes| writes == 0))
    }
}

impl FileState {
    /// What is synced, with some of what is not: of each write all, nothing, or some of its sectors.
    fn torn(&self, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for pending in &self.pending {
            match pending {
                Pending::Length(length) => bytes.resize(*length, 0),
                Pending::Write { offset, data } => {
                    let (how, mut at) = (dice.next(4), 0);
                    while at < data.len() {
                        let end = data.len().min((*offset + at) / SECTOR * SECTOR + SECTOR - offset);
                        if how == 0 || (how == 1 && dice.next(2) == 0) {
                            bytes[offset + at..offset + end].copy_from_slice(&data[at..end]);
                        }
                        at = end;
                    }
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
        let is_broken = state.fault().is_some();
        let file = &mut state.files[self.number];
        if is_broken && place(length) > file.cache.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        file.cache.resize(place(length), 0);
        file.pending.push(Pending::Length(place(length)));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut state = self.medium.0.state.lock();
        while state.is_held {
            state.is_waiting = true;
            self.medium.0.released.wait(&mut state);
        }
        state.is_waiting = false;
        if state.fault() == Some(Fault::SyncError) {
            return Err(Error::other("the disk does not answer"));
        }
        state.keep_image();
        let file = &mut state.files[self.number];
        file.synced = file.cache.clone();
        file.pending.clear();
        state.syncs += 1;
        state.keep_image();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut state = self.medium.0.state.lock();
        match state.fault() {
            Some(Fault::Full) => return Err(ErrorKind::StorageFull.into()),
            Some(Fault::WriteError) => return Err(Error::other("the disk does not take it")),
            Some(Fault::SyncError) | None => {}
        }
        let file = &mut state.files[self.number];
        let range = place(offset)..place(offset) + data.len();
        file.cache.get_mut(range).ok_or_else(out_of_reach)?.copy_from_slice(data);
        file.pending.push(Pending::Write { offset: place(offset), data: data.to_vec() });
        state.sound_writes = state.sound_writes.map(|writes| writes.saturating_sub(1));
        if state.images.is_some() && state.dice.next(WRITES_PER_CRASH) == 0 {
            state.keep_image();
        }
        Ok(())
    }
}
