//! Runs one sBPF program in Agave's virtual machine, as often as it is told, and says how long each run took.
//!
//! usage: alcatraz-peer-solana-sbpf ELF INPUT
//! Then one line on standard input for each run, `interpreter` or `jit`; one line of JSON answers each:
//! {"ns": time of the run, "instructions": executed, "result": r0 or the error's text}.
//! The configuration is mainnet's: metered, aligned mapping, stack gaps, JIT hardening as Agave has it.

use {
    solana_sbpf::{
        aligned_memory::AlignedMemory,
        declare_builtin_function, ebpf,
        elf::Executable,
        error::ProgramResult,
        memory_region::{AccessType, MemoryMapping, MemoryRegion},
        program::{BuiltinProgram, SBPFVersion},
        verifier::RequisiteVerifier,
        vm::{CallFrame, Config, ContextObject, EbpfVm, ExecutionMode},
    },
    std::{error::Error, io::BufRead, ptr::NonNull, sync::Arc, time::Instant},
};

const HEAP: usize = 32 * 1024;
const UNITS: u64 = u64::MAX / 4;

struct Meter {
    remaining: u64,
    mapping: MemoryMapping,
}

impl ContextObject for Meter {
    fn consume(&mut self, amount: u64) {
        self.remaining = self.remaining.saturating_sub(amount);
    }
    fn get_remaining(&self) -> u64 {
        self.remaining
    }
    fn active_mapping_ptr(&mut self) -> NonNull<MemoryMapping> {
        NonNull::from(&mut self.mapping)
    }
}

fn place(meter: &Meter, access: AccessType, address: u64, length: u64) -> Result<*mut u8, Box<dyn Error>> {
    match meter.mapping.map(access, address, length) {
        ProgramResult::Ok(host) => Ok(host as *mut u8),
        ProgramResult::Err(error) => Err(Box::new(error)),
    }
}

declare_builtin_function!(
    Copy,
    fn rust(vm: &mut Meter, to: u64, from: u64, n: u64, _d: u64, _e: u64,) -> Result<u64, Box<dyn Error>> {
        vm.consume((n / 250).max(10));
        let source = place(vm, AccessType::Load, from, n)?;
        let target = place(vm, AccessType::Store, to, n)?;
        unsafe { std::ptr::copy(source, target, n as usize) };
        Ok(0)
    }
);

declare_builtin_function!(
    Fill,
    fn rust(vm: &mut Meter, to: u64, octet: u64, n: u64, _d: u64, _e: u64,) -> Result<u64, Box<dyn Error>> {
        vm.consume((n / 250).max(10));
        let target = place(vm, AccessType::Store, to, n)?;
        unsafe { std::ptr::write_bytes(target, octet as u8, n as usize) };
        Ok(0)
    }
);

declare_builtin_function!(
    Log,
    fn rust(vm: &mut Meter, _a: u64, _b: u64, _c: u64, _d: u64, _e: u64,) -> Result<u64, Box<dyn Error>> {
        vm.consume(100);
        Ok(0)
    }
);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let elf = std::fs::read(arguments.next().ok_or("which ELF?")?)?;
    let mut input = std::fs::read(arguments.next().ok_or("which input?")?)?;
    let config = Config {
        aligned_memory_mapping: true,
        optimize_rodata: false,
        enabled_sbpf_versions: SBPFVersion::V0..=SBPFVersion::V3,
        ..Config::default()
    };
    let mut loader = BuiltinProgram::new_loader(config);
    loader.register_definition::<Copy>("sol_memcpy_")?;
    loader.register_definition::<Copy>("sol_memmove_")?;
    loader.register_definition::<Fill>("sol_memset_")?;
    for name in ["sol_log_", "sol_log_64_", "sol_set_return_data"] {
        loader.register_definition::<Log>(name)?;
    }
    let executable = Executable::from_elf(&elf, Arc::new(loader))?;
    executable.verify::<RequisiteVerifier>()?;
    executable.jit_compile()?;
    let config = executable.get_config();
    let version = executable.get_sbpf_version();
    let mut frames = vec![CallFrame::default(); config.max_call_depth];
    for line in std::io::stdin().lock().lines() {
        let mut mode = match line?.as_str() {
            "interpreter" => ExecutionMode::Interpreted,
            "jit" => ExecutionMode::Jit,
            other => return Err(format!("no mode is {other}").into()),
        };
        let mut stack = AlignedMemory::<{ ebpf::HOST_ALIGN }>::zero_filled(config.stack_size());
        let mut heap = AlignedMemory::<{ ebpf::HOST_ALIGN }>::zero_filled(HEAP);
        let gap = if version.stack_frame_gaps() && config.enable_stack_frame_gaps { config.stack_frame_size } else { 0 };
        let regions = vec![
            executable.get_ro_region(),
            MemoryRegion::new_gapped(&raw mut *stack.as_slice_mut(), ebpf::MM_STACK_START, gap as u64),
            MemoryRegion::new(&raw mut *heap.as_slice_mut(), ebpf::MM_HEAP_START),
            MemoryRegion::new(&raw mut *input.as_mut_slice(), ebpf::MM_INPUT_START),
        ];
        let mapping = unsafe { MemoryMapping::new(regions, config, version) }?;
        let mut meter = Meter { remaining: UNITS, mapping };
        let mut vm = EbpfVm::new(executable.get_loader().clone(), version, &mut meter, config.stack_size());
        vm.registers[1] = ebpf::MM_INPUT_START;
        let start = Instant::now();
        let (instructions, result) = vm.execute_program(&executable, &mut mode, &mut frames);
        let ns = start.elapsed().as_nanos();
        let result = match result {
            ProgramResult::Ok(value) => format!("{value}"),
            ProgramResult::Err(error) => format!("\"{error}\""),
        };
        println!("{{\"ns\": {ns}, \"instructions\": {instructions}, \"result\": {result}}}");
    }
    Ok(())
}
