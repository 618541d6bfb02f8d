// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// Payable entries, strings and structs in storage, receive and fallback.
contract Vault {
    struct Deposit {
        uint128 amount;
        uint64 height;
        string note;
    }

    mapping(address => Deposit[]) private deposits;
    uint256 public total;

    function deposit(string calldata note) external payable returns (uint256 index) {
        require(msg.value > 0, "nothing");
        index = deposits[msg.sender].length;
        deposits[msg.sender].push(Deposit(uint128(msg.value), uint64(block.number), note));
        total += msg.value;
    }

    function noteOf(address who, uint256 index) external view returns (string memory, uint128) {
        Deposit storage found = deposits[who][index];
        return (found.note, found.amount);
    }

    receive() external payable {
        total += msg.value;
    }

    fallback(bytes calldata data) external returns (bytes memory) {
        return abi.encode(keccak256(data));
    }
}
