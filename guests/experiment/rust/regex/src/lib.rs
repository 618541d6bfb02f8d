//! A regular expression engine: patterns become programs of a machine whose threads go through a text in step, so
//! that time is bounded by pattern times text. Finds all matches of six patterns in 1 KiB of text; n times, another
//! text each time.
#![no_std]

use guest::{Random, guest, mix};

const TEXT: usize = 1024;
const STEPS: usize = 128;
const CLASSES: usize = 32;
/// No thread.
const NONE: u16 = u16::MAX;

const PATTERNS: [&str; 6] = [
    r"[a-z0-9_]+@[a-z]+(\.[a-z]+)+",
    r"(19|20)\d\d-[01]\d-[0-3]\d",
    r"0x[0-9a-fA-F]+|\d+",
    r"(ab|a)(bc|c)?d*e",
    r"[^a-z .@-][^0-9]?",
    r"(the|there|then|a) (\w*a\w*|\w+)\.",
];

#[derive(Clone, Copy)]
enum Step {
    /// An octet of class number `0`.
    Octet(u8),
    /// Both, the first preferred.
    Split(u16, u16),
    Jump(u16),
    Match,
}

/// Octets as bits.
type Class = [u32; 8];

struct Program {
    steps: [Step; STEPS],
    length: usize,
    classes: [Class; CLASSES],
    classed: usize,
}

/// Threads in order of preference, each with where its match began.
struct Threads {
    steps: [u16; STEPS],
    starts: [u16; STEPS],
    length: usize,
    /// Text position plus 1 at which a step was last put in.
    seen: [u32; STEPS],
}

struct Memory {
    text: [u8; TEXT],
    program: Program,
    now: Threads,
    next: Threads,
    /// Steps that wait to be followed.
    pending: [u16; STEPS],
}

struct Compiler<'a> {
    pattern: &'a [u8],
    at: usize,
    program: &'a mut Program,
}

fn set(class: &mut Class, octet: u8) {
    class[usize::from(octet >> 5)] |= 1 << (octet & 31);
}

fn set_range(class: &mut Class, from: u8, to: u8) {
    for octet in from..=to {
        set(class, octet);
    }
}

fn set_named(class: &mut Class, name: u8) -> bool {
    match name {
        b'd' => set_range(class, b'0', b'9'),
        b'w' => {
            set_range(class, b'0', b'9');
            set_range(class, b'A', b'Z');
            set_range(class, b'a', b'z');
            set(class, b'_');
        }
        _ => return false,
    }
    true
}

impl Compiler<'_> {
    fn peek(&self) -> u8 {
        self.pattern.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self) -> u8 {
        let octet = self.peek();
        self.at += 1;
        octet
    }

    fn here(&self) -> u16 {
        self.program.length as u16
    }

    fn emit(&mut self, step: Step) {
        self.program.steps[self.program.length] = step;
        self.program.length += 1;
    }

    /// Makes room at `at`, moving what was there and its targets up by one.
    fn insert(&mut self, at: u16, step: Step) {
        let Program { steps, length, .. } = &mut *self.program;
        let first = usize::from(at);
        steps.copy_within(first..*length, first + 1);
        *length += 1;
        let moved = |target: u16| if target >= at { target + 1 } else { target };
        for step in &mut steps[first + 1..*length] {
            *step = match *step {
                Step::Split(a, b) => Step::Split(moved(a), moved(b)),
                Step::Jump(a) => Step::Jump(moved(a)),
                other => other,
            };
        }
        steps[first] = step;
    }

    fn class(&mut self, class: Class) {
        let index = self.program.classed;
        self.program.classes[index] = class;
        self.program.classed += 1;
        self.emit(Step::Octet(index as u8));
    }

    fn set(&mut self) -> Class {
        let mut class = [0; 8];
        let inverted = self.peek() == b'^';
        if inverted {
            self.at += 1;
        }
        while !matches!(self.peek(), b']' | 0) {
            let from = self.take();
            if from == b'\\' {
                let name = self.take();
                if !set_named(&mut class, name) {
                    set(&mut class, name);
                }
            } else if self.peek() == b'-' && !matches!(self.pattern.get(self.at + 1), Some(b']') | None) {
                self.at += 1;
                let to = self.take();
                set_range(&mut class, from, to);
            } else {
                set(&mut class, from);
            }
        }
        self.at += 1;
        if inverted {
            for bits in &mut class {
                *bits = !*bits;
            }
        }
        class
    }

    fn atom(&mut self) {
        let mut class = [0; 8];
        match self.take() {
            b'(' => {
                self.alternatives();
                self.at += 1;
                return;
            }
            b'[' => class = self.set(),
            b'.' => {
                class = [u32::MAX; 8];
                class[0] &= !(1 << b'\n');
            }
            b'\\' => {
                let name = self.take();
                if !set_named(&mut class, name) {
                    set(&mut class, name);
                }
            }
            octet => set(&mut class, octet),
        }
        self.class(class);
    }

    fn sequence(&mut self) {
        while !matches!(self.peek(), b'|' | b')' | 0) {
            let start = self.here();
            self.atom();
            match self.peek() {
                b'*' => {
                    let end = self.here() + 2;
                    self.insert(start, Step::Split(start + 1, end));
                    self.emit(Step::Jump(start));
                    self.at += 1;
                }
                b'+' => {
                    let end = self.here() + 1;
                    self.emit(Step::Split(start, end));
                    self.at += 1;
                }
                b'?' => {
                    let end = self.here() + 1;
                    self.insert(start, Step::Split(start + 1, end));
                    self.at += 1;
                }
                _ => {}
            }
        }
    }

    fn alternatives(&mut self) {
        let start = self.here();
        self.sequence();
        if self.peek() != b'|' {
            return;
        }
        self.at += 1;
        let second = self.here() + 2;
        self.insert(start, Step::Split(start + 1, second));
        let jump = usize::from(self.here());
        self.emit(Step::Jump(0));
        self.alternatives();
        self.program.steps[jump] = Step::Jump(self.here());
    }
}

fn compile(program: &mut Program, pattern: &str) {
    program.length = 0;
    program.classed = 0;
    let mut compiler = Compiler { pattern: pattern.as_bytes(), at: 0, program };
    compiler.alternatives();
    compiler.emit(Step::Match);
}

/// Puts in what `step` leads to without an octet.
fn follow(program: &Program, threads: &mut Threads, pending: &mut [u16; STEPS], step: u16, start: u16, mark: u32) {
    pending[0] = step;
    let mut depth = 1;
    while depth > 0 {
        depth -= 1;
        let at = pending[depth];
        let seen = &mut threads.seen[usize::from(at)];
        if *seen == mark {
            continue;
        }
        *seen = mark;
        match program.steps[usize::from(at)] {
            Step::Jump(to) => {
                pending[depth] = to;
                depth += 1;
            }
            Step::Split(first, second) => {
                pending[depth] = second;
                pending[depth + 1] = first;
                depth += 2;
            }
            _ => {
                threads.steps[threads.length] = at;
                threads.starts[threads.length] = start;
                threads.length += 1;
            }
        }
    }
}

/// The first match at or after `from`: its start and its end.
fn find(memory: &mut Memory, from: usize) -> Option<(u16, u16)> {
    let Memory { text, program, now, next, pending } = memory;
    now.seen.fill(0);
    next.seen.fill(0);
    now.length = 0;
    let mut found = None;
    for at in from..=TEXT {
        let mark = at as u32 + 1;
        if found.is_none() {
            follow(program, now, pending, 0, at as u16, mark);
        }
        if now.length == 0 {
            break;
        }
        next.length = 0;
        let octet = text.get(at).copied();
        for i in 0..now.length {
            let start = now.starts[i];
            match (program.steps[usize::from(now.steps[i])], octet) {
                (Step::Match, _) => {
                    found = Some((start, at as u16));
                    // those after it are less preferred
                    break;
                }
                (Step::Octet(class), Some(octet)) => {
                    let bits = program.classes[usize::from(class)][usize::from(octet >> 5)];
                    if bits >> (octet & 31) & 1 == 1 {
                        follow(program, next, pending, now.steps[i] + 1, start, mark + 1);
                    }
                }
                _ => {}
            }
        }
        core::mem::swap(now, next);
    }
    found
}

const WORDS: [&str; 16] = [
    "the ", "then ", "there ", "a ", "ba.", "abcde ", "acdde", "0x1fC ", "2024-11-30 ", "1987-02-3", "me@home.org ", "a_1@b.c", "x ",
    "banana. ", "7 ", "abbc",
];

fn write(text: &mut [u8; TEXT], random: &mut Random) {
    let mut length = 0;
    while length < TEXT {
        for &octet in WORDS[random.below(16) as usize].as_bytes() {
            if length < TEXT {
                text[length] = octet;
                length += 1;
            }
        }
    }
}

fn work(memory: &mut Memory, n: u64) -> u64 {
    let mut random = Random::default();
    let mut sum = 0;
    for _ in 0..n {
        write(&mut memory.text, &mut random);
        for pattern in PATTERNS {
            compile(&mut memory.program, pattern);
            let mut at = 0;
            while let Some((start, end)) = find(memory, at) {
                sum = mix(sum, u64::from(start) << 16 | u64::from(end));
                // an empty match moves on by one
                at = usize::from(end) + usize::from(start == end);
            }
            sum = mix(sum, u64::from(NONE));
        }
    }
    sum
}

guest!(Memory, work);
