//! A process's own figures, as the kernel keeps them: CPU time and memory.

use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The kernel counts a process's user and system time in hundredths of a second on every Linux that we build for.
const TICK: u64 = 10_000_000;

/// What a process had used up at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    /// Per thread, nanoseconds on a core.
    threads: BTreeMap<u32, u64>,
    /// User and system time of all threads, those that have ended too, in nanoseconds but only tick by tick.
    ticked: u64,
}

/// What a process used between two moments.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spent {
    /// Nanoseconds on a core.
    pub(crate) cpu_ns: u64,
    /// The same by the coarser count, to check against.
    pub(crate) ticked_ns: u64,
}

impl Used {
    /// Reads a process's figures.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let mut threads = BTreeMap::new();
        let folder = format!("/proc/{pid}/task");
        for entry in std::fs::read_dir(&folder).with_context(|| format!("process {pid} is gone"))? {
            let thread = entry?.file_name().to_string_lossy().parse().unwrap_or_default();
            // A thread may end between the listing and the reading.
            if let Ok(text) = std::fs::read_to_string(format!("{folder}/{thread}/schedstat"))
                && let Some(nanoseconds) = text.split_whitespace().next().and_then(|word| word.parse().ok())
            {
                threads.insert(thread, nanoseconds);
            }
        }
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Ok(Used { threads, ticked: ticked(&stat).context("an unreadable /proc/PID/stat")? })
    }

    /// What was used since `earlier`. The fine count leaves out what a thread did that ended in between; if the coarse
    /// one is clearly above it, the coarse one counts.
    pub(crate) fn since(&self, earlier: &Used) -> Spent {
        let fine: u64 = self
            .threads
            .iter()
            .map(|(thread, used)| used.saturating_sub(earlier.threads.get(thread).copied().unwrap_or(0)))
            .sum();
        let ticked = self.ticked.saturating_sub(earlier.ticked);
        let a_thread_ended = earlier.threads.keys().any(|thread| !self.threads.contains_key(thread));
        let clearly_above = ticked > fine + fine / 10 + 3 * TICK;
        let cpu_ns = if self.threads.is_empty() || (a_thread_ended && clearly_above) { ticked } else { fine };
        Spent { cpu_ns, ticked_ns: ticked }
    }
}

/// User and system time of `/proc/PID/stat`: the 14th and 15th field, counted after the name, which may hold spaces.
fn ticked(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK)
}

/// Resident memory in bytes.
pub(crate) fn resident(pid: u32) -> Result<u64> {
    let status =
        std::fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("process {pid}"))?;
    for line in status.lines() {
        if let Some(rest) = line.strip_prefix("VmRSS:") {
            let kibibytes: u64 = rest.trim().trim_end_matches("kB").trim().parse().context("VmRSS")?;
            return Ok(kibibytes * 1024);
        }
    }
    bail!("process {pid} has no VmRSS");
}

/// Prints what a process uses over a span, and its memory at the end of it.
pub(crate) async fn watch(pid: u32, span: Duration) -> Result<()> {
    let before = Used::of(pid)?;
    // Nothing will be ready: the span alone ends the wait.
    let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
    let spent = Used::of(pid)?.since(&before);
    println!(
        "{}",
        serde_json::json!({ "resident": resident(pid)?, "cpu_ns": spent.cpu_ns, "seconds": span.as_secs_f64() })
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_count_is_read_behind_a_name_with_spaces() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 2 0 100 1 1";
        assert_eq!(ticked(stat), Some(42 * TICK));
        assert_eq!(ticked("7 (a"), None);
    }

    #[test]
    fn a_busy_process_uses_time_and_memory() {
        let me = std::process::id();
        let before = Used::of(me).expect("my own figures");
        let mut sum = 0_u64;
        while Used::of(me).expect("my own figures").since(&before).cpu_ns < 20_000_000 {
            sum = (0..1_000_000).fold(sum, |sum, next| std::hint::black_box(sum ^ next));
        }
        assert!(resident(me).expect("my own memory") > 100_000);
    }

    #[test]
    fn a_thread_that_ended_is_made_up_for_by_the_coarse_count() {
        let used =
            |threads: &[(u32, u64)], ticked| Used { threads: threads.iter().copied().collect(), ticked };
        let second = 1_000_000_000;
        let before = used(&[(1, second), (2, second)], 2 * second);
        assert_eq!(used(&[(1, 2 * second), (2, second)], 3 * second).since(&before).cpu_ns, second);
        assert_eq!(used(&[(1, 2 * second)], 5 * second).since(&before).cpu_ns, 3 * second);
        assert_eq!(used(&[(1, second), (3, second)], 3 * second).since(&before).cpu_ns, second);
    }
}
