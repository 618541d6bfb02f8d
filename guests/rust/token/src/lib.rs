//! A fungible token.
#![no_std]

#[alcatraz_contract::contract]
pub mod token {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Token {
        supply: Value<u64>,
        balances: Map<Address, u64>,
        allowances: Map<(Address, Address), u64>,
    }

    #[event]
    pub struct Transfer {
        /// Nobody, zeros, where the supply begins.
        #[topic]
        pub from: Address,
        #[topic]
        pub to: Address,
        pub amount: u64,
    }

    #[event]
    pub struct Approval {
        #[topic]
        pub owner: Address,
        #[topic]
        pub spender: Address,
        pub amount: u64,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Error {
        /// The balance is less than the amount.
        TooLittle,
        /// The allowance is less than the amount.
        NotAllowed,
    }

    impl Token {
        /// All of `supply` belongs to who deploys.
        #[constructor]
        pub fn new(&mut self, supply: u64) {
            let owner = env::caller();
            self.supply.set(&supply);
            self.balances.insert(&owner, &supply);
            env::emit(&Transfer { from: Address::default(), to: owner, amount: supply });
        }

        #[message]
        pub fn total_supply(&self) -> u64 {
            self.supply.get_or_default()
        }

        #[message]
        pub fn balance_of(&self, owner: Address) -> u64 {
            self.balances.get_or_default(&owner)
        }

        #[message]
        pub fn allowance(&self, owner: Address, spender: Address) -> u64 {
            self.allowances.get_or_default(&(owner, spender))
        }

        /// Moves what is the caller's.
        #[message]
        pub fn transfer(&mut self, to: Address, amount: u64) -> Result<(), Error> {
            self.move_from(env::caller(), to, amount)
        }

        /// Lets `spender` move up to `amount` of what is the caller's.
        #[message]
        pub fn approve(&mut self, spender: Address, amount: u64) {
            let owner = env::caller();
            self.allowances.insert(&(owner, spender), &amount);
            env::emit(&Approval { owner, spender, amount });
        }

        /// Moves what `owner` has allowed the caller to move.
        #[message]
        pub fn transfer_from(
            &mut self,
            owner: Address,
            to: Address,
            amount: u64,
        ) -> Result<(), Error> {
            let key = (owner, env::caller());
            let allowed = self.allowances.get_or_default(&key);
            if allowed < amount {
                return Err(Error::NotAllowed);
            }
            self.allowances.insert(&key, &(allowed - amount));
            self.move_from(owner, to, amount)
        }

        fn move_from(&mut self, from: Address, to: Address, amount: u64) -> Result<(), Error> {
            let have = self.balances.get_or_default(&from);
            if have < amount {
                return Err(Error::TooLittle);
            }
            self.balances.insert(&from, &(have - amount));
            // read after the write, so that a transfer to oneself adds to what was taken
            let had = self.balances.get_or_default(&to);
            self.balances.insert(&to, &(had + amount));
            env::emit(&Transfer { from, to, amount });
            Ok(())
        }
    }
}
