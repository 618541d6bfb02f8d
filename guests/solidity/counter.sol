// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

contract Counter {
    uint256 public count;
    address public immutable owner;

    error NotOwner(address caller);
    event Counted(address indexed by, uint256 count);

    constructor(uint256 first) {
        count = first;
        owner = msg.sender;
    }

    function increment(uint256 by) external returns (uint256) {
        count += by;
        emit Counted(msg.sender, count);
        return count;
    }

    function reset() external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        count = 0;
    }
}
