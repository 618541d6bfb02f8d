// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// Loops, hashing, signed and unsigned arithmetic, memory and calldata: nothing is stored.
contract Work {
    function sum(uint256 n) external pure returns (uint256 total) {
        for (uint256 i = 1; i <= n; i++) total += i * i;
    }

    function fibonacci(uint256 n) external pure returns (uint256 a) {
        uint256 b = 1;
        unchecked {
            for (uint256 i = 0; i < n; i++) (a, b) = (b, a + b);
        }
    }

    function hashes(bytes32 seed, uint256 n) external pure returns (bytes32 h) {
        h = seed;
        for (uint256 i = 0; i < n; i++) h = keccak256(abi.encodePacked(h, i));
    }

    function sieve(uint256 n) external pure returns (uint256 count) {
        bool[] memory composite = new bool[](n);
        for (uint256 i = 2; i < n; i++) {
            if (composite[i]) continue;
            count++;
            for (uint256 j = i * i; j < n; j += i) composite[j] = true;
        }
    }

    function reverse(bytes calldata text) external pure returns (bytes memory out) {
        out = new bytes(text.length);
        for (uint256 i = 0; i < text.length; i++) out[i] = text[text.length - 1 - i];
    }

    function divide(int256 a, int256 b) external pure returns (int256, int256) {
        return (a / b, a % b);
    }

    function power(uint256 base, uint256 exponent, uint256 modulus) external pure returns (uint256 r) {
        r = 1;
        while (exponent > 0) {
            if (exponent & 1 == 1) r = mulmod(r, base, modulus);
            base = mulmod(base, base, modulus);
            exponent >>= 1;
        }
    }
}
