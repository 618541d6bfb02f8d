//! SCALE: little-endian numbers, compact lengths, fields one after another.

use crate::memory;
use alloc::{string::String, vec::Vec};
use core::ptr;

/// Bytes that are being written. A `Vec<u8>` would do the same with four times the code.
pub struct Output {
    start: *mut u8,
    length: usize,
    room: usize,
}

/// Room that the first byte makes.
const FIRST_ROOM: usize = 64;

impl Output {
    #[inline]
    pub const fn new() -> Self {
        Output { start: ptr::NonNull::dangling().as_ptr(), length: 0, room: 0 }
    }

    /// The bytes of a value.
    #[inline]
    pub fn of(value: &dyn Encode) -> Self {
        let mut out = Output::new();
        value.encode_to(&mut out);
        out
    }

    /// Writes one byte.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        unsafe { *self.reserve(1) = byte }
    }

    /// Writes an array.
    #[inline]
    pub fn put<const N: usize>(&mut self, bytes: &[u8; N]) {
        let at = self.reserve(N);
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), at, N) }
    }

    /// Writes any bytes.
    #[inline(never)]
    pub fn extend(&mut self, bytes: &[u8]) {
        let at = self.reserve(bytes.len());
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) }
    }

    /// Forgets what is behind `length`.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        if length < self.length {
            self.length = length
        }
    }

    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        unsafe { core::slice::from_raw_parts(self.start, self.length) }
    }

    /// Where the next `count` bytes are; whoever asks writes all of them.
    #[inline(never)]
    pub(crate) fn reserve(&mut self, count: usize) -> *mut u8 {
        if self.room - self.length < count {
            self.grow(count)
        }
        let at = unsafe { self.start.add(self.length) };
        self.length = self.length.wrapping_add(count);
        at
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        // no contract has 2^63 bytes
        let wanted = self.length.wrapping_add(count).max(self.room.wrapping_mul(2)).max(FIRST_ROOM);
        let start = memory::take(wanted);
        unsafe { ptr::copy_nonoverlapping(self.start, start, self.length) }
        memory::release(self.start, self.room);
        self.start = start;
        self.room = wanted
    }
}

impl Default for Output {
    fn default() -> Self {
        Output::new()
    }
}

impl Drop for Output {
    #[inline]
    fn drop(&mut self) {
        memory::release(self.start, self.room)
    }
}

/// Bytes that are being decoded.
pub struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Input { rest: bytes }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// A compact length; lengths of 2^30 and more do not exist in a contract's memory. A longer
    /// form than needed is refused, so that every value has one encoding.
    pub fn length(&mut self) -> Option<usize> {
        let first = self.byte()? as usize;
        match first & 3 {
            0 => Some(first >> 2),
            1 => {
                let length = first >> 2 | (self.byte()? as usize) << 6;
                (length >= 1 << 6).then_some(length)
            }
            2 => {
                let rest = self.take(3)?;
                let length = first >> 2
                    | (rest[0] as usize) << 6
                    | (rest[1] as usize) << 14
                    | (rest[2] as usize) << 22;
                (length >= 1 << 14).then_some(length)
            }
            _ => None,
        }
    }
}

/// Writes a compact length below 2^30.
pub fn encode_length(length: usize, out: &mut Output) {
    if length < 1 << 6 {
        out.push((length << 2) as u8)
    } else if length < 1 << 14 {
        out.put(&((length << 2 | 1) as u16).to_le_bytes())
    } else {
        out.put(&((length << 2 | 2) as u32).to_le_bytes())
    }
}

/// Values with SCALE bytes.
/// ```
/// use alcatraz_contract::codec::Output;
/// assert_eq!(Output::of(&(7u16, true, "hi")).as_slice(), [7, 0, 1, 8, b'h', b'i']);
/// ```
pub trait Encode {
    fn encode_to(&self, out: &mut Output);
}

/// Values that SCALE bytes are read as.
/// ```
/// use alcatraz_contract::codec::decode_all;
/// assert_eq!(decode_all::<(u16, Option<u8>)>(&[7, 0, 1, 9]), Some((7, Some(9))));
/// assert_eq!(decode_all::<bool>(&[2]), None);
/// ```
pub trait Decode: Sized {
    /// None: the bytes are no such value.
    fn decode(input: &mut Input) -> Option<Self>;
}

/// All of `bytes` as one value.
#[inline]
pub fn decode_all<T: Decode>(bytes: &[u8]) -> Option<T> {
    let mut input = Input::new(bytes);
    let value = T::decode(&mut input)?;
    input.is_empty().then_some(value)
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Encode for $number {
            #[inline]
            fn encode_to(&self, out: &mut Output) {
                out.put(&self.to_le_bytes())
            }
        }
        impl Decode for $number {
            #[inline]
            fn decode(input: &mut Input) -> Option<Self> {
                let bytes = input.take(core::mem::size_of::<$number>())?;
                Some(<$number>::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

impl Encode for bool {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        out.push(*self as u8)
    }
}
impl Decode for bool {
    #[inline]
    fn decode(input: &mut Input) -> Option<Self> {
        match input.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        (**self).encode_to(out)
    }
}

impl<const N: usize> Encode for [u8; N] {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        out.put(self)
    }
}
impl<const N: usize> Decode for [u8; N] {
    #[inline]
    fn decode(input: &mut Input) -> Option<Self> {
        input.take(N)?.try_into().ok()
    }
}

impl Encode for str {
    fn encode_to(&self, out: &mut Output) {
        encode_length(self.len(), out);
        out.extend(self.as_bytes())
    }
}
impl Encode for String {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        self.as_str().encode_to(out)
    }
}
impl Decode for String {
    fn decode(input: &mut Input) -> Option<Self> {
        let length = input.length()?;
        Some(String::from(core::str::from_utf8(input.take(length)?).ok()?))
    }
}

impl<T: Encode> Encode for [T] {
    fn encode_to(&self, out: &mut Output) {
        encode_length(self.len(), out);
        for item in self {
            item.encode_to(out)
        }
    }
}
impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        self.as_slice().encode_to(out)
    }
}
impl<T: Decode> Decode for Vec<T> {
    fn decode(input: &mut Input) -> Option<Self> {
        // no room is set aside for items that may not be there
        let length = input.length()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(T::decode(input)?)
        }
        Some(items)
    }
}

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.encode_to(out)
            }
        }
    }
}
impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn decode(input: &mut Input) -> Option<Self> {
        match input.byte()? {
            0 => Some(None),
            1 => Some(Some(T::decode(input)?)),
            _ => None,
        }
    }
}

impl<T: Encode, E: Encode> Encode for Result<T, E> {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        match self {
            Ok(value) => {
                out.push(0);
                value.encode_to(out)
            }
            Err(error) => {
                out.push(1);
                error.encode_to(out)
            }
        }
    }
}
impl<T: Decode, E: Decode> Decode for Result<T, E> {
    #[inline]
    fn decode(input: &mut Input) -> Option<Self> {
        match input.byte()? {
            0 => Some(Ok(T::decode(input)?)),
            1 => Some(Err(E::decode(input)?)),
            _ => None,
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident . $index:tt),*);)*) => {$(
        impl<$($name: Encode),*> Encode for ($($name,)*) {
            #[inline]
            fn encode_to(&self, _out: &mut Output) {
                $(self.$index.encode_to(_out);)*
            }
        }
        impl<$($name: Decode),*> Decode for ($($name,)*) {
            #[inline]
            fn decode(_input: &mut Input) -> Option<Self> {
                Some(($($name::decode(_input)?,)*))
            }
        }
    )*};
}
tuples! {
    ();
    (A.0);
    (A.0, B.1);
    (A.0, B.1, C.2);
    (A.0, B.1, C.2, D.3);
    (A.0, B.1, C.2, D.3, E.4);
    (A.0, B.1, C.2, D.3, E.4, F.5);
}
