//! Load: calls at a fixed rate, whether those before are answered or not (open loop). A call's time counts from the moment it should have
//! been sent, so that what a slow answer holds up counts as slow (coordinated omission).
//!
//! The generator shares the machine with the server: bodies are made before, only their numbers are written anew, and of the answers as
//! little is read as tells them apart.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Caller, Hospital};
use crate::errors::{During, Failure, Outcome};
use crate::workspace::now;

/// Stands where the number of the call goes, so that each call is of a visit and of lines of its own.
const MARK: &[u8; 8] = b"@@@@@@@@";
/// Bodies made up, when none are given.
const MADE: u64 = 2_000;

/// What is sent, in turn.
pub struct Bodies {
    all: Vec<Body>,
}

struct Body {
    bytes: Vec<u8>,
    /// Where the marks are.
    marks: Vec<usize>,
}

impl Body {
    fn new(bytes: Vec<u8>) -> Body {
        let marks = bytes.windows(MARK.len()).enumerate().filter(|(_, part)| part == MARK).map(|(at, _)| at).collect();
        Body { bytes, marks }
    }
}

impl Bodies {
    /// One body a line; `@@@@@@@@` is the number of the call.
    pub fn load(path: &Path) -> Outcome<Bodies> {
        let text = std::fs::read(path).during(|| format!("读不成报文 {}", path.display()))?;
        let all: Vec<Body> =
            text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(|line| Body::new(line.to_vec())).collect();
        if all.is_empty() {
            return Err(Failure::new(format!("{} 里没有报文", path.display())).advise("每行一个报文（JSON），@@@@@@@@ 处填调用的序号"));
        }
        Ok(Bodies { all })
    }

    /// Those of a made-up hospital.
    pub fn of(hospital: &Hospital) -> Bodies {
        let now = now();
        let body = |number: u64| {
            let text = hospital.call(number, now).to_string();
            let mark = String::from_utf8_lossy(MARK);
            // Its visit V7 and its lines R7-0, R7-1, … carry the number of the call.
            let text =
                text.replace(&format!("\"V{number}\""), &format!("\"V{mark}\"")).replace(&format!("\"R{number}-"), &format!("\"R{mark}-"));
            Body::new(text.into_bytes())
        };
        Bodies { all: (0..MADE).map(body).collect() }
    }

    /// The body of a call, written over `out`.
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let body = &self.all[(number % self.all.len() as u64) as usize];
        out.clear();
        out.extend_from_slice(&body.bytes);
        let digits = format!("{:08}", number % 100_000_000);
        body.marks.iter().for_each(|&at| out[at..at + MARK.len()].copy_from_slice(digits.as_bytes()));
    }
}

/// How fast, how long, over how many connections.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub rate: u32,
    pub seconds: u32,
    pub connections: u16,
}

/// What came of it.
pub struct Load {
    /// Ascending; of calls that were answered.
    pub micros: Vec<u64>,
    pub seen: Counts,
    pub took: Duration,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub reminders: u64,
    pub refused: u64,
    pub late: u64,
    pub light: u64,
    pub shed: u64,
    pub limited: u64,
    /// No answer came.
    pub broken: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.reminders += other.reminders;
        self.refused += other.refused;
        self.late += other.late;
        self.light += other.light;
        self.shed += other.shed;
        self.limited += other.limited;
        self.broken += other.broken;
    }

    /// Tells an answer by its text, without reading it as JSON.
    fn read(&mut self, answer: &[u8]) {
        let often = |what: &str| answer.windows(what.len()).filter(|part| *part == what.as_bytes()).count() as u64;
        self.reminders += often("\"jr_id\":");
        self.refused += u64::from(!answer.starts_with(b"{\"infcode\":0"));
        for (count, what) in [
            (&mut self.late, "未能在"),
            (&mut self.light, "时间不够"),
            (&mut self.shed, "系统繁忙"),
            (&mut self.limited, "超过本机构的限额"),
        ] {
            *count += u64::from(often(what) > 0);
        }
    }
}

pub fn run(caller: &Arc<Caller>, bodies: Arc<Bodies>, pace: Pace) -> Outcome<Load> {
    let calls = u64::from(pace.rate) * u64::from(pace.seconds);
    // The number of a visit must not come again when the server is asked a second time.
    let base = now().unsigned_abs() / 1_000_000 % 1_000 * 100_000;
    let clients = (0..pace.connections).map(|_| caller.connect()).collect::<Result<Vec<_>, _>>();
    let clients = clients.during(|| format!("连不上 {}；先起服务：mingjian serve", caller.address))?;
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now() + Duration::from_millis(50);
    let workers: Vec<_> = clients
        .into_iter()
        .map(|client| {
            let (caller, bodies, next) = (caller.clone(), bodies.clone(), next.clone());
            std::thread::spawn(move || {
                let mut client = Some(client);
                let (mut micros, mut seen, mut body) = (Vec::new(), Counts::default(), Vec::new());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        return (micros, seen);
                    }
                    bodies.write(base + number, &mut body);
                    let due = begun + Duration::from_nanos(number * 1_000_000_000 / u64::from(pace.rate.max(1)));
                    if let Some(wait) = due.checked_duration_since(Instant::now()) {
                        std::thread::sleep(wait);
                    }
                    let received = client.as_mut().and_then(|client| client.post("/fsi", &body).ok());
                    match received {
                        Some(received) => {
                            micros.push(due.elapsed().as_micros() as u64);
                            seen.read(&received.body);
                        }
                        None => {
                            seen.broken += 1;
                            // The server may be starting again.
                            client = caller.connect().ok();
                        }
                    }
                }
            })
        })
        .collect();
    let (mut micros, mut seen) = (Vec::with_capacity(calls as usize), Counts::default());
    for worker in workers {
        let (mut own, counts) = worker.join().map_err(|_| Failure::new("模拟线程出错"))?;
        micros.append(&mut own);
        seen.add(counts);
    }
    let took = Instant::now().saturating_duration_since(begun);
    micros.sort_unstable();
    Ok(Load { micros, seen, took })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_carries_its_number() {
        let bodies = Bodies::of(&Hospital::new(3, 1));
        let mut body = Vec::new();
        bodies.write(MADE + 7, &mut body);
        let call: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let encounter = &call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0];
        assert_eq!(encounter["mdtrt_id"], "V00002007");
        assert_eq!(call["input"]["data"]["patient_dtos"][0]["curr_mdtrt_id"], "V00002007");
        assert_eq!(encounter["fsi_order_dtos"][2]["rx_id"], "R00002007-2");
    }

    #[test]
    fn answers_are_told_apart() {
        let mut seen = Counts::default();
        seen.read("{\"infcode\":0,\"warn_msg\":\"未能在 300 毫秒内审核完，按无提醒处理\"}".as_bytes());
        seen.read(b"{\"infcode\":0,\"output\":{\"result\":[{\"jr_id\":\"a\"},{\"jr_id\":\"b\"}]}}");
        seen.read(b"{\"infcode\":-1}");
        assert_eq!(seen, Counts { reminders: 2, refused: 1, late: 1, ..Counts::default() });
    }
}
