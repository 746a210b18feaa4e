//! What memory processes hold, where the system has `/proc`.
//!
//! A kernel counts what a function cannot give back: its own pages, not those of files that are mapped. That is the sum
//! of `RssAnon`, `RssShmem` and what was swapped out. Pages that a parent and its children share since a fork are in
//! everyone's sum; so where the sums are too great, the proportional shares are asked for, which costs a walk through
//! the page tables.

use mesh_router::outside::Memory;
use std::collections::VecDeque;
use std::fs;

/// Descendants that are looked at: what has more of them is not counted to the end.
const FAMILY: usize = 256;

/// The memory of one process; `None` where it has ended.
pub(super) fn of(process: u32) -> Option<Memory> {
    let status = Lines::read(&format!("/proc/{process}/status"))?;
    let peak = status.bytes("VmHWM")?;
    Some(Memory { peak, kept_peak: peak.saturating_sub(status.bytes("RssFile").unwrap_or_default()) })
}

/// What a process and its descendants hold now and the system cannot take back. `enough` says from where on a sum is
/// worth a closer look.
pub(super) fn held(process: u32, enough: u64) -> Option<u64> {
    let family = family(process);
    let sum = family.iter().map(|member| kept(*member).unwrap_or_default()).sum();
    if family.len() > 1 && sum > enough {
        return Some(family.iter().map(|member| share(*member).unwrap_or_default()).sum());
    }
    (sum > 0).then_some(sum)
}

fn kept(process: u32) -> Option<u64> {
    let status = Lines::read(&format!("/proc/{process}/status"))?;
    Some(["RssAnon", "RssShmem", "VmSwap"].iter().filter_map(|name| status.bytes(name)).sum())
}

fn share(process: u32) -> Option<u64> {
    let rollup = Lines::read(&format!("/proc/{process}/smaps_rollup"))?;
    Some(["Pss_Anon", "Pss_Shmem", "SwapPss"].iter().filter_map(|name| rollup.bytes(name)).sum())
}

/// A process and its descendants.
fn family(process: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open = VecDeque::from([process]);
    while let Some(member) = open.pop_front().filter(|_| found.len() < FAMILY) {
        found.push(member);
        // the children of a thread are listed with it
        let Ok(threads) = fs::read_dir(format!("/proc/{member}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    found
}

/// Lines of the form `VmHWM:     1234 kB`.
struct Lines(String);

impl Lines {
    fn read(path: &str) -> Option<Self> {
        fs::read_to_string(path).ok().map(Self)
    }

    fn bytes(&self, name: &str) -> Option<u64> {
        let value = self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_its_whole_name() {
        let lines = Lines("Name:\tnode\nVmHWM:\t   70000 kB\nRssAnon:\t     512 kB\n".to_owned());
        assert_eq!((lines.bytes("VmHWM"), lines.bytes("RssAnon")), (Some(71_680_000), Some(524_288)));
        assert_eq!((lines.bytes("Vm"), lines.bytes("Name"), lines.bytes("VmSwap")), (None, None, None));
    }
}
