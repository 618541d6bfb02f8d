//! Storage of a contract: values and maps under keys of their own, read and written one by one.

use crate::codec::{decode_all, Decode, Encode};
use crate::host;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// First bytes of a field's keys: the start of the BLAKE2b of its name.
pub type Prefix = [u8; 4];

/// Longest key as it is; a longer one is prefix and BLAKE2b.
const LONGEST_KEY: usize = 256;
/// Values up to this size are read with one host call.
const SHORT_VALUE: usize = 128;
/// `az_get`'s answer for a slot that is absent.
const ABSENT: u64 = u64::MAX;

fn read<T: Decode>(key: &[u8]) -> Option<T> {
    let mut short = [0u8; SHORT_VALUE];
    let length = unsafe {
        host::az_get(key.as_ptr(), key.len() as u64, short.as_mut_ptr(), SHORT_VALUE as u64)
    };
    if length == ABSENT {
        return None;
    }
    let length = length as usize;
    // what this contract has written decodes; anything else is a bug that must not go unseen
    if length <= SHORT_VALUE {
        return Some(decode_all(&short[..length]).expect("stored value"));
    }
    let mut long = Vec::with_capacity(length);
    unsafe {
        host::az_get(key.as_ptr(), key.len() as u64, long.as_mut_ptr(), length as u64);
        long.set_len(length);
    }
    Some(decode_all(&long).expect("stored value"))
}

fn write<T: Encode + ?Sized>(key: &[u8], value: &T) {
    let mut bytes = Vec::new();
    value.encode_to(&mut bytes);
    unsafe {
        host::az_set(key.as_ptr(), key.len() as u64, bytes.as_ptr(), bytes.len() as u64);
    }
}

fn remove(key: &[u8]) -> bool {
    unsafe { host::az_delete(key.as_ptr(), key.len() as u64) == 1 }
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
        read(&self.prefix)
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
        write(&self.prefix, value)
    }
    /// Was there a value.
    #[inline]
    pub fn remove(&mut self) -> bool {
        remove(&self.prefix)
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

    fn key(&self, key: &K) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&self.prefix);
        key.encode_to(&mut bytes);
        if bytes.len() > LONGEST_KEY {
            let hash = crate::env::blake2b(&bytes);
            bytes.truncate(self.prefix.len());
            bytes.extend_from_slice(&hash)
        }
        bytes
    }
    #[inline]
    pub fn get(&self, key: &K) -> Option<V> {
        read(&self.key(key))
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
        write(&self.key(key), value)
    }
    /// Was there a value.
    #[inline]
    pub fn remove(&mut self, key: &K) -> bool {
        remove(&self.key(key))
    }
    #[inline]
    pub fn contains(&self, key: &K) -> bool {
        let key = self.key(key);
        let none = core::ptr::null_mut();
        unsafe { host::az_get(key.as_ptr(), key.len() as u64, none, 0) != ABSENT }
    }
}
