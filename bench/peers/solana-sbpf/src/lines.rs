//! One run for each line on standard input, `interpreter` or `jit`; one line of JSON answers each:
//! {"ns": time of the run, "instructions": executed, "result": r0 or the error's text}.

use {
    crate::machine::{load, run, verify, Memory},
    solana_sbpf::vm::ExecutionMode,
    std::{error::Error, io::BufRead},
};

const HEAP: usize = 32 * 1024;

pub fn serve(elf: &str, input: &str) -> Result<(), Box<dyn Error>> {
    let executable = load(&std::fs::read(elf)?)?;
    let mut input = std::fs::read(input)?;
    verify(&executable)?;
    executable.jit_compile()?;
    for line in std::io::stdin().lock().lines() {
        let mode = match line?.as_str() {
            "interpreter" => ExecutionMode::Interpreted,
            "jit" => ExecutionMode::Jit,
            other => return Err(format!("no mode is {other}").into()),
        };
        let mut memory = Memory::new(&executable, HEAP);
        let done = run(&executable, &mut memory, &mut input, mode)?;
        let result = match done.result {
            Ok(value) => format!("{value}"),
            Err(error) => format!("\"{error}\""),
        };
        println!("{{\"ns\": {}, \"instructions\": {}, \"result\": {result}}}", done.ns, done.instructions);
    }
    Ok(())
}
