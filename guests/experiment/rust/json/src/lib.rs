//! Writes a JSON document of about 6 KiB from pseudo-random numbers, parses it into a tree, and sums the tree; n
//! times, another document each time.
#![no_std]

use guest::{Random, guest, mix};

const TEXT: usize = 8192;
const NODES: usize = 2048;
/// How deep a document may be; a parser of what strangers wrote has a limit.
const DEPTH: u32 = 16;
/// No node.
const NONE: u16 = u16::MAX;

#[repr(u8)]
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}

/// A value. Children of arrays and objects are a list; strings lie in `strings` without their escapes.
#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    /// Power of ten of a number.
    exponent: i16,
    next: u16,
    child: u16,
    key: (u16, u16),
    /// Of a string: where it begins and its length.
    string: (u16, u16),
    mantissa: i64,
}

const EMPTY: Node = Node {
    kind: Kind::Null,
    exponent: 0,
    next: NONE,
    child: NONE,
    key: (0, 0),
    string: (0, 0),
    mantissa: 0,
};

struct Memory {
    text: [u8; TEXT],
    strings: [u8; TEXT],
    nodes: [Node; NODES],
}

struct Writer<'a> {
    text: &'a mut [u8; TEXT],
    length: usize,
    random: Random,
}

const WORDS: [&str; 12] = [
    "block", "price", "owner", "stake", "nonce", "items", "a\\\"b", "tab\\t", "\\u00e9t\\u00e9", "line\\n", "path\\/to", "",
];

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        for &octet in text.as_bytes() {
            if let Some(place) = self.text.get_mut(self.length) {
                *place = octet;
                self.length += 1;
            }
        }
    }

    fn digits(&mut self, mut value: u64) {
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        for &digit in &digits[at..] {
            if let Some(place) = self.text.get_mut(self.length) {
                *place = digit;
                self.length += 1;
            }
        }
    }

    fn number(&mut self) {
        let value = self.random.next();
        if value & 1 == 1 {
            self.put("-");
        }
        self.digits(value >> (8 + (value & 31)));
        if value & 2 == 2 {
            self.put(".");
            self.digits((value >> 40) % 10_000);
        }
        match value & 12 {
            4 => self.put("e12"),
            8 => self.put("E-7"),
            _ => {}
        }
    }

    fn string(&mut self) {
        self.put("\"");
        for _ in 0..1 + self.random.below(3) {
            let word = WORDS[self.random.below(12) as usize];
            self.put(word);
        }
        self.put("\"");
    }

    fn value(&mut self, depth: u32) {
        let limit = if depth < 6 { 8 } else { 5 };
        match self.random.below(limit) {
            0 => self.put("null"),
            1 => self.put("true"),
            2 => self.put(" false"),
            3 => self.number(),
            4 => self.string(),
            5 => self.list(depth, false),
            _ => self.list(depth, true),
        }
    }

    fn list(&mut self, depth: u32, keyed: bool) {
        self.put(if keyed { "{" } else { "[" });
        for i in 0..self.random.below(6) + if depth == 0 { 20 } else { 0 } {
            // what is left is for what is open
            if self.length > TEXT - 1024 {
                break;
            }
            if i > 0 {
                self.put(", ");
            }
            if keyed {
                self.string();
                self.put(": ");
            }
            self.value(depth + 1);
        }
        self.put(if keyed { "}" } else { "]" });
    }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    strings: &'a mut [u8; TEXT],
    written: usize,
    nodes: &'a mut [Node; NODES],
    used: usize,
}

/// Where the text is no JSON.
struct Wrong;

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn expect(&mut self, octet: u8) -> Result<(), Wrong> {
        if self.peek() != octet {
            return Err(Wrong);
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Node, Wrong> {
        for &octet in word {
            self.expect(octet)?;
        }
        Ok(Node { kind, ..EMPTY })
    }

    fn keep(&mut self, octet: u8) -> Result<(), Wrong> {
        *self.strings.get_mut(self.written).ok_or(Wrong)? = octet;
        self.written += 1;
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, Wrong> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = match self.peek() {
                octet @ b'0'..=b'9' => octet - b'0',
                octet @ b'a'..=b'f' => octet - b'a' + 10,
                octet @ b'A'..=b'F' => octet - b'A' + 10,
                _ => return Err(Wrong),
            };
            value = value << 4 | u32::from(digit);
            self.at += 1;
        }
        Ok(value)
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        let octet = self.peek();
        self.at += 1;
        match octet {
            b'"' | b'\\' | b'/' => self.keep(octet),
            b'b' => self.keep(8),
            b'f' => self.keep(12),
            b'n' => self.keep(b'\n'),
            b'r' => self.keep(b'\r'),
            b't' => self.keep(b'\t'),
            b'u' => {
                let code = self.hex()?;
                match code {
                    0..0x80 => self.keep(code as u8),
                    0x80..0x800 => {
                        self.keep(0xc0 | (code >> 6) as u8)?;
                        self.keep(0x80 | (code & 63) as u8)
                    }
                    // halves of a pair are refused: the writer has none
                    0xd800..0xe000 => Err(Wrong),
                    _ => {
                        self.keep(0xe0 | (code >> 12) as u8)?;
                        self.keep(0x80 | (code >> 6 & 63) as u8)?;
                        self.keep(0x80 | (code & 63) as u8)
                    }
                }
            }
            _ => Err(Wrong),
        }
    }

    fn string(&mut self) -> Result<(u16, u16), Wrong> {
        self.expect(b'"')?;
        let start = self.written;
        loop {
            let octet = self.peek();
            self.at += 1;
            match octet {
                b'"' => return Ok((start as u16, (self.written - start) as u16)),
                b'\\' => self.escape()?,
                0..0x20 => return Err(Wrong),
                _ => self.keep(octet)?,
            }
        }
    }

    fn digits(&mut self, node: &mut Node, by: i16) -> Result<(), Wrong> {
        let start = self.at;
        while let digit @ b'0'..=b'9' = self.peek() {
            node.mantissa = node.mantissa.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            node.exponent -= by;
            self.at += 1;
        }
        if self.at == start { Err(Wrong) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node, Wrong> {
        let mut node = Node { kind: Kind::Number, ..EMPTY };
        let negative = self.peek() == b'-';
        if negative {
            self.at += 1;
        }
        self.digits(&mut node, 0)?;
        if self.peek() == b'.' {
            self.at += 1;
            self.digits(&mut node, 1)?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let down = self.peek() == b'-';
            if matches!(self.peek(), b'-' | b'+') {
                self.at += 1;
            }
            let mut power = EMPTY;
            self.digits(&mut power, 0)?;
            node.exponent += if down { -(power.mantissa as i16) } else { power.mantissa as i16 };
        }
        if negative {
            node.mantissa = node.mantissa.wrapping_neg();
        }
        Ok(node)
    }

    fn list(&mut self, depth: u32, keyed: bool) -> Result<Node, Wrong> {
        let (kind, close) = if keyed { (Kind::Object, b'}') } else { (Kind::Array, b']') };
        let mut node = Node { kind, ..EMPTY };
        self.at += 1;
        self.space();
        if self.peek() == close {
            self.at += 1;
            return Ok(node);
        }
        let mut last = NONE;
        loop {
            let mut key = (0, 0);
            if keyed {
                self.space();
                key = self.string()?;
                self.space();
                self.expect(b':')?;
            }
            let child = self.value(depth + 1)?;
            self.nodes[usize::from(child)].key = key;
            if last == NONE {
                node.child = child;
            } else {
                self.nodes[usize::from(last)].next = child;
            }
            last = child;
            if self.peek() == close {
                self.at += 1;
                return Ok(node);
            }
            self.expect(b',')?;
        }
    }

    /// A value and the space around it.
    fn value(&mut self, depth: u32) -> Result<u16, Wrong> {
        if depth > DEPTH {
            return Err(Wrong);
        }
        self.space();
        let node = match self.peek() {
            b'n' => self.word(b"null", Kind::Null),
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'"' => self.string().map(|string| Node { kind: Kind::String, string, ..EMPTY }),
            b'[' => self.list(depth, false),
            b'{' => self.list(depth, true),
            _ => self.number(),
        }?;
        self.space();
        let index = self.used;
        *self.nodes.get_mut(index).ok_or(Wrong)? = node;
        self.used += 1;
        Ok(index as u16)
    }
}

fn sum_string(strings: &[u8; TEXT], (start, length): (u16, u16), sum: u64) -> u64 {
    let (start, length) = (usize::from(start), usize::from(length));
    strings[start..start + length]
        .iter()
        .fold(mix(sum, length as u64), |sum, &octet| sum.wrapping_mul(31).wrapping_add(octet.into()))
}

fn sum_tree(nodes: &[Node; NODES], strings: &[u8; TEXT], index: u16, mut sum: u64) -> u64 {
    let node = &nodes[usize::from(index)];
    sum = mix(sum_string(strings, node.key, sum), node.kind as u64);
    match node.kind {
        Kind::Number => mix(mix(sum, node.mantissa as u64), node.exponent as u64),
        Kind::String => sum_string(strings, node.string, sum),
        Kind::Array | Kind::Object => {
            let mut child = node.child;
            while child != NONE {
                sum = sum_tree(nodes, strings, child, sum);
                child = nodes[usize::from(child)].next;
            }
            sum
        }
        _ => sum,
    }
}

/// ~0 if a document is refused.
fn work(memory: &mut Memory, n: u64) -> u64 {
    let Memory { text, strings, nodes } = memory;
    let mut writer = Writer { text, length: 0, random: Random::default() };
    let mut sum = 0;
    for _ in 0..n {
        writer.length = 0;
        writer.list(0, true);
        let text = &writer.text[..writer.length];
        let mut parser = Parser { text, at: 0, strings, written: 0, nodes, used: 0 };
        let Ok(root) = parser.value(0) else {
            return u64::MAX;
        };
        if parser.at != writer.length {
            return u64::MAX;
        }
        sum = sum_tree(nodes, strings, root, mix(sum, writer.length as u64));
    }
    sum
}

guest!(Memory, work);
