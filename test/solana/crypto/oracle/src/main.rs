use solana_address::Address;
use solana_bls12_381_syscall as bls;
use solana_bn254::compression::prelude as bc;
use solana_bn254::versioned as bn;
use solana_curve25519::{edwards, ristretto, scalar::PodScalar};
use std::io::{self, BufRead, Write};

fn h(s: &str) -> Vec<u8> {
    if s == "-" {
        vec![]
    } else {
        hex::decode(s).unwrap()
    }
}
fn o(b: &[u8]) -> String {
    if b.is_empty() {
        "-".into()
    } else {
        hex::encode(b)
    }
}
fn a<const N: usize>(s: &str) -> [u8; N] {
    h(s).try_into().unwrap()
}
fn opt<T: AsRef<[u8]>>(v: Option<T>) -> String {
    match v {
        Some(x) => format!("ok {}", o(x.as_ref())),
        None => "err".into(),
    }
}
fn chunks<const N: usize>(s: &str) -> Vec<[u8; N]> {
    h(s).chunks(N).map(|c| c.try_into().unwrap()).collect()
}

fn run(f: &[&str]) -> String {
    match f[0] {
        "verify2" => {
            use ed2::{Signature, VerifyingKey};
            let sig = Signature::from_bytes(&a::<64>(f[1]));
            match VerifyingKey::from_bytes(&a::<32>(f[3])) {
                Err(_) => "badKey".into(),
                Ok(k) => {
                    if k.verify_strict(&h(f[2]), &sig).is_ok() {
                        "ok".into()
                    } else {
                        "badSignature".into()
                    }
                }
            }
        }
        "verify1" => {
            use ed1::ed25519::signature::Signature;
            use ed1::PublicKey;
            let Ok(sig) = ed1::Signature::from_bytes(&h(f[1])) else {
                return "badSignature".into();
            };
            match PublicKey::from_bytes(&h(f[3])) {
                Err(_) => "badKey".into(),
                Ok(k) => {
                    if k.verify_strict(&h(f[2]), &sig).is_ok() {
                        "ok".into()
                    } else {
                        "badSignature".into()
                    }
                }
            }
        }
        "oncurve" => Address::new_from_array(a::<32>(f[1]))
            .is_on_curve()
            .to_string(),
        "create" => {
            let seeds: Vec<Vec<u8>> = f[2..].iter().map(|s| h(s)).collect();
            let s: Vec<&[u8]> = seeds.iter().map(|s| s.as_slice()).collect();
            match Address::create_program_address(&s, &Address::new_from_array(a::<32>(f[1]))) {
                Ok(x) => format!("ok {}", o(x.as_ref())),
                Err(e) => format!("{:?}", e),
            }
        }
        "find" => {
            let seeds: Vec<Vec<u8>> = f[2..].iter().map(|s| h(s)).collect();
            let s: Vec<&[u8]> = seeds.iter().map(|s| s.as_slice()).collect();
            match Address::try_find_program_address(&s, &Address::new_from_array(a::<32>(f[1]))) {
                Some((x, b)) => format!("ok {} {}", o(x.as_ref()), b),
                None => "err".into(),
            }
        }
        "precompile" => {
            let all = agave_feature_set::FeatureSet::all_enabled();
            let data = h(f[2]);
            let datas: Vec<Vec<u8>> = f[3..].iter().map(|s| h(s)).collect();
            let d: Vec<&[u8]> = datas.iter().map(|s| s.as_slice()).collect();
            let r = match f[1] {
                "ed25519" => agave_precompiles::ed25519::verify(&data, &d, &all),
                "secp256k1" => agave_precompiles::secp256k1::verify(&data, &d, &all),
                _ => agave_precompiles::secp256r1::verify(&data, &d, &all),
            };
            match r {
                Ok(()) => "ok".into(),
                Err(e) => format!("{:?}", e),
            }
        }
        "ed_validate" => edwards::validate_edwards(&edwards::PodEdwardsPoint(a(f[1]))).to_string(),
        "ed_add" => opt(edwards::add_edwards(
            &edwards::PodEdwardsPoint(a(f[1])),
            &edwards::PodEdwardsPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ed_sub" => opt(edwards::subtract_edwards(
            &edwards::PodEdwardsPoint(a(f[1])),
            &edwards::PodEdwardsPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ed_mul" => opt(edwards::multiply_edwards(
            &PodScalar(a(f[1])),
            &edwards::PodEdwardsPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ed_msm" => {
            let s: Vec<_> = chunks::<32>(f[1]).into_iter().map(PodScalar).collect();
            let p: Vec<_> = chunks::<32>(f[2])
                .into_iter()
                .map(edwards::PodEdwardsPoint)
                .collect();
            opt(edwards::multiscalar_multiply_edwards(&s, &p).map(|p| p.0))
        }
        "ri_validate" => {
            ristretto::validate_ristretto(&ristretto::PodRistrettoPoint(a(f[1]))).to_string()
        }
        "ri_add" => opt(ristretto::add_ristretto(
            &ristretto::PodRistrettoPoint(a(f[1])),
            &ristretto::PodRistrettoPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ri_sub" => opt(ristretto::subtract_ristretto(
            &ristretto::PodRistrettoPoint(a(f[1])),
            &ristretto::PodRistrettoPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ri_mul" => opt(ristretto::multiply_ristretto(
            &PodScalar(a(f[1])),
            &ristretto::PodRistrettoPoint(a(f[2])),
        )
        .map(|p| p.0)),
        "ri_msm" => {
            let s: Vec<_> = chunks::<32>(f[1]).into_iter().map(PodScalar).collect();
            let p: Vec<_> = chunks::<32>(f[2])
                .into_iter()
                .map(ristretto::PodRistrettoPoint)
                .collect();
            opt(ristretto::multiscalar_multiply_ristretto(&s, &p).map(|p| p.0))
        }
        "recover" => {
            let m = libsecp256k1::Message::parse_slice(&h(f[1])).unwrap();
            let id: u64 = f[2].parse().unwrap();
            let Ok(id8) = u8::try_from(id) else {
                return "2".into();
            };
            let Ok(id) = libsecp256k1::RecoveryId::parse(id8) else {
                return "2".into();
            };
            let Ok(sig) = libsecp256k1::Signature::parse_standard_slice(&h(f[3])) else {
                return "3".into();
            };
            match libsecp256k1::recover(&m, &sig, &id) {
                Ok(k) => format!("ok {}", o(&k.serialize()[1..65])),
                Err(_) => "3".into(),
            }
        }
        "bn" => {
            let input = h(f[2]);
            use bn::Endianness::*;
            let r = match f[1].parse::<u64>().unwrap() {
                0 => bn::alt_bn128_versioned_g1_addition(bn::VersionedG1Addition::V0, &input, BE),
                0x80 => {
                    bn::alt_bn128_versioned_g1_addition(bn::VersionedG1Addition::V0, &input, LE)
                }
                4 => bn::alt_bn128_versioned_g2_addition(bn::VersionedG2Addition::V0, &input, BE),
                0x84 => {
                    bn::alt_bn128_versioned_g2_addition(bn::VersionedG2Addition::V0, &input, LE)
                }
                2 => bn::alt_bn128_versioned_g1_multiplication(
                    bn::VersionedG1Multiplication::V1,
                    &input,
                    BE,
                ),
                0x82 => bn::alt_bn128_versioned_g1_multiplication(
                    bn::VersionedG1Multiplication::V1,
                    &input,
                    LE,
                ),
                6 => bn::alt_bn128_versioned_g2_multiplication(
                    bn::VersionedG2Multiplication::V0,
                    &input,
                    BE,
                ),
                0x86 => bn::alt_bn128_versioned_g2_multiplication(
                    bn::VersionedG2Multiplication::V0,
                    &input,
                    LE,
                ),
                3 => bn::alt_bn128_versioned_pairing(bn::VersionedPairing::V1, &input, BE),
                0x83 => bn::alt_bn128_versioned_pairing(bn::VersionedPairing::V1, &input, LE),
                _ => return "bad op".into(),
            };
            opt(r.ok())
        }
        "bc" => {
            let input = h(f[2]);
            match f[1].parse::<u64>().unwrap() {
                0 => opt(bc::alt_bn128_g1_compress_be(&input).ok()),
                0x80 => opt(bc::alt_bn128_g1_compress_le(&input).ok()),
                1 => opt(bc::alt_bn128_g1_decompress_be(&input).ok()),
                0x81 => opt(bc::alt_bn128_g1_decompress_le(&input).ok()),
                2 => opt(bc::alt_bn128_g2_compress_be(&input).ok()),
                0x82 => opt(bc::alt_bn128_g2_compress_le(&input).ok()),
                3 => opt(bc::alt_bn128_g2_decompress_be(&input).ok()),
                0x83 => opt(bc::alt_bn128_g2_decompress_le(&input).ok()),
                _ => "bad op".into(),
            }
        }
        "poseidon" => {
            let e = if f[1] == "0" {
                solana_poseidon::Endianness::BigEndian
            } else {
                solana_poseidon::Endianness::LittleEndian
            };
            let v: Vec<Vec<u8>> = f[3..].iter().map(|s| h(s)).collect();
            let v: Vec<&[u8]> = v.iter().map(|s| s.as_slice()).collect();
            let p = solana_poseidon::Parameters::Bn254X5;
            let r = if f[2] == "1" {
                solana_poseidon::hashv(p, e, &v)
            } else {
                solana_poseidon::legacy::hashv(p, e, &v)
            };
            opt(r.ok().map(|x| x.to_bytes()))
        }
        "g1" | "g2" => {
            let e = if f[2] == "be" {
                bls::Endianness::BE
            } else {
                bls::Endianness::LE
            };
            let v = bls::Version::V0;
            if f[0] == "g1" {
                match f[1] {
                    "validate" => {
                        bls::bls12_381_g1_point_validation(v, &bls::PodG1Point(a(f[3])), e)
                            .to_string()
                    }
                    "add" => opt(bls::bls12_381_g1_addition_unchecked(
                        v,
                        &bls::PodG1Point(a(f[3])),
                        &bls::PodG1Point(a(f[4])),
                        e,
                    )
                    .map(|p| p.0)),
                    "sub" => opt(bls::bls12_381_g1_subtraction_unchecked(
                        v,
                        &bls::PodG1Point(a(f[3])),
                        &bls::PodG1Point(a(f[4])),
                        e,
                    )
                    .map(|p| p.0)),
                    "mul" => opt(bls::bls12_381_g1_multiplication(
                        v,
                        &bls::PodG1Point(a(f[4])),
                        &bls::PodScalar(a(f[3])),
                        e,
                    )
                    .map(|p| p.0)),
                    _ => opt(
                        bls::bls12_381_g1_decompress(v, &bls::PodG1Compressed(a(f[3])), e)
                            .map(|p| p.0),
                    ),
                }
            } else {
                match f[1] {
                    "validate" => {
                        bls::bls12_381_g2_point_validation(v, &bls::PodG2Point(a(f[3])), e)
                            .to_string()
                    }
                    "add" => opt(bls::bls12_381_g2_addition_unchecked(
                        v,
                        &bls::PodG2Point(a(f[3])),
                        &bls::PodG2Point(a(f[4])),
                        e,
                    )
                    .map(|p| p.0)),
                    "sub" => opt(bls::bls12_381_g2_subtraction_unchecked(
                        v,
                        &bls::PodG2Point(a(f[3])),
                        &bls::PodG2Point(a(f[4])),
                        e,
                    )
                    .map(|p| p.0)),
                    "mul" => opt(bls::bls12_381_g2_multiplication(
                        v,
                        &bls::PodG2Point(a(f[4])),
                        &bls::PodScalar(a(f[3])),
                        e,
                    )
                    .map(|p| p.0)),
                    _ => opt(
                        bls::bls12_381_g2_decompress(v, &bls::PodG2Compressed(a(f[3])), e)
                            .map(|p| p.0),
                    ),
                }
            }
        }
        "pairing" => {
            let e = if f[1] == "be" {
                bls::Endianness::BE
            } else {
                bls::Endianness::LE
            };
            let p: Vec<_> = chunks::<96>(f[2])
                .into_iter()
                .map(bls::PodG1Point)
                .collect();
            let q: Vec<_> = chunks::<192>(f[3])
                .into_iter()
                .map(bls::PodG2Point)
                .collect();
            opt(bls::bls12_381_pairing_map(bls::Version::V0, &p, &q, e).map(|g| g.0.to_vec()))
        }
        _ => "unknown".into(),
    }
}

fn main() {
    let out = io::stdout();
    let mut out = io::BufWriter::new(out.lock());
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let f: Vec<&str> = line.split(' ').collect();
        writeln!(out, "{}", run(&f)).unwrap();
    }
}
