//! The zip archive of a function: read with suspicion, because anyone may send one.

use super::failure::InvalidParameter;
use crate::limits::{ENTRIES, PATH_LENGTH, UNZIPPED};
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::read::ZipFile;

/// AWS's answer to an archive that cannot be read.
const UNREADABLE: &str = "Could not unzip uploaded file. Please check your file, then try to upload again.";

/// An archive that can be unpacked.
pub struct Archive<'a>(ZipArchive<Cursor<&'a [u8]>>);

/// A path within an archive: relative, of ordinary names, with slashes between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath(SmolStr);

impl FilePath {
    /// The path of an entry; `None` for one that names the root itself. Backslashes, which some tools for Windows
    /// write, separate too.
    ///
    /// # Errors
    /// A path that leads out of the archive.
    fn parse(name: &str) -> Result<Option<Self>, InvalidParameter> {
        let path = name.replace('\\', "/");
        let is_drive = path.as_bytes().get(1) == Some(&b':');
        let leads_out = path.starts_with('/') || is_drive || path.split('/').any(|part| part == "..");
        if leads_out || path.contains('\0') || path.len() > PATH_LENGTH {
            return Err(refused(&format!(
                "the path {:?} leads out of the archive or is no path of a file",
                name.chars().take(200).collect::<String>()
            )));
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        Ok((!parts.is_empty()).then(|| Self(SmolStr::new(parts.join("/")))))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories above it.
    fn ancestors(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

/// What an archive holds at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A file.
    Plain,
    /// A program.
    Executable,
}

impl<'a> Archive<'a> {
    /// Reads the whole archive once, and keeps nothing: every file can be unpacked, below its directory, and within
    /// AWS's size.
    ///
    /// # Errors
    /// AWS's answers to one that cannot be read, is empty or too large, and ours to one with links or with paths that
    /// lead out of it.
    pub fn check(bytes: &'a [u8]) -> Result<(), InvalidParameter> {
        Self::check_within(bytes, UNZIPPED)
    }

    fn check_within(bytes: &'a [u8], limit: u64) -> Result<(), InvalidParameter> {
        let mut archive = Self::open(bytes)?;
        let (mut files, mut directories) = (BTreeSet::new(), BTreeSet::new());
        let mut size = 0;
        archive.each(|path, kind, content| {
            directories.extend(path.ancestors().map(SmolStr::new));
            if kind == Kind::Directory {
                directories.insert(path.0.clone());
                return Ok(());
            }
            files.insert(path.0.clone());
            // what is really in it, not what its head says
            let room = limit - size + 1;
            size += std::io::copy(&mut content.take(room), &mut std::io::sink()).map_err(|_| unreadable())?;
            if size > limit {
                return Err(InvalidParameter {
                    sentence: format!("Unzipped size must be smaller than {limit} bytes"),
                });
            }
            Ok(())
        })?;
        if files.is_empty() {
            return Err(InvalidParameter { sentence: "Uploaded file must be a non-empty zip".to_owned() });
        }
        match files.intersection(&directories).next() {
            Some(path) => Err(refused(&format!("{path:?} is both a file and a directory"))),
            None => Ok(()),
        }
    }

    /// Opens an archive.
    ///
    /// # Errors
    /// It is none, or has too many entries.
    pub fn open(bytes: &'a [u8]) -> Result<Self, InvalidParameter> {
        if bytes.is_empty() {
            return Err(InvalidParameter { sentence: "Uploaded file must be a non-empty zip".to_owned() });
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
        if archive.len() > ENTRIES {
            return Err(refused(&format!("it has more than {ENTRIES} entries")));
        }
        Ok(Self(archive))
    }

    /// Hands over each entry with its content, in the archive's order.
    ///
    /// # Errors
    /// What `take` answers; an entry that cannot be read or that nobody should unpack.
    pub fn each<E: From<InvalidParameter>>(
        &mut self,
        mut take: impl FnMut(&FilePath, Kind, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        for index in 0..self.0.len() {
            let mut entry = self.0.by_index(index).map_err(|_| unreadable())?;
            let Some(path) = FilePath::parse(&entry.name().map_err(|_| unreadable())?)? else { continue };
            let kind = kind(&entry)?;
            take(&path, kind, &mut entry)?;
        }
        Ok(())
    }
}

fn kind<R: Read>(entry: &ZipFile<'_, R>) -> Result<Kind, InvalidParameter> {
    const FORMAT: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    const DIRECTORY: u32 = 0o040_000;
    let mode = entry.unix_mode().unwrap_or_default();
    match mode & FORMAT {
        _ if entry.is_dir() => Ok(Kind::Directory),
        DIRECTORY => Ok(Kind::Directory),
        0 | REGULAR if mode & 0o111 == 0 => Ok(Kind::Plain),
        0 | REGULAR => Ok(Kind::Executable),
        _ => Err(refused(&format!(
            "{:?} is a link or a device, which mesh-local does not unpack; pack what it points to (zip without \
             --symlinks)",
            entry.name().unwrap_or_default()
        ))),
    }
}

fn unreadable() -> InvalidParameter {
    InvalidParameter { sentence: UNREADABLE.to_owned() }
}

/// AWS's sentence, and behind it what is wrong.
fn refused(why: &str) -> InvalidParameter {
    InvalidParameter { sentence: format!("{UNREADABLE} ({why})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            writer.write_all(content).expect("its content");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        Archive::check(bytes).expect_err("it is refused").sentence
    }

    #[test]
    fn an_archive_of_files_is_taken() {
        let bytes = archive(&[("index.py", b"x = 1"), ("pkg/./sub\\mod.py", b""), ("a//b", b"")]);
        Archive::check(&bytes).expect("it is taken");
        let mut paths = Vec::new();
        let walk = |path: &FilePath, _: Kind, _: &mut dyn Read| -> Result<(), InvalidParameter> {
            paths.push(path.as_str().to_owned());
            Ok(())
        };
        Archive::open(&bytes).expect("an archive").each(walk).expect("it is walked");
        assert_eq!(paths, ["index.py", "pkg/sub/mod.py", "a/b"]);
    }

    #[test]
    fn what_is_no_archive_or_broken_is_refused_in_awss_words() {
        let mut damaged = archive(&[("index.py", &[b'x'; 5_000])]);
        damaged[45] ^= 0xff;
        for bytes in [&b"not a zip"[..], b"PK\x03\x04", &archive(&[("a", b"b")])[..20], &damaged] {
            assert_eq!(refusal(bytes), UNREADABLE);
        }
        assert_eq!(refusal(&archive(&[])), "Uploaded file must be a non-empty zip");
        assert_eq!(refusal(b""), "Uploaded file must be a non-empty zip");
    }

    #[test]
    fn no_path_leads_out_of_the_archive() {
        for name in ["../evil", "a/../../evil", "/etc/passwd", "..\\evil", "C:\\evil", "a\0b"] {
            let sentence = refusal(&archive(&[("index.py", b""), (name, b"x")]));
            assert!(
                sentence.starts_with(UNREADABLE) && sentence.contains("leads out"),
                "{name:?}: {sentence}"
            );
        }
    }

    #[test]
    fn links_are_refused_with_what_to_do() {
        let mut writer = ZipWriter::new(Cursor::new(archive(&[])));
        writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).expect("a link");
        let sentence = refusal(&writer.finish().expect("an archive").into_inner());
        assert!(
            sentence.contains("\"link\" is a link") && sentence.contains("zip without --symlinks"),
            "{sentence}"
        );
    }

    #[test]
    fn a_file_is_no_directory() {
        let sentence = refusal(&archive(&[("a", b""), ("a/b", b"")]));
        assert!(sentence.contains("\"a\" is both a file and a directory"), "{sentence}");
    }

    // recordings/lambda.json::lambda_api::TestLambdaSizeLimits::test_oversized_unzipped_lambda
    #[test]
    fn a_bomb_is_refused_by_what_is_in_it_and_not_by_what_it_says() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("zeros", SimpleFileOptions::default()).expect("an entry");
        writer.write_all(&vec![0; 1 << 20]).expect("its content");
        let mut bytes = writer.finish().expect("an archive").into_inner();
        assert!(bytes.len() < 1 << 12);
        let refused = Archive::check_within(&bytes, (1 << 20) - 1).expect_err("it is too large").sentence;
        assert_eq!(refused, "Unzipped size must be smaller than 1048575 bytes");
        Archive::check_within(&bytes, 1 << 20).expect("it is just small enough");
        // the directory says ten bytes
        let directory = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory");
        bytes[directory + 24..directory + 28].copy_from_slice(&10_u32.to_le_bytes());
        assert!(Archive::check(&bytes).is_err());
    }
}
