//! What every peer does alike: it reads its arguments, takes a program from bytes to its first result as often as it
//! is told, runs it, and prints one line of JSON.
//!
//! usage: PEER MODE FILE --n N [--small N] [--runs N] [--cycles N] [--budget MS]
//!
//! {"version": "of the crate", "engine": ns, "cycles": [{"stage": ns, ..., "first": ns}, ...], "runs": [ns, ...],
//!  "result": "decimal", "small": "decimal", "resident": bytes, "code": bytes or null}
//!
//! `engine` is what is made once for all programs. A cycle is the stages of one program the process has not kept, and
//! `first` its first call, `run(small)`; the first cycle finds a cold process. `runs` are calls of `run(n)` in one
//! instance. Of both there are as many as asked for, unless after two the budget is spent. `resident` is by how much the
//! process has grown since its start.

use std::{
    error::Error,
    fmt::Write as _,
    time::{Duration, Instant},
};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Nanoseconds by stage, in order.
#[derive(Default)]
pub struct Stages(Vec<(&'static str, u128)>);

impl Stages {
    pub fn time<T>(&mut self, name: &'static str, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let made = stage()?;
        self.0.push((name, start.elapsed().as_nanos()));
        Ok(made)
    }
}

/// A virtual machine in one of its modes.
pub trait Peer: Sized {
    /// A program that can be called.
    type Ready;

    const VERSION: &'static str;

    /// What is made once, whatever the programs.
    fn new(mode: &str) -> Result<Self>;

    /// From bytes that are not known yet to a program that can be called.
    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Self::Ready>;

    /// `run(n)`.
    fn call(&self, ready: &mut Self::Ready, n: u64) -> Result<u64>;

    /// Bytes of what the program was translated to, where the machine tells.
    fn code(&self, _ready: &Self::Ready) -> Option<usize> {
        None
    }
}

struct Job {
    mode: String,
    bytes: Vec<u8>,
    n: u64,
    small: u64,
    runs: usize,
    cycles: usize,
    budget: Duration,
}

fn job() -> Result<Job> {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().ok_or("which mode?")?;
    let bytes = std::fs::read(arguments.next().ok_or("which file?")?)?;
    let mut job = Job { mode, bytes, n: 1, small: 1, runs: 1, cycles: 1, budget: Duration::from_secs(3600) };
    while let Some(name) = arguments.next() {
        let value: u64 = arguments.next().ok_or_else(|| format!("{name}: how many?"))?.parse()?;
        match name.as_str() {
            "--n" => job.n = value,
            "--small" => job.small = value,
            "--runs" => job.runs = value as usize,
            "--cycles" => job.cycles = value.max(1) as usize,
            "--budget" => job.budget = Duration::from_millis(value),
            _ => return Err(format!("{name} is no option").into()),
        }
    }
    Ok(job)
}

/// Bytes of resident memory; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kib.unwrap_or(0) * 1024
}

fn same(known: &mut Option<u64>, found: u64) -> Result<()> {
    match known.replace(found) {
        Some(before) if before != found => Err(format!("a run answers {found}, one before it {before}").into()),
        _ => Ok(()),
    }
}

fn report<P: Peer>() -> Result<String> {
    let job = job()?;
    let before = resident();
    let start = Instant::now();
    let peer = P::new(&job.mode)?;
    let engine = start.elapsed().as_nanos();
    let mut cycles = Vec::new();
    let mut small = None;
    let mut last: Option<P::Ready> = None;
    let begin = Instant::now();
    while cycles.len() < job.cycles && (cycles.len() < 2 || begin.elapsed() < job.budget) {
        // a program is gone before the next comes
        drop(last.take());
        let mut stages = Stages::default();
        let mut ready = peer.ready(&job.bytes, &mut stages)?;
        same(&mut small, stages.time("first", || peer.call(&mut ready, job.small))?)?;
        let fields: Vec<String> = stages.0.iter().map(|(name, ns)| format!("\"{name}\": {ns}")).collect();
        cycles.push(format!("{{{}}}", fields.join(", ")));
        last = Some(ready);
    }
    let mut ready = last.ok_or("no cycle")?;
    let mut runs = Vec::new();
    let mut result = None;
    let begin = Instant::now();
    while runs.len() < job.runs && (runs.len() < 2 || begin.elapsed() < job.budget) {
        let start = Instant::now();
        let found = peer.call(&mut ready, job.n)?;
        runs.push(start.elapsed().as_nanos().to_string());
        same(&mut result, found)?;
    }
    let mut line = String::new();
    write!(
        line,
        "{{\"version\": \"{}\", \"engine\": {engine}, \"cycles\": [{}], \"runs\": [{}], ",
        P::VERSION,
        cycles.join(", "),
        runs.join(", "),
    )?;
    write!(
        line,
        "\"result\": \"{}\", \"small\": \"{}\", \"resident\": {}, \"code\": {}}}",
        result.unwrap_or(0),
        small.unwrap_or(0),
        resident().saturating_sub(before),
        peer.code(&ready).map_or("null".to_string(), |bytes| bytes.to_string()),
    )?;
    Ok(line)
}

/// The whole of a peer's `main`.
pub fn serve<P: Peer>() {
    match report::<P>() {
        Ok(line) => println!("{line}"),
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
    }
}
