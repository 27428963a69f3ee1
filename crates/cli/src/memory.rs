//! 内存: how the process asks the system for memory.

/// Lets half as many threads as there are processors have a heap of their own, instead of eight times as many as there are processors.
///
/// Blocks of rows are made on one thread and given back on another; glibc keeps what was given back in the heap it came from, so
/// every further heap holds back memory that no other thread can use. On two processors an import of five million lines takes 390
/// MiB instead of 570, and no more processor time. Elsewhere than on glibc this does nothing; the environment's
/// MALLOC_ARENA_MAX wins.
pub fn share_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let heaps = libc::c_int::try_from(processors / 2).unwrap_or(1).max(1);
        // SAFETY: mallopt takes two integers and touches the allocator's settings alone; no other thread runs yet.
        #[allow(unsafe_code)]
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, heaps);
        }
    }
}
