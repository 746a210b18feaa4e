//! What a child sees in the machine's stead: a mount namespace of its own.
//!
//! The one place of this project with `unsafe` code. A namespace is entered by the child itself, between fork and exec,
//! where only system calls are allowed: another thread may have held the allocator's lock at the fork. So everything
//! that takes memory, and every look at the machine, is done before; the child walks a list of [`Step`]s.
//!
//! Root makes the namespace as it is. Everyone else needs a user namespace around it, in which they keep their own ids
//! and the machine's files their owners. Where neither is allowed, as in most containers, nothing is: one child is asked
//! to find that out, once.

use mesh_router::outside::{Command, Place};
use rustix::fs::{Mode, OFlags, StatVfsMountFlags, mkdir, open, statvfs, symlink};
use rustix::io::{Errno, write};
use rustix::mount::{
    MountFlags, MountPropagationFlags, mount, mount_bind_recursive, mount_change, mount_remount,
};
use rustix::process::{Resource, Rlimit, chdir, getegid, geteuid, getrlimit, setrlimit};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, OsString, c_char};
use std::fs;
use std::io;
use std::iter;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

/// With this error the child ends that found everything possible. No call that it makes answers it.
const POSSIBLE: Errno = Errno::CANCELED;

/// Files that a function may have open.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const FILES: u64 = 1_024;

/// What is mounted is no way to more rights.
const TAME: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// A view that a child can enter.
pub(super) struct View {
    steps: Vec<Step>,
    user: CString,
    group: CString,
    directory: CString,
    program: Program,
}

/// One call of the child.
enum Step {
    /// Goes to a directory, which paths without a slash in front then begin at, whatever is mounted over it since.
    Go(CString),
    /// Mounts an empty file system in memory.
    Memory {
        at: CString,
        options: CString,
    },
    Directory(CString),
    Link {
        at: CString,
        to: CString,
    },
    /// Shows a directory at another place.
    Bind {
        what: CString,
        at: CString,
    },
    /// Lets nobody write there any more.
    Seal {
        at: CString,
        flags: MountFlags,
    },
}

impl View {
    /// The view that a command asks for.
    ///
    /// # Errors
    /// A place that cannot be made on this machine; a text with a NUL.
    pub(super) fn new(command: &Command) -> io::Result<Self> {
        let Command { program, arguments, environment, directory, view: places, .. } = command;
        let mut steps = Vec::new();
        let mut rebuilt = BTreeSet::new();
        for place in places {
            let (Place::Shown { at, .. } | Place::Own { at, .. }) = place;
            if let Some(parent) = missing_in(at) {
                if rebuilt.insert(parent) {
                    rebuild(parent, &mut steps)?;
                }
                steps.push(Step::Directory(text(at)?));
            }
            match place {
                Place::Shown { at, what } => {
                    steps.push(Step::Bind { what: text(what)?, at: text(at)? });
                    // a flag that the machine has set must be set again
                    let is_set = statvfs(what)?.f_flag.contains(StatVfsMountFlags::NOEXEC);
                    let noexec = if is_set { MountFlags::NOEXEC } else { MountFlags::empty() };
                    steps.push(Step::Seal { at: text(at)?, flags: TAME | noexec });
                }
                Place::Own { at, bytes } => {
                    let options = CString::new(format!("mode=1777,size={bytes}"))?;
                    steps.push(Step::Memory { at: text(at)?, options });
                }
            }
        }
        for parent in rebuilt {
            steps.push(Step::Seal { at: text(parent)?, flags: TAME });
        }
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        Ok(Self {
            steps,
            user: CString::new(format!("{user} {user} 1"))?,
            group: CString::new(format!("{group} {group} 1"))?,
            directory: text(directory)?,
            program: Program::new(program, arguments, environment)?,
        })
    }

    /// Has a child enter it and run its program.
    pub(super) fn arrange(self, child: &mut std::process::Command) {
        before_exec(child, move || {
            self.enter()?;
            Err(self.program.run())
        });
    }

    /// Makes the namespace and what is in it. Runs in the child.
    fn enter(&self) -> Result<(), Errno> {
        // as on AWS; whoever gave mesh-local more did not mean the functions
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let least = |limit: Option<u64>| Some(limit.map_or(FILES, |limit| limit.min(FILES)));
        setrlimit(Resource::Nofile, Rlimit { current: least(current), maximum: least(maximum) })?;
        self.unshare()?;
        // what is mounted here is not seen outside
        mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
        self.steps.iter().try_for_each(Step::take)?;
        chdir(self.directory.as_c_str())
    }

    fn unshare(&self) -> Result<(), Errno> {
        #[expect(unsafe_code, reason = "the call is unsafe for the sake of another flag")]
        // SAFETY: the danger is in UnshareFlags::FILES, which parts the descriptors of threads; it is not among these.
        let unshare = |flags| unsafe { unshare_unsafe(flags) };
        match unshare(UnshareFlags::NEWNS) {
            Err(Errno::PERM) => {}
            result => return result,
        }
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
        // without this nobody may map a group
        put(c"/proc/self/setgroups", c"deny")?;
        put(c"/proc/self/uid_map", &self.user)?;
        put(c"/proc/self/gid_map", &self.group)
    }
}

/// A program with what it is given, as the system takes it.
///
/// The standard library would have a shell run what is no program for the system.
struct Program {
    path: CString,
    arguments: Texts,
    environment: Texts,
}

impl Program {
    fn new(path: &Path, arguments: &[OsString], environment: &[(OsString, OsString)]) -> io::Result<Self> {
        let arguments = iter::once(path.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
        // the last value of a name counts
        let environment: BTreeMap<_, _> = environment.iter().map(|(name, value)| (name, value)).collect();
        let pair = |(name, value): (&OsString, &OsString)| [name.as_bytes(), b"=", value.as_bytes()].concat();
        Ok(Self {
            path: text(path)?,
            arguments: Texts::new(arguments.map(|argument| argument.as_bytes().to_vec()))?,
            environment: Texts::new(environment.into_iter().map(pair))?,
        })
    }

    /// Becomes the program; comes back where that cannot be done. Runs in the child.
    fn run(&self) -> io::Error {
        #[expect(unsafe_code, reason = "the system takes pointers")]
        // SAFETY: the path ends in a NUL, both lists in a null pointer, and what they point to lives as long as `self`.
        unsafe {
            libc::execve(self.path.as_ptr(), self.arguments.list.as_ptr(), self.environment.list.as_ptr());
        }
        io::Error::last_os_error()
    }
}

/// Texts, and the list of pointers to them that ends in none.
struct Texts {
    list: Vec<*const c_char>,
    _texts: Vec<CString>,
}

#[expect(unsafe_code, reason = "pointers are never Send")]
// SAFETY: the pointers lead to heap memory that goes with them, that nobody changes, and that is only read.
unsafe impl Send for Texts {}

#[expect(unsafe_code, reason = "pointers are never Sync")]
// SAFETY: as above.
unsafe impl Sync for Texts {}

impl Texts {
    fn new(texts: impl Iterator<Item = Vec<u8>>) -> io::Result<Self> {
        let texts = texts.map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let list = texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Ok(Self { list, _texts: texts })
    }
}

impl Step {
    fn take(&self) -> Result<(), Errno> {
        match self {
            Self::Go(to) => chdir(to.as_c_str()),
            Self::Memory { at, options } => {
                mount(c"tmpfs", at.as_c_str(), c"tmpfs", TAME, options.as_c_str())
            }
            Self::Directory(at) => mkdir(at.as_c_str(), Mode::from_raw_mode(0o755)),
            Self::Link { at, to } => symlink(to.as_c_str(), at.as_c_str()),
            Self::Bind { what, at } => mount_bind_recursive(what.as_c_str(), at.as_c_str()),
            Self::Seal { at, flags } => {
                mount_remount(at.as_c_str(), MountFlags::BIND | MountFlags::RDONLY | *flags, c"")
            }
        }
    }
}

/// Whether this machine lets children have views: asks one that ends before it runs anything.
pub(super) fn is_possible(scratch: &Path) -> bool {
    let directory = PathBuf::from("/var/task");
    let view = View::new(&Command {
        program: PathBuf::from("/"),
        arguments: Vec::new(),
        environment: Vec::new(),
        view: vec![
            Place::Shown { at: directory.clone(), what: scratch.to_owned() },
            Place::Own { at: PathBuf::from("/tmp"), bytes: 1 << 20 },
        ],
        directory,
        output: Arc::new(|_| {}),
    });
    let Ok(view) = view else { return false };
    let mut child = std::process::Command::new("/");
    before_exec(&mut child, move || Err(view.enter().err().unwrap_or(POSSIBLE).into()));
    child.spawn().err().and_then(|error| error.raw_os_error()) == Some(POSSIBLE.raw_os_error())
}

/// Whether something can be mounted at a place: it is there, or it can be made in a copy of the directory above it.
pub(super) fn can_be_at(place: &Path) -> bool {
    let is_inner = |place: &Path| place.parent().is_some() && place.is_dir();
    is_inner(place) || missing_in(place).is_some_and(is_inner)
}

fn before_exec(child: &mut std::process::Command, run: impl Fn() -> io::Result<()> + Send + Sync + 'static) {
    use std::os::unix::process::CommandExt;
    #[expect(unsafe_code, reason = "a child sets itself up")]
    // SAFETY: what runs in the child is `View::enter` and `Program::run`: system calls on memory that was made before the
    // fork. It allocates nothing, takes no lock, and touches no state of the parent's threads.
    unsafe {
        child.pre_exec(run);
    }
}

/// The directory above a place where nothing is.
fn missing_in(place: &Path) -> Option<&Path> {
    if place.exists() { None } else { place.parent() }
}

/// Puts a copy of a directory in its place, of one level: what is in it is shown in the copy. What is neither a
/// directory nor a link is left out.
fn rebuild(directory: &Path, steps: &mut Vec<Step>) -> io::Result<()> {
    steps.push(Step::Go(text(directory)?));
    steps.push(Step::Memory { at: text(directory)?, options: c"mode=755".to_owned() });
    for entry in fs::read_dir(directory)? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let at = text(&entry)?;
        if let Ok(to) = fs::read_link(&entry) {
            steps.push(Step::Link { at, to: text(&to)? });
        } else if entry.is_dir() {
            steps.push(Step::Directory(at.clone()));
            steps.push(Step::Bind { what: text(Path::new(&name))?, at });
        }
    }
    Ok(())
}

fn put(file: &CStr, content: &CStr) -> Result<(), Errno> {
    let file = open(file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    write(&file, content.to_bytes()).map(|_| ())
}

fn text(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}
