//! SIGKILL at random moments of an import and of a screening: what stands afterwards is the old version or the new one, whole, and the
//! same command run again ends as if nothing had happened.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::lab::{Lab, content, is_whole, newest, stray};
use crate::ok;

const KILLS: u32 = 12;

/// Random moments from a seed that is printed; `MINGJIAN_TEST_SEED` repeats a run, as far as the machine's own timing lets it.
struct Moments(u64);

impl Moments {
    fn new() -> Moments {
        let given = std::env::var("MINGJIAN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64);
        println!("MINGJIAN_TEST_SEED={seed}");
        Moments(seed)
    }

    /// Between 0 and 1 (SplitMix64).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A moment in the `number`th of [`KILLS`] parts of a run.
    fn within(&mut self, whole: Duration, number: u32) -> Duration {
        whole.mul_f64((f64::from(number) + self.next()) / f64::from(KILLS))
    }
}

/// Runs the command and kills it after `delay`; whether it was still running.
fn killed(workspace: &Path, arguments: &[&str], delay: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mingjian"))
        .args(arguments)
        .env("MINGJIAN_WORKSPACE", workspace)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

#[test]
fn an_import_killed_at_any_moment_leaves_the_old_version_or_the_new() {
    let lab = Lab::new();
    let (half, city) = (lab.half_city(), lab.text("city"));
    let base = lab.workspace("base");
    ok(&base, &["import", &half]);
    let quiet = lab.copy(&base, "quiet");
    let took = timed(|| drop(ok(&quiet, &["import", &city])));
    let (old, new) = (newest(&base), newest(&quiet));
    assert!(old.0 == 1 && new.0 == 2 && old.1 != new.1, "{old:?} {new:?}");
    let expected = content(&quiet);

    let mut moments = Moments::new();
    let (mut deaths, mut landed) = (0, 0);
    for number in 0..KILLS {
        let workspace = lab.copy(&base, "killed");
        // Every third time a second one dies over what the first has left.
        for _ in 0..=u32::from(number % 3 == 2) {
            let delay = moments.within(took, number);
            println!("import killed after {delay:?} of {took:?}");
            deaths += u32::from(killed(&workspace, &["import", &city], delay));
            is_whole(&workspace);
            let found = newest(&workspace);
            assert!(found == old || found == new, "neither old nor new after {delay:?}: {found:?}");
            landed += u32::from(found == new);
        }
        ok(&workspace, &["import", &city]);
        is_whole(&workspace);
        assert_eq!(newest(&workspace), new);
        assert!(content(&workspace) == expected, "the files differ from those of an undisturbed import");
        assert_eq!(stray(&workspace), [""; 0], "the run that worked has swept");
    }
    println!("{deaths} imports killed, {landed} of them behind the commit");
    assert!(deaths > 0, "every kill came too late");
    let workspace = lab.at("killed");
    ok(&workspace, &["lake", "vacuum", "--keep", "1"]);
    assert_eq!(stray(&workspace), [""; 0]);
    assert!(ok(&workspace, &["lake", "check"]).contains("完好"));
    for workspace in [&workspace, &quiet] {
        ok(workspace, &["screen", "--rules", "N067,N036,N081"]);
    }
    assert_eq!(findings(&workspace), findings(&quiet));
}

fn findings(workspace: &Path) -> String {
    ok(workspace, &["findings", "--format", "csv"])
}

#[test]
fn a_screening_killed_at_any_moment_leaves_the_old_findings_or_the_new() {
    let screen = ["screen", "--rules", "N036,N067,N081,N028,N009,N050"];
    let lab = Lab::new();
    let base = lab.workspace("base");
    ok(&base, &["import", &lab.text("city")]);
    ok(&base, &["screen", "--rules", "N036"]);
    let quiet = lab.copy(&base, "quiet");
    let took = timed(|| drop(ok(&quiet, &screen)));
    let (old, new) = (findings(&base), findings(&quiet));
    assert!(old != new && new.lines().count() > 3, "{new}");

    let mut moments = Moments::new();
    let (mut deaths, mut landed) = (0, 0);
    for number in 0..KILLS {
        let workspace = lab.copy(&base, "killed");
        let mut before = 2;
        // Every third time a second one dies over what the first has left.
        for _ in 0..=u32::from(number % 3 == 2) {
            let delay = moments.within(took, number);
            println!("screening killed after {delay:?} of {took:?}");
            deaths += u32::from(killed(&workspace, &screen, delay));
            is_whole(&workspace);
            let version = newest(&workspace).0;
            assert!(version == before || version == before + 1, "{before} → {version}");
            let found = findings(&workspace);
            assert!(if version == 2 { found == old } else { found == new }, "findings of neither run in version {version} after {delay:?}");
            landed += u32::from(version > before);
            before = version;
        }
        // The moment over the record of the run is short, and seldom met.
        std::fs::create_dir_all(workspace.join("runs")).unwrap();
        std::fs::write(workspace.join("runs/00000003.json.tmp"), "{").unwrap();
        ok(&workspace, &screen);
        assert!(!workspace.join("runs/00000003.json.tmp").exists());
        is_whole(&workspace);
        assert_eq!(newest(&workspace).0, before + 1);
        assert_eq!(findings(&workspace), new);
    }
    println!("{deaths} screenings killed, {landed} of them behind the commit");
    assert!(deaths > 0, "every kill came too late");
    let workspace = lab.at("killed");
    assert!(ok(&workspace, &["lake", "check"]).contains("完好"));
    ok(&workspace, &["lake", "vacuum", "--keep", "1"]);
    assert_eq!(stray(&workspace), [""; 0]);
    is_whole(&workspace);
    assert_eq!(findings(&workspace), new);
}

/// The housekeeping of the lake makes and removes files, never rows.
#[test]
fn compaction_and_vacuum_killed_at_any_moment_lose_no_row() {
    let lab = Lab::new();
    let base = lab.workspace("base");
    ok(&base, &["import", &lab.half_city()]);
    ok(&base, &["import", &lab.text("city")]);
    let rows = newest(&base).1;
    let mut moments = Moments::new();
    for command in [&["lake", "compact"][..], &["lake", "vacuum", "--keep", "1"]] {
        let quiet = lab.copy(&base, "quiet");
        let took = timed(|| drop(ok(&quiet, command)));
        for number in (0..KILLS).step_by(3) {
            let workspace = lab.copy(&base, "killed");
            let delay = moments.within(took, number);
            println!("{command:?} killed after {delay:?} of {took:?}");
            killed(&workspace, command, delay);
            is_whole(&workspace);
            assert_eq!(newest(&workspace).1, rows);
            ok(&workspace, command);
            ok(&workspace, &["lake", "vacuum", "--keep", "1"]);
            is_whole(&workspace);
            assert_eq!(newest(&workspace).1, rows);
            assert_eq!(stray(&workspace), [""; 0]);
        }
    }
}
