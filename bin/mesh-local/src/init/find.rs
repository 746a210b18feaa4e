//! Which files of a stage's directory are scripts, and in which order they run.

use crate::environment::is_program;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many directories deep scripts are looked for: links can lead round in a circle.
const DEPTH: usize = 8;

/// What files begin with that are programs: a named interpreter, ELF, and the forms of Mach-O.
const MARKS: [&[u8]; 5] = [b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// The scripts of a directory, in the order of their names; then those of its directories.
///
/// A script is what ends in `.sh` or `.py`, and any other program. The mark of a program alone does not make one:
/// file systems that know no such mark show it on every file, and data lies beside scripts. Hidden names are left out:
/// volumes of Kubernetes show each file a second time under one.
pub(super) fn scripts(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(directory, DEPTH, &mut found);
    found
}

fn walk(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    // a directory that is not there or cannot be read has no scripts
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let is_hidden =
        |path: &PathBuf| path.file_name().is_none_or(|name| name.as_encoded_bytes().first() == Some(&b'.'));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| !is_hidden(path));
    paths.sort();
    let (directories, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.is_dir());
    found.extend(files.into_iter().filter(|file| is_script(file)));
    if depth > 0 {
        directories.iter().for_each(|directory| walk(directory, depth - 1, found));
    }
}

fn is_script(file: &Path) -> bool {
    match file.extension().and_then(OsStr::to_str) {
        Some("sh" | "py") => file.is_file(),
        _ => is_program(file) && MARKS.iter().any(|mark| start(file).starts_with(mark)),
    }
}

/// The first bytes of a file, as far as they are looked at.
fn start(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(file) {
        file.take(128).read_to_end(&mut bytes).ok();
    }
    bytes
}

/// The interpreter that the first line of a script names, and its argument.
pub(super) fn interpreter(file: &Path) -> Option<(String, Option<String>)> {
    let start = start(file);
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim();
    let (program, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = Some(argument.trim().to_owned()).filter(|argument| !argument.is_empty());
    (!program.is_empty()).then(|| (program.to_owned(), argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A directory of its own, that ends with the test.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("mesh-local-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).expect("a directory");
            Self(path)
        }

        fn file(&self, name: &str, content: &str, mode: u32) -> PathBuf {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, content).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            path
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn scripts_run_in_the_order_of_their_names_and_directories_after_files() {
        let directory = Directory::new("order");
        for name in ["b.sh", "a/2.sh", "z.sh", "10.py", "a/1.sh"] {
            directory.file(name, "", 0o644);
        }
        let names: Vec<_> = scripts(&directory.0)
            .iter()
            .map(|path| path.strip_prefix(&directory.0).expect("below").display().to_string())
            .collect();
        assert_eq!(names, ["10.py", "b.sh", "z.sh", "a/1.sh", "a/2.sh"]);
    }

    #[test]
    fn data_and_hidden_files_are_no_scripts() {
        let directory = Directory::new("data");
        directory.file("seed.json", "{}", 0o777);
        directory.file("program.rb", "#!/usr/bin/env ruby", 0o644);
        directory.file("..data/1.sh", "", 0o755);
        directory.file(".hidden.sh", "", 0o755);
        let program = directory.file("program", "#!/bin/sh\n", 0o755);
        assert_eq!(scripts(&directory.0), [program]);
        assert!(scripts(&directory.0.join("missing")).is_empty());
    }

    #[test]
    fn the_first_line_names_an_interpreter() {
        let directory = Directory::new("line");
        let named = |line: &str| interpreter(&directory.file("script", line, 0o644));
        assert_eq!(named("#!/bin/bash\nexit 0"), Some(("/bin/bash".to_owned(), None)));
        assert_eq!(
            named("#! /usr/bin/env  bash\n"),
            Some(("/usr/bin/env".to_owned(), Some("bash".to_owned())))
        );
        assert_eq!(named("echo"), None);
        assert_eq!(named("#!\n"), None);
    }
}
