//! What this process uses, by the kernel's word.

// Every program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::time::Duration;

/// Resident memory in KB.
pub fn memory() -> Result<u64, String> {
    status("VmRSS:")
}

/// A number of `/proc/self/status`, by its name with the colon.
pub fn status(name: &str) -> Result<u64, String> {
    let status = read("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|rest| rest.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).ok_or_else(|| format!("/proc/self/status has no {name}"))
}

/// Open descriptors.
pub fn descriptors() -> Result<u64, String> {
    Ok(fs::read_dir("/proc/self/fd").map_err(|error| format!("/proc/self/fd: {error}"))?.count() as u64)
}

/// Processor time of all threads, of those that have ended as well; to a hundredth of a second.
pub fn processor_time() -> Result<Duration, String> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = read("/proc/self/stat")?;
    // Behind the program's name in brackets, which may hold anything.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).ok_or("/proc/self/stat has no processor time")?;
    Ok(Duration::from_secs_f64((user + system) / TICKS_A_SECOND))
}

/// Processor time of the threads of this name that live; to a microsecond and less.
pub fn thread_time(name: &str) -> Result<Duration, String> {
    let mut nanoseconds = 0;
    for task in fs::read_dir("/proc/self/task").map_err(|error| format!("/proc/self/task: {error}"))? {
        let path = task.map_err(|error| format!("/proc/self/task: {error}"))?.path();
        if read(path.join("comm"))?.trim_end() == name {
            let stat = read(path.join("schedstat"))?;
            let ran = stat.split(' ').next().and_then(|word| word.parse::<u64>().ok());
            nanoseconds += ran.ok_or_else(|| format!("{}: {stat:?}", path.display()))?;
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn read(path: impl AsRef<std::path::Path>) -> Result<String, String> {
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.as_ref().display()))
}
