//! 工作区: the folder with the lake, the region's own library, its settings and its logs.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mingjian_lake::{Lake, Snapshot};
use mingjian_model::day::{self, MICROS_PER_HOUR, Moment};
use mingjian_rules::Library;

use crate::errors::{During, Failure, Outcome};
use crate::output::Context;
use crate::settings::Settings;

/// Now, in Asia/Shanghai: eight hours ahead of UTC all year.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX - 8 * MICROS_PER_HOUR) + 8 * MICROS_PER_HOUR
}

/// Opens the lake, with the clock; makes it when missing.
pub fn open_lake(context: &Context) -> Outcome<Lake> {
    open_lake_for(context, 0)
}

/// As [`open_lake`]; a lake that is made is cut for about so many bytes of CSV a year.
pub fn open_lake_for(context: &Context, csv_bytes: u64) -> Outcome<Lake> {
    lake_for(&context.workspace, csv_bytes)
}

/// The lake of a workspace, as [`open_lake`].
pub fn lake_at(workspace: &Path) -> Outcome<Lake> {
    lake_for(workspace, 0)
}

/// The lake of a workspace, as [`open_lake_for`].
pub fn lake_for(workspace: &Path, csv_bytes: u64) -> Outcome<Lake> {
    if workspace.is_file() {
        return Err(Failure::new(format!("工作区 {} 是文件，不是目录", workspace.display()))
            .advise("用 --workspace 或环境变量 MINGJIAN_WORKSPACE 指明一个目录"));
    }
    let settings = Settings::load(workspace)?;
    let buckets = settings.lake.buckets.unwrap_or_else(|| buckets_for(csv_bytes));
    let lake = Lake::open_with(workspace, buckets).during(|| format!("打不开工作区 {}", workspace.display()))?;
    Ok(lake.with_clock(now))
}

/// A thread that screens holds one bucket: about 150,000 lines of it, which are 96 MiB of CSV, keep that small; buckets much smaller
/// make many small files.
fn buckets_for(csv_bytes: u64) -> u32 {
    let wanted = u32::try_from(csv_bytes / (96 << 20)).unwrap_or(u32::MAX).clamp(1, 1024);
    wanted.next_power_of_two().max(mingjian_lake::DEFAULT_BUCKETS)
}

/// Opens the lake for reading: one that is not there yet is not made, since reading it would only give nothing.
pub fn open_existing(context: &Context) -> Outcome<Lake> {
    if !context.workspace.join("lake").exists() {
        return Err(Failure::new(format!("工作区 {} 里还没有数据", context.workspace.display()))
            .advise("先导入：mingjian import <文件或目录>；工作区在别处的，用 --workspace 或环境变量 MINGJIAN_WORKSPACE 指明"));
    }
    open_lake(context)
}

/// A version of the lake that has data.
pub fn open_snapshot(context: &Context, as_of: Option<u64>) -> Outcome<Snapshot> {
    Ok(open_existing(context)?.snapshot(as_of)?)
}

/// The library asked for, else the workspace's own, else the built-in one; and where it came from.
pub fn open_library(context: &Context, asked: Option<&Path>) -> Outcome<(Library, String)> {
    library_at(&context.workspace, asked)
}

/// As [`open_library`], of a workspace.
pub fn library_at(workspace: &Path, asked: Option<&Path>) -> Outcome<(Library, String)> {
    let own = workspace.join("library");
    let folder = match asked {
        Some(folder) if folder.is_dir() => folder.to_path_buf(),
        Some(folder) => return Err(Failure::new(format!("{} 不是目录", folder.display())).advise("规则库是含 rules/ 和 knowledge/ 的目录")),
        None if own.is_dir() => own,
        None => return Ok((Library::built_in(), "内置".to_owned())),
    };
    let library = Library::load(&folder).map_err(|found| diagnostics(&found))?;
    Ok((library, folder.display().to_string()))
}

/// The newest change below a folder, and how many files there are.
pub fn newest(folder: &Path) -> (Option<SystemTime>, usize) {
    let (mut time, mut files) = (None, 0);
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            time = time.max(meta.modified().ok());
            files += 1;
            if meta.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    (time, files)
}

/// Complaints about rule files as one failure.
pub fn diagnostics(found: &[mingjian_rules::Diagnostic]) -> Failure {
    let shown: Vec<String> = found.iter().take(50).map(|one| format!("  {one}")).collect();
    let more = found.len().saturating_sub(shown.len());
    let rest = if more > 0 { format!("\n  ……还有 {more} 处") } else { String::new() };
    Failure::new(format!("规则库有 {} 处不对：\n{}{rest}", found.len(), shown.join("\n")))
        .advise("改正后执行 mingjian rules check 再查一遍")
}

/// Writes to the access log that somebody saw what is masked otherwise. Nothing may be shown before this has succeeded.
pub fn log_access(context: &Context, action: &str, reason: &str, filter: &str, rows: usize) -> Outcome {
    if reason.trim().chars().count() < 4 {
        return Err(Failure::wrong_use("事由写得太短").advise("写清为哪件事、凭什么要看全文，例如 --reason \"核查 2025-118 号线索\""));
    }
    let path = context.workspace.join("access.log");
    let entry = serde_json::json!({
        "time": day::format_moment(now()), "who": os_user(), "action": action, "reason": reason.trim(), "filter": filter, "rows": rows,
    });
    let written = || -> Result<(), std::io::Error> {
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(format!("{entry}\n").as_bytes())?;
        file.sync_all()
    };
    written().during(|| format!("访问记录 {} 写不成，不能显示全文", path.display()))
}

/// The user the system runs this process for, not what the environment claims; who called sudo stands beside it.
fn os_user() -> String {
    let uid = fs::metadata("/proc/self").map(|process| process.uid()).ok();
    let named = uid.and_then(|uid| {
        let users = fs::read_to_string("/etc/passwd").ok()?;
        let of_uid = |line: &&str| line.split(':').nth(2).and_then(|found| found.parse().ok()) == Some(uid);
        users.lines().find(of_uid).and_then(|line| line.split(':').next()).map(str::to_owned)
    });
    let user = named.or_else(|| uid.map(|uid| format!("uid {uid}"))).or_else(|| std::env::var("USER").ok()).unwrap_or_default();
    match std::env::var("SUDO_USER") {
        Ok(caller) if !caller.is_empty() => format!("{user} (sudo: {caller})"),
        _ => user,
    }
}

/// Writes a file whole or not at all: what was there stays until the new one is complete.
pub fn write_file(path: &Path, write: impl FnOnce(&mut (dyn Write + Send)) -> Outcome) -> Outcome {
    let half = half_path(path);
    let attempt = || -> Outcome {
        let mut file = std::io::BufWriter::with_capacity(1 << 18, fs::File::create(&half)?);
        write(&mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&half, path)?;
        Ok(())
    };
    attempt().inspect_err(|_| drop(fs::remove_file(&half))).during(|| format!("写不成 {}", path.display()))
}

/// Where a file is written until it is complete; in the same folder, so that the rename is atomic.
pub fn half_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_first_import_makes_more_buckets() {
        assert_eq!([0, 1 << 30, 12 << 30, 240 << 30, u64::MAX].map(buckets_for), [64, 64, 128, 1024, 1024]);
    }
}
