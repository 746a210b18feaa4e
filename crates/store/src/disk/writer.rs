//! The thread that writes, and how the files are opened.

use super::error::is_damage;
use super::journal::{Base, Entry, Journal, Making, Pace};
use super::layers::Layers;
use super::layout::{CLEAN_KEY, FORMAT, FORMAT_KEY, NO_LAYER, OLDEST, Place};
use super::load::{self, Loaded};
use super::log::{self, Frame, Log};
use super::logger;
use super::merge::merge_down;
use super::record::{PartitionRecord, Role, UniverseRecord};
use super::tables::{Generations, Tables};
use super::{Durability, StorageBackend, StorageError};
use crate::identity::Identity;
use crate::{Kinds, Row};
use mesh_clock::RealTime;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableTable, ReadableTableMetadata};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// The name of the file in the data directory.
const FILE: &str = "mesh-local.redb";
/// The names of the halves of the log.
const LOGS: [&str; 2] = ["mesh-local.log.0", "mesh-local.log.1"];

/// What redb may keep of the file in memory: it is read at start only, and what is written is near to what was written.
const CACHE: usize = 32 << 20;

/// A file that was opened and read.
pub(crate) struct Opened {
    pub(crate) disk: Disk,
    pub(crate) universes: Vec<Loaded>,
    /// Greater than the number of every universe.
    pub(crate) next_universe: u64,
    /// Whether the process that wrote it ended in an orderly way.
    pub(crate) was_closed: bool,
}

/// The file, and what is known of what lies in it.
pub(crate) struct Disk {
    database: Database,
    logs: Option<Logs>,
    /// The last frame of the log that is in the tables.
    logged: u64,
    layers: Layers,
    generations: Generations,
    universes: BTreeMap<u64, Written>,
    /// Whether there may be garbage.
    is_unclean: bool,
}

/// The two halves of the log.
pub(crate) type Logs = [Box<dyn StorageBackend>; 2];

/// A universe on disk.
struct Written {
    role: Role,
    layer: u32,
    /// What it is in memory, and what of that is on disk.
    identity: Option<Arc<Identity>>,
    record: Option<UniverseRecord>,
}

/// Opens the state in a directory, which is made where there is none.
pub(crate) fn open_directory(directory: &Path, kinds: &Kinds) -> Result<Opened, StorageError> {
    let unusable = |error| StorageError::Unusable(directory.to_owned(), error);
    make_directory(directory).map_err(unusable)?;
    let file = directory.join(FILE);
    // redb would begin anew.
    if std::fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() == 0) {
        return Err(StorageError::damaged("its file is empty"));
    }
    let database = || {
        builder().create(&file).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StorageError::Locked(directory.to_owned()),
            redb::DatabaseError::Storage(redb::StorageError::Io(error)) if !is_damage(&error) => {
                unusable(error)
            }
            error => error.into(),
        })
    };
    // Who has the state has the log: it is looked at behind the lock.
    let logs = || {
        let [one, other] = LOGS.map(|name| open_log(&directory.join(name)));
        Ok([one.map_err(unusable)?, other.map_err(unusable)?])
    };
    open(kinds, database, logs)
}

fn open_log(file: &Path) -> std::io::Result<Box<dyn StorageBackend>> {
    let file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file)?;
    Ok(Box::new(FileBackend::new(file).map_err(std::io::Error::other)?))
}

/// Opens the state in a backend, its log in two others.
pub(crate) fn open_backend(
    backend: impl StorageBackend,
    logs: Logs,
    kinds: &Kinds,
) -> Result<Opened, StorageError> {
    open(kinds, || Ok(builder().create_with_backend(backend)?), || Ok(logs))
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

/// The directory is its owner's alone: what is in it may be secret.
fn make_directory(directory: &Path) -> std::io::Result<()> {
    let mut make = std::fs::DirBuilder::new();
    make.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.create(directory)
}

/// A damaged file must not end the process: redb trusts what it reads, and panics where it cannot.
fn open(
    kinds: &Kinds,
    database: impl FnOnce() -> Result<Database, StorageError>,
    logs: impl FnOnce() -> Result<Logs, StorageError>,
) -> Result<Opened, StorageError> {
    let opened = catch_unwind(AssertUnwindSafe(|| read(database()?, logs()?, kinds)));
    opened.unwrap_or_else(|_| Err(StorageError::damaged("its pages contradict one another")))
}

fn read(database: Database, logs: Logs, kinds: &Kinds) -> Result<Opened, StorageError> {
    let transaction = database.begin_write()?;
    let mut tables = Tables::open(&transaction)?;
    let was_closed = check(&mut tables)?;
    let mut layers = Layers::new(pairs(&tables.layers)?);
    let mut generations = Generations::new();
    for cleared in tables.cleared.iter()? {
        let (place, generation) = cleared?;
        let place = Place::read(place.value()).ok_or_else(|| StorageError::damaged("a key is too short"))?;
        generations.insert(place, generation.value());
    }
    let mut records = BTreeMap::new();
    for row in tables.universes.iter()? {
        let (number, record) = row?;
        let record = UniverseRecord::decode(record.value())?;
        layers.add_user(record.layer);
        records.insert(number.value(), record);
    }
    let logged = replay(&mut tables, &mut generations, &records, &logs)?;
    join_layers(&mut tables, &mut layers, &mut generations, &mut records)?;
    for (layer, _) in layers.in_order() {
        if tables.is_empty(layer)? {
            layers.note_empty(layer);
        }
    }
    drop(tables);
    transaction.commit()?;
    let next_universe = records.keys().next_back().map_or(1, |last| last + 1);
    let universes = load::load(&database, kinds, &layers, &generations, &records)?;
    let written = |record: &UniverseRecord| Written {
        role: record.role,
        layer: record.layer,
        identity: None,
        record: Some(record.clone()),
    };
    let universes_on_disk = records.iter().map(|(number, record)| (*number, written(record))).collect();
    let disk = Disk {
        database,
        logs: Some(logs),
        logged,
        layers,
        generations,
        universes: universes_on_disk,
        is_unclean: true,
    };
    Ok(Opened { disk, universes, next_universe, was_closed })
}

/// Checks the format of the file, or sets it in a new one. Answers whether it was closed.
fn check(tables: &mut Tables<'_>) -> Result<bool, StorageError> {
    let format = tables.meta.get(FORMAT_KEY)?.map(|format| format.value());
    match format {
        Some(format) if format > FORMAT => {
            return Err(StorageError::Newer(format!(
                "format {format}, and this version reads up to {FORMAT}"
            )));
        }
        Some(format) if format < OLDEST => {
            return Err(StorageError::Older(format!(
                "format {format}, and this version reads {OLDEST} and later"
            )));
        }
        Some(_) => {}
        None if tables.universes.first()?.is_none() => drop(tables.meta.insert(FORMAT_KEY, FORMAT)?),
        None => return Err(StorageError::damaged("it does not say in which format it is")),
    }
    let was_closed = tables.meta.insert(CLEAN_KEY, 0)?.is_none_or(|clean| clean.value() == 1);
    Ok(was_closed)
}

fn pairs(table: &impl ReadableTable<u32, u32>) -> Result<BTreeMap<u32, u32>, StorageError> {
    let mut pairs = BTreeMap::new();
    for row in table.iter()? {
        let (key, value) = row?;
        pairs.insert(key.value(), value.value());
    }
    let lies_on_older =
        |(layer, base): (&u32, &u32)| base < layer && (*base == NO_LAYER || pairs.contains_key(base));
    match pairs.iter().all(lies_on_older) {
        true => Ok(pairs),
        false => Err(StorageError::damaged("its layers do not lie on one another")),
    }
}

/// Takes into the tables what only the log has. Answers the number of the last frame that they have now.
fn replay(
    tables: &mut Tables<'_>,
    generations: &mut Generations,
    records: &BTreeMap<u64, UniverseRecord>,
    logs: &Logs,
) -> Result<u64, StorageError> {
    let mut logged = tables.logged.get(())?.map_or(0, |logged| logged.value());
    for frame in log::frames_after(logs, logged)? {
        let layer_of = |universe| records.get(&universe).map(|record| record.layer);
        tables.replay(generations, frame.content(), layer_of)?;
        logged = frame.number();
    }
    tables.logged.insert((), logged)?;
    Ok(logged)
}

/// Joins each layer with the one below where nothing else lies on that.
fn join_layers(
    tables: &mut Tables<'_>,
    layers: &mut Layers,
    generations: &mut Generations,
    records: &mut BTreeMap<u64, UniverseRecord>,
) -> Result<(), StorageError> {
    let in_use: BTreeSet<u32> = records.values().map(|record| record.layer).collect();
    if let Some(missing) =
        in_use.iter().find(|layer| !layers.in_order().iter().any(|(known, _)| known == *layer))
    {
        return Err(StorageError::Damaged(format!("there is no layer {missing}")));
    }
    for (layer, _) in layers.in_order() {
        let Some(base) = layers.below(layer) else { continue };
        if layers.users(base) > 1 || in_use.contains(&base) {
            continue;
        }
        merge_down(tables, layers, generations, layer, base)?;
        for (number, record) in records.iter_mut().filter(|(_, record)| record.layer == layer) {
            record.layer = base;
            tables.put_universe(*number, record)?;
        }
    }
    Ok(())
}

impl Disk {
    /// Names the universe that a number on disk is in memory.
    pub(crate) fn identify(&mut self, identity: &Arc<Identity>) {
        if let Some(written) = self.universes.get_mut(&identity.number) {
            written.identity = Some(Arc::clone(identity));
        }
    }

    /// Writes what the journal takes, on a thread of its own, or on two.
    pub(crate) fn start(
        mut self,
        durability: Durability,
        next_universe: u64,
    ) -> Result<Journal, StorageError> {
        let journal = Journal::new(durability, next_universe);
        let logs = self.logs.take().filter(|_| durability == Durability::Strict);
        let log = logs.map(|logs| Log::new(logs, self.logged)).transpose()?;
        let spawned = std::thread::Builder::new().name("journal".to_owned()).spawn({
            let journal = journal.clone();
            move || {
                run(&journal, || match log {
                    Some(log) => logger::run_with_log(self, log, &journal),
                    None => self.write_all(&journal),
                });
            }
        });
        let writer = spawned.map_err(|error| StorageError::Failed(error.to_string()))?;
        journal.written_by(writer);
        Ok(journal)
    }

    fn write_all(mut self, journal: &Journal) -> Result<(), StorageError> {
        let mut pace = Pace::default();
        loop {
            while self.is_unclean && journal.is_idle() {
                self.clean()?;
            }
            let Some(batch) = journal.next(&pace) else { break };
            let ((sequence, weight), entries) = (batch.mark(), batch.entries.len());
            let begun = RealTime::now();
            self.write(&[], batch.entries)?;
            pace.note(entries, RealTime::now().since(begun));
            journal.written(sequence, weight);
        }
        self.end()
    }

    /// Notes that nothing comes any more.
    pub(super) fn end(&mut self) -> Result<(), StorageError> {
        let transaction = self.database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        Self::save(&mut self.universes, &mut tables)?;
        tables.meta.insert(CLEAN_KEY, 1)?;
        drop(tables);
        Ok(transaction.commit()?)
    }

    /// Writes into the tables what was logged, then what was not, all of it or nothing.
    pub(super) fn write(&mut self, logged: &[Frame], entries: Vec<Entry>) -> Result<(), StorageError> {
        let transaction = self.database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        for frame in logged {
            tables.replay(&mut self.generations, frame.content(), |universe| {
                let layer = self.universes.get(&universe)?.layer;
                self.layers.touch(layer);
                Some(layer)
            })?;
            tables.logged.insert((), frame.number())?;
        }
        for entry in entries {
            match entry {
                Entry::Commit { universe, partitions } => {
                    let Some(written) = self.universes.get(&universe) else { continue };
                    self.layers.touch(written.layer);
                    for partition in partitions {
                        tables.change(written.layer, &mut self.generations, partition)?;
                    }
                }
                Entry::Make(making) => self.make(&mut tables, making)?,
                // After every batch it is looked at.
                Entry::Save => {}
                Entry::Remove { universe } => self.remove(&mut tables, universe)?,
            }
        }
        Self::save(&mut self.universes, &mut tables)?;
        self.is_unclean = !tables.dead.is_empty()?;
        drop(tables);
        Ok(transaction.commit()?)
    }

    fn make(&mut self, tables: &mut Tables<'_>, making: Making) -> Result<(), StorageError> {
        let Making { identity, role, base, replaces } = making;
        let layer = match base {
            Base::Fork(origin) => {
                let Some(origin) = self.universes.get_mut(&origin) else { return Ok(()) };
                let (own, other) = self.layers.fork(tables, origin.layer)?;
                origin.layer = own;
                other
            }
            Base::Empty => self.layers.add(tables, NO_LAYER)?,
            Base::Rows { partitions, retired } => {
                let layer = self.layers.add(tables, NO_LAYER)?;
                self.layers.touch(layer);
                for partition in partitions {
                    tables.change(layer, &mut self.generations, partition)?;
                }
                for (hash, commits) in retired {
                    tables.put_partition(layer, hash, &PartitionRecord::retired(commits))?;
                }
                layer
            }
        };
        if let Some(replaced) = replaces {
            self.remove(tables, replaced)?;
        }
        let number = identity.number;
        self.universes.insert(number, Written { role, layer, identity: Some(identity), record: None });
        Ok(())
    }

    fn remove(&mut self, tables: &mut Tables<'_>, universe: u64) -> Result<(), StorageError> {
        let Some(removed) = self.universes.remove(&universe) else { return Ok(()) };
        tables.universes.remove(universe)?;
        self.layers.release(tables, &mut self.generations, removed.layer)
    }

    /// Writes what has changed of the universes beside their rows: clocks, counters.
    fn save(universes: &mut BTreeMap<u64, Written>, tables: &mut Tables<'_>) -> Result<(), StorageError> {
        for (number, written) in universes {
            let Some(identity) = &written.identity else { continue };
            let record = UniverseRecord::of(identity, written.role, written.layer);
            if written.record.as_ref() != Some(&record) {
                tables.put_universe(*number, &record)?;
                written.record = Some(record);
            }
        }
        Ok(())
    }

    /// Whether there may be garbage.
    pub(super) fn is_unclean(&self) -> bool {
        self.is_unclean
    }

    /// Removes some of the garbage.
    pub(super) fn clean(&mut self) -> Result<(), StorageError> {
        let transaction = self.database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        self.is_unclean = tables.clean()?;
        drop(tables);
        if self.is_unclean { Ok(transaction.commit()?) } else { Ok(transaction.abort()?) }
    }
}

/// Runs what writes. The journal has failed where that fails, or panics.
pub(super) fn run(journal: &Journal, write: impl FnOnce() -> Result<(), StorageError>) {
    let failed = match catch_unwind(AssertUnwindSafe(write)) {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the thread that writes has panicked".to_owned(),
    };
    journal.fail(failed);
}
