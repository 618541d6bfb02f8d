//! A NES that plays `nes/demo.nes` for n frames, with the crate `runes`: the checksum of all pictures and of the
//! sound. Work: a frame is 89,342 dots of the picture and a third as many ticks of everything else.
#![no_std]

use core::mem::MaybeUninit;
use guest::{guest, mix};
use runes::apu::{APU, Speaker};
use runes::cartridge::{BankType, Cartridge, MirrorType};
use runes::mapper::{Mapper, RefMapper};
use runes::memory::{CPUBus, CPUMemory, PPUMemory, VMem};
use runes::mos6502::CPU;
use runes::ppu::{PPU, Screen};
use runes::utils::{Read, Write};

static ROM: &[u8; 16 + PROGRAM + TILES] = include_bytes!("../../../nes/demo.nes");
const HEADER: usize = 16;
const PROGRAM: usize = 0x4000;
const TILES: usize = 0x2000;
const WIDTH: usize = 256;
const HEIGHT: usize = 240;

/// A cartridge without a mapper: the program twice, tiles, and 8 KiB of memory.
struct Board {
    memory: &'static mut [u8; 0x2000],
}

impl VMem for Board {
    fn read(&self, address: u16) -> u8 {
        let at = usize::from(address);
        match address {
            0..0x2000 => ROM[HEADER + PROGRAM + at],
            0x6000..0x8000 => self.memory[at - 0x6000],
            0x8000.. => ROM[HEADER + (at & 0x3fff)],
            _ => 0,
        }
    }

    fn write(&mut self, address: u16, data: u8) {
        if let 0x6000..0x8000 = address {
            self.memory[usize::from(address) - 0x6000] = data;
        }
    }
}

impl Mapper for Board {
    fn get_cart(&self) -> &dyn Cartridge {
        self
    }
    fn get_cart_mut(&mut self) -> &mut dyn Cartridge {
        self
    }
    fn load(&mut self, _: &mut dyn Read) -> bool {
        false
    }
    fn save(&self, _: &mut dyn Write) -> bool {
        false
    }
}

impl Cartridge for Board {
    fn get_size(&self, _: BankType) -> usize {
        0
    }
    fn get_bank<'a>(&self, _: usize, _: usize, _: BankType) -> &'a [u8] {
        &[]
    }
    fn get_bank_mut<'a>(&mut self, _: usize, _: usize, _: BankType) -> &'a mut [u8] {
        &mut []
    }
    fn get_mirror_type(&self) -> MirrorType {
        MirrorType::Vertical
    }
    fn set_mirror_type(&mut self, _: MirrorType) {}
    fn load(&mut self, _: &mut dyn Read) -> bool {
        false
    }
    fn save(&self, _: &mut dyn Write) -> bool {
        false
    }
    fn load_sram(&mut self, _: &mut dyn Read) -> bool {
        false
    }
    fn save_sram(&self, _: &mut dyn Write) -> bool {
        false
    }
}

/// Colours by dot, from the left and the top, and how many pictures there were.
#[repr(C)]
struct Picture {
    dots: [u64; WIDTH * HEIGHT / 8],
    frames: u64,
    sum: u64,
}

impl Screen for Picture {
    fn put(&mut self, x: u8, y: u8, color: u8) {
        let at = usize::from(y) * WIDTH + usize::from(x);
        let octets = (&raw mut self.dots).cast::<u8>();
        if at < WIDTH * HEIGHT {
            // SAFETY: inside of the array
            unsafe { *octets.add(at) = color };
        }
    }
    fn render(&mut self) {}
    fn frame(&mut self) {
        self.sum = self.dots.iter().fold(self.sum, |sum, &dots| mix(sum, dots));
        self.frames += 1;
    }
}

struct Sound {
    sum: u64,
}

impl Speaker for Sound {
    fn queue(&mut self, sample: i16) {
        self.sum = mix(self.sum, sample as u16 as u64);
    }
}

/// The picture first, so that it can be found.
#[repr(C)]
struct Memory {
    picture: Picture,
    sound: Sound,
    saved: [u8; 0x2000],
    board: MaybeUninit<Board>,
    mapper: MaybeUninit<RefMapper<'static>>,
    bus: MaybeUninit<CPUMemory<'static>>,
    cpu: MaybeUninit<CPU<'static>>,
    ppu: MaybeUninit<PPU<'static>>,
    apu: MaybeUninit<APU<'static>>,
}

/// Functions of their own, because each has a part of the machine in its frame.
#[inline(never)]
fn make_bus(place: &mut MaybeUninit<CPUMemory<'static>>, mapper: &'static RefMapper<'static>) {
    place.write(CPUMemory::new(mapper, None, None));
}

#[inline(never)]
fn make_cpu(place: &mut MaybeUninit<CPU<'static>>, bus: CPUMemory<'static>) {
    place.write(CPU::new(bus));
}

#[inline(never)]
fn make_ppu(
    place: &mut MaybeUninit<PPU<'static>>,
    mapper: &'static RefMapper<'static>,
    picture: &'static mut Picture,
) {
    place.write(PPU::new(PPUMemory::new(mapper), picture));
}

#[inline(never)]
fn make_apu(place: &mut MaybeUninit<APU<'static>>, sound: &'static mut Sound) {
    place.write(APU::new(sound));
}

fn play(memory: &mut Memory, frames: u64) -> u64 {
    // SAFETY: the one reference to the only memory there is, which outlives all
    let memory: &'static mut Memory = unsafe { &mut *(&raw mut *memory) };
    let picture = &raw mut memory.picture;
    let sound = &raw mut memory.sound;
    memory.picture.dots.fill(0);
    memory.picture.frames = 0;
    memory.picture.sum = 1;
    memory.sound.sum = 1;
    memory.saved.fill(0);
    let board = memory.board.write(Board { memory: &mut memory.saved });
    let mapper: &'static RefMapper<'static> = memory.mapper.write(RefMapper::new(board));
    // SAFETY: the machine writes the picture and the sound while it ticks, and they are read in between
    unsafe {
        make_bus(&mut memory.bus, mapper);
        make_cpu(&mut memory.cpu, memory.bus.assume_init_read());
        make_ppu(&mut memory.ppu, mapper, &mut *picture);
        make_apu(&mut memory.apu, &mut *sound);
        let cpu = memory.cpu.as_mut_ptr();
        (*cpu).mem.bus.attach(cpu, memory.ppu.as_mut_ptr(), memory.apu.as_mut_ptr());
        (*cpu).powerup();
        while (*picture).frames < frames {
            while (*cpu).cycle > 0 {
                let bus: *const CPUBus = &raw const (*cpu).mem.bus;
                (*bus).tick();
            }
            (*cpu).step();
        }
        mix((*picture).sum, (*sound).sum)
    }
}

guest!(Memory, play);
