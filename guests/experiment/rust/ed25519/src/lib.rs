//! Signs 64 octets by Ed25519 (RFC 8032) and verifies the signature, with the crates of dalek; n times, the last
//! signature being the next message. A signature with one bit changed must not pass.
#![no_std]

use curve25519_dalek::{EdwardsPoint, Scalar, edwards::CompressedEdwardsY};
use ed25519_dalek::{Signer, SigningKey};
use guest::{guest, mix};
use sha2::{Digest, Sha512};

struct Memory {
    message: [u8; 64],
}

/// SHA-512 of both points and the message, as a scalar.
#[inline(never)]
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8; 64]) -> Scalar {
    Scalar::from_hash(Sha512::new().chain_update(r).chain_update(key).chain_update(message))
}

/// s * base point - k * key. A function of its own for the size of its frame: verifying as the crate has it takes more
/// than Solana's 4096 bytes.
#[inline(never)]
fn commitment(k: &Scalar, key: &EdwardsPoint, s: &Scalar) -> EdwardsPoint {
    EdwardsPoint::vartime_double_scalar_mul_basepoint(k, key, s)
}

#[inline(never)]
fn decompress(key: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*key).decompress().map(|point| -point)
}

#[inline(never)]
fn equals(point: &EdwardsPoint, r: &[u8; 32]) -> bool {
    point.compress().as_bytes() == r
}

/// RFC 8032, 5.1.7, without cofactors.
fn verify(key: &[u8; 32], message: &[u8; 64], signature: &[u8; 64]) -> bool {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    r.copy_from_slice(&signature[..32]);
    s.copy_from_slice(&signature[32..]);
    let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else {
        return false;
    };
    let Some(point) = decompress(key) else {
        return false;
    };
    equals(&commitment(&challenge(&r, key, message), &point, &s), &r)
}

/// ~0 if a signature is not what it should be.
fn work(memory: &mut Memory, n: u64) -> u64 {
    let mut sum = 0;
    memory.message = [7; 64];
    let secret = SigningKey::from_bytes(&[42; 32]);
    let key = secret.verifying_key().to_bytes();
    for round in 0..n {
        let mut signature = secret.sign(&memory.message).to_bytes();
        if !verify(&key, &memory.message, &signature) {
            return u64::MAX;
        }
        signature[(round & 31) as usize] ^= 1;
        if verify(&key, &memory.message, &signature) {
            return u64::MAX;
        }
        signature[(round & 31) as usize] ^= 1;
        memory.message = signature;
        for at in (0..64).step_by(8) {
            let word = signature[at..at + 8].iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
            sum = mix(sum, word);
        }
    }
    sum
}

guest!(Memory, work);
