//! Storage of a contract: values and maps under keys of their own, read and written one by one.

use crate::codec::{decode_all, Decode, Encode, Output};
use crate::host;
use core::marker::PhantomData;

/// First bytes of a field's keys: the start of the BLAKE2b of its name.
pub type Prefix = [u8; 4];

/// Longest key as it is; a longer one is prefix and BLAKE2b.
const LONGEST_KEY: usize = 256;
/// Values up to this size are read with one host call.
const SHORT_VALUE: usize = 128;
/// `az_get`'s answer for a slot that is absent.
const ABSENT: u64 = u64::MAX;

/// The slot of a key.
fn slot(prefix: &Prefix, key: &dyn Encode) -> Output {
    let mut bytes = Output::new();
    bytes.put(prefix);
    key.encode_to(&mut bytes);
    if bytes.as_slice().len() > LONGEST_KEY {
        let hash = crate::env::blake2b(bytes.as_slice());
        bytes.truncate(prefix.len());
        bytes.put(&hash)
    }
    bytes
}

/// What is in a slot, appended to `out`; false if it is absent.
#[inline(never)]
fn load(prefix: &Prefix, key: &dyn Encode, out: &mut Output) -> bool {
    let slot = slot(prefix, key);
    let key = slot.as_slice();
    let get = |at: *mut u8, room: usize| unsafe {
        host::az_get(key.as_ptr(), key.len() as u64, at, room as u64)
    };
    let at = out.reserve(SHORT_VALUE);
    let length = get(at, SHORT_VALUE);
    if length == ABSENT {
        return false;
    }
    out.truncate(0);
    let length = length as usize;
    let at = out.reserve(length);
    if length > SHORT_VALUE {
        get(at, length);
    }
    true
}

// Functions that know nothing of a key's type, and of a value's only what they must: one of each is
// in the program, however many fields there are.
#[inline(never)]
fn read<T: Decode>(prefix: &Prefix, key: &dyn Encode) -> Option<T> {
    let mut bytes = Output::new();
    if !load(prefix, key, &mut bytes) {
        return None;
    }
    // what this contract has written decodes; anything else is a bug that must not go unseen
    Some(decode_all(bytes.as_slice()).expect("stored value"))
}

#[inline(never)]
fn write(prefix: &Prefix, key: &dyn Encode, value: &dyn Encode) {
    let slot = slot(prefix, key);
    let value = Output::of(value);
    let (key, value) = (slot.as_slice(), value.as_slice());
    unsafe {
        host::az_set(key.as_ptr(), key.len() as u64, value.as_ptr(), value.len() as u64);
    }
}

#[inline(never)]
fn delete(prefix: &Prefix, key: &dyn Encode) -> bool {
    let slot = slot(prefix, key);
    let key = slot.as_slice();
    unsafe { host::az_delete(key.as_ptr(), key.len() as u64) == 1 }
}

#[inline(never)]
fn exists(prefix: &Prefix, key: &dyn Encode) -> bool {
    let slot = slot(prefix, key);
    let key = slot.as_slice();
    let none = core::ptr::null_mut();
    unsafe { host::az_get(key.as_ptr(), key.len() as u64, none, 0) != ABSENT }
}

/// The slot behind `behind` (the first one, where that is empty) of those that begin with `prefix`.
#[inline(never)]
fn following(prefix: &[u8], behind: &[u8], out: &mut Output) -> bool {
    out.truncate(0);
    let at = out.reserve(LONGEST_KEY);
    // address 0: there is none to be behind
    let from = if behind.is_empty() { 0 } else { behind.as_ptr() as u64 };
    let block = [
        prefix.as_ptr() as u64,
        prefix.len() as u64,
        from,
        behind.len() as u64,
        at as u64,
        LONGEST_KEY as u64,
    ];
    let length = unsafe { host::az_next(block.as_ptr().cast()) };
    if length == ABSENT {
        return false;
    }
    // no slot is longer
    out.truncate(length as usize);
    true
}

/// Keys of a map, each found when it is asked for: what is removed or inserted meanwhile behind the last one
/// is seen. Each costs a host call.
pub struct Keys<K> {
    prefix: Output,
    last: Output,
    next: Output,
    kind: PhantomData<K>,
}

impl<K: Decode> Iterator for Keys<K> {
    type Item = K;

    #[inline]
    fn next(&mut self) -> Option<K> {
        if !following(self.prefix.as_slice(), self.last.as_slice(), &mut self.next) {
            return None;
        }
        core::mem::swap(&mut self.last, &mut self.next);
        let key = &self.last.as_slice()[core::mem::size_of::<Prefix>()..];
        // what this contract has inserted decodes, but for keys so long that their hash was
        Some(decode_all(key).expect("stored key"))
    }
}

/// One value, absent until it is set.
pub struct Value<T> {
    prefix: Prefix,
    kind: PhantomData<T>,
}

impl<T: Encode + Decode> Value<T> {
    #[doc(hidden)]
    pub const fn at(prefix: Prefix) -> Self {
        Value { prefix, kind: PhantomData }
    }
    #[inline]
    pub fn get(&self) -> Option<T> {
        read(&self.prefix, &())
    }
    #[inline]
    pub fn get_or_default(&self) -> T
    where
        T: Default,
    {
        self.get().unwrap_or_default()
    }
    #[inline]
    pub fn set(&mut self, value: &T) {
        write(&self.prefix, &(), value)
    }
    /// Was there a value.
    #[inline]
    pub fn remove(&mut self) -> bool {
        delete(&self.prefix, &())
    }
}

/// Values by key, each absent until it is set.
pub struct Map<K, V> {
    prefix: Prefix,
    kind: PhantomData<(K, V)>,
}

impl<K: Encode, V: Encode + Decode> Map<K, V> {
    #[doc(hidden)]
    pub const fn at(prefix: Prefix) -> Self {
        Map { prefix, kind: PhantomData }
    }
    #[inline]
    pub fn get(&self, key: &K) -> Option<V> {
        read(&self.prefix, key)
    }
    #[inline]
    pub fn get_or_default(&self, key: &K) -> V
    where
        V: Default,
    {
        self.get(key).unwrap_or_default()
    }
    #[inline]
    pub fn insert(&mut self, key: &K, value: &V) {
        write(&self.prefix, key, value)
    }
    /// Was there a value.
    #[inline]
    pub fn remove(&mut self, key: &K) -> bool {
        delete(&self.prefix, key)
    }
    #[inline]
    pub fn contains(&self, key: &K) -> bool {
        exists(&self.prefix, key)
    }
    /// All keys, in the order of their SCALE bytes, which is that of numbers only up to 255.
    ///
    /// Traps at a key of more than 252 bytes: of such ones only the hash is kept.
    #[inline]
    pub fn keys(&self) -> Keys<K> {
        self.keys_with(&())
    }
    /// The keys that begin with the SCALE bytes of `first`, such as the first part of a tuple.
    #[inline]
    pub fn keys_with(&self, first: &impl Encode) -> Keys<K> {
        let mut prefix = Output::new();
        prefix.put(&self.prefix);
        first.encode_to(&mut prefix);
        Keys { prefix, last: Output::new(), next: Output::new(), kind: PhantomData }
    }
    /// The keys behind `key`, which need not be there: for lists that are read page by page.
    #[inline]
    pub fn keys_behind(&self, key: &K) -> Keys<K> {
        let mut keys = self.keys();
        keys.last = slot(&self.prefix, key);
        keys
    }
}
