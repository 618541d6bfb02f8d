//! What is written is read back, by one encoding only; what is no encoding is refused.

use alcatraz_contract::codec::{decode_all, encode_length, Decode, Encode, Input, Output};
use std::fmt::Debug;

fn same<T: Encode + Decode + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(Output::of(&value).as_slice(), bytes);
    assert_eq!(decode_all::<T>(bytes), Some(value));
    for end in 0..bytes.len() {
        assert_eq!(decode_all::<T>(&bytes[..end]), None, "{end} of {bytes:?}");
    }
    let longer = [bytes, &[0]].concat();
    assert_eq!(decode_all::<T>(&longer), None);
}

#[test]
fn values_are_read_as_they_were_written() {
    same(0x0102u16, &[2, 1]);
    same(-2i32, &[0xfe, 0xff, 0xff, 0xff]);
    same(1u128 << 120, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    same(true, &[1]);
    same(String::from("hé"), &[12, b'h', 0xc3, 0xa9]);
    same(vec![1u16, 2], &[8, 1, 0, 2, 0]);
    same(Some(7u8), &[1, 7]);
    same::<Option<u8>>(None, &[0]);
    same::<Result<u8, u16>>(Ok(7), &[0, 7]);
    same::<Result<u8, u16>>(Err(7), &[1, 7, 0]);
    same([1u8, 2, 3], &[1, 2, 3]);
    same((1u8, (2u16, false)), &[1, 2, 0, 0]);
}

#[test]
fn a_length_has_its_shortest_form() {
    for length in [0usize, 63, 64, 0x3fff, 0x4000, (1 << 30) - 1] {
        let mut out = Output::new();
        encode_length(length, &mut out);
        let mut input = Input::new(out.as_slice());
        assert_eq!(input.length(), Some(length));
        assert!(input.is_empty());
    }
    for longer in [&[1u8, 0][..], &[2, 0, 0, 0], &[0xfd, 0], &[3, 0, 0, 0, 64], &[]] {
        assert_eq!(Input::new(longer).length(), None, "{longer:?}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    assert_eq!(decode_all::<bool>(&[2]), None);
    assert_eq!(decode_all::<Option<u8>>(&[2, 0]), None);
    assert_eq!(decode_all::<Result<u8, u8>>(&[2, 0]), None);
    assert_eq!(decode_all::<String>(&[4, 0xff]), None);
    // a length that promises more than there is sets no room aside
    assert_eq!(decode_all::<Vec<u64>>(&[0xfe, 0xff, 0xff, 0xff]), None);
}

#[test]
fn output_grows_and_forgets() {
    let mut out = Output::new();
    assert_eq!(out.as_slice(), []);
    for byte in 0..=255 {
        out.push(byte)
    }
    out.extend(&[7; 1000]);
    assert_eq!(out.as_slice().len(), 1256);
    assert_eq!(out.as_slice()[255..257], [255, 7]);
    out.truncate(2000);
    assert_eq!(out.as_slice().len(), 1256);
    out.truncate(2);
    assert_eq!(out.as_slice(), [0, 1]);
}
