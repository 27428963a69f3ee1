//! 内存: how the process asks the system for memory.

/// For work on blocks of rows: half as many heaps as there are processors, instead of eight times as many.
///
/// Blocks of rows are made on one thread and given back on another; glibc keeps what was given back in the heap it came from, so
/// every further heap holds back memory that no other thread can use. On two processors an import of five million lines takes 390
/// MiB instead of 570, and no more processor time. Elsewhere than on glibc this does nothing; the environment's
/// MALLOC_ARENA_MAX wins.
pub fn share_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        set(libc::M_ARENA_MAX, (processors / 2).max(1));
    }
}

/// For answering calls: a heap for each thread, and memory that was used once stays with the process.
///
/// A call at the counter is thousands of small pieces made on one thread and given back on another: threads that share a heap wait for
/// each other, and pages handed back to the system after one call are zeroed anew for the next. Elsewhere than on
/// glibc this does nothing; settings in the environment win.
pub fn keep_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (name, setting, value) in [
        ("MALLOC_ARENA_MAX", libc::M_ARENA_MAX, 8 * std::thread::available_parallelism().map_or(1, usize::from)),
        ("MALLOC_TRIM_THRESHOLD_", libc::M_TRIM_THRESHOLD, 128 << 20),
        ("MALLOC_TOP_PAD_", libc::M_TOP_PAD, 16 << 20),
        ("MALLOC_MMAP_THRESHOLD_", libc::M_MMAP_THRESHOLD, 16 << 20),
    ] {
        if std::env::var_os(name).is_none() {
            set(setting, value);
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set(setting: libc::c_int, value: usize) {
    let value = libc::c_int::try_from(value).unwrap_or(libc::c_int::MAX);
    // SAFETY: mallopt takes two integers and touches the allocator's settings alone.
    #[allow(unsafe_code)]
    unsafe {
        libc::mallopt(setting, value);
    }
}
