//! The whole cycle of a program that takes the first eight octets of its instruction data and answers in r0.

use {
    crate::machine::{load, run, verify, Memory, Meter},
    alcatraz_peer_protocol::{Peer, Result, Stages},
    solana_sbpf::{elf::Executable, vm::ExecutionMode},
};

/// Guests keep here what elsewhere is in .bss.
const HEAP: usize = 256 * 1024;
const ACCOUNTS: usize = 8;
const LENGTH: usize = 8;
const PROGRAM: usize = 32;

pub struct Sbpf {
    jit: bool,
}

pub struct Ready {
    executable: Executable<Meter>,
    memory: Memory,
    input: Vec<u8>,
}

impl Peer for Sbpf {
    type Ready = Ready;
    const VERSION: &'static str = "solana-sbpf 0.21.1";

    fn new(mode: &str) -> Result<Self> {
        match mode {
            "jit" => Ok(Self { jit: true }),
            "interpreter" => Ok(Self { jit: false }),
            _ => Err(format!("no mode is {mode}").into()),
        }
    }

    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Ready> {
        let executable = stages.time("parse", || load(bytes))?;
        stages.time("validate", || verify(&executable))?;
        if self.jit {
            stages.time("translate", || Ok(executable.jit_compile()?))?;
        }
        let memory = stages.time("instantiate", || Ok(Memory::new(&executable, HEAP)))?;
        let mut input = vec![0; ACCOUNTS + LENGTH + 8 + PROGRAM];
        input[ACCOUNTS] = 8;
        Ok(Ready { executable, memory, input })
    }

    fn call(&self, Ready { executable, memory, input }: &mut Ready, n: u64) -> Result<u64> {
        input[ACCOUNTS + LENGTH..][..8].copy_from_slice(&n.to_le_bytes());
        let mode = if self.jit { ExecutionMode::Jit } else { ExecutionMode::Interpreted };
        Ok(run(executable, memory, input, mode)?.result?)
    }

    fn code(&self, ready: &Ready) -> Option<usize> {
        ready.executable.get_compiled_program().map(|program| program.machine_code_length())
    }
}
