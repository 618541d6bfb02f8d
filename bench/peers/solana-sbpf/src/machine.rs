//! Agave's virtual machine with mainnet's settings: metered, aligned mapping, stack gaps, JIT hardening as Agave has it.

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
    std::{error::Error, ptr::NonNull, sync::Arc, time::Instant},
};

const UNITS: u64 = u64::MAX / 4;

pub struct Meter {
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

/// An ELF with its syscalls, not verified yet.
pub fn load(elf: &[u8]) -> Result<Executable<Meter>, Box<dyn Error>> {
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
    Ok(Executable::from_elf(elf, Arc::new(loader))?)
}

pub fn verify(executable: &Executable<Meter>) -> Result<(), Box<dyn Error>> {
    Ok(executable.verify::<RequisiteVerifier>()?)
}

/// What a program needs beside its code.
pub struct Memory {
    stack: AlignedMemory<{ ebpf::HOST_ALIGN }>,
    heap: AlignedMemory<{ ebpf::HOST_ALIGN }>,
    frames: Vec<CallFrame>,
}

impl Memory {
    pub fn new(executable: &Executable<Meter>, heap: usize) -> Self {
        let config = executable.get_config();
        Self {
            stack: AlignedMemory::zero_filled(config.stack_size()),
            heap: AlignedMemory::zero_filled(heap),
            frames: vec![CallFrame::default(); config.max_call_depth],
        }
    }
}

/// Nanoseconds, instructions and what the program ended with.
pub struct Run {
    pub ns: u128,
    pub instructions: u64,
    pub result: Result<u64, String>,
}

pub fn run(
    executable: &Executable<Meter>,
    memory: &mut Memory,
    input: &mut [u8],
    mut mode: ExecutionMode,
) -> Result<Run, Box<dyn Error>> {
    let config = executable.get_config();
    let version = executable.get_sbpf_version();
    let gap = if version.stack_frame_gaps() && config.enable_stack_frame_gaps { config.stack_frame_size } else { 0 };
    let regions = vec![
        executable.get_ro_region(),
        MemoryRegion::new_gapped(&raw mut *memory.stack.as_slice_mut(), ebpf::MM_STACK_START, gap as u64),
        MemoryRegion::new(&raw mut *memory.heap.as_slice_mut(), ebpf::MM_HEAP_START),
        MemoryRegion::new(&raw mut *input, ebpf::MM_INPUT_START),
    ];
    let mapping = unsafe { MemoryMapping::new(regions, config, version) }?;
    let mut meter = Meter { remaining: UNITS, mapping };
    let mut vm = EbpfVm::new(executable.get_loader().clone(), version, &mut meter, config.stack_size());
    vm.registers[1] = ebpf::MM_INPUT_START;
    let start = Instant::now();
    let (instructions, result) = vm.execute_program(executable, &mut mode, &mut memory.frames);
    let ns = start.elapsed().as_nanos();
    let result = match result {
        ProgramResult::Ok(value) => Ok(value),
        ProgramResult::Err(error) => Err(error.to_string()),
    };
    Ok(Run { ns, instructions, result })
}
